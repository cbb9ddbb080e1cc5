import type { Code, StatusInit } from '@feathermq/protocol'

/** A status of the protocol. The text of success is `OK`, as a stock server writes it. */
export function status(code: Code, message?: string): StatusInit {
  return { code, message: message ?? (code === 'OK' ? 'OK' : code) }
}

/** The status over several entries: their common one, or MULTIPLE_RESULTS when they differ. */
export function overall(entries: readonly { readonly status: StatusInit }[]): StatusInit {
  const first = entries[0]?.status
  if (first === undefined) return status('OK')
  return entries.every((entry) => entry.status.code === first.code) ? first : status('MULTIPLE_RESULTS')
}
