/** The admin API could not be reached, or refused. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
}

/** Why fetch failed; its own message never says. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause as { readonly code?: string; readonly message?: string } | undefined
  return cause?.code ?? cause?.message ?? error.message
}

/** One call of a broker's admin API. @throws {AdminError} */
export async function callAdmin(base: string, method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
  const url = `${base.includes('://') ? base : `http://${base}`}`.replace(/\/$/, '') + path
  const noBroker = (instead: string): AdminError =>
    new AdminError(`${url} is no FeatherMQ broker: it answered ${instead}. Use the HTTP port (default 8082), not the gRPC port.`)
  let response: Response
  try {
    response = await fetch(url, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(10_000),
    })
  } catch (error) {
    const reason = reasonOf(error)
    if (reason.startsWith('HPE_')) throw noBroker('no HTTP/1.1')
    throw new AdminError(
      `no broker answers at ${url} (${reason}). Start one with "feathermq serve", or name its HTTP address with --admin or FEATHERMQ_ADMIN.`,
    )
  }
  const text = await response.text()
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    throw noBroker(`${response.status} and no JSON`)
  }
  if (!response.ok) throw new AdminError((answer as { error?: string }).error ?? `${url} answered ${response.status}`)
  return answer
}
