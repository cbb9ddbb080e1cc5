/** Request header in which a consumer says why it gives a message back or up; a stock client sends none. Percent-encoded UTF-8. */
export const consumerErrorHeader = 'x-feathermq-error'

/** Bytes that are kept of it. */
const LONGEST = 1_024
// biome-ignore lint/suspicious/noControlCharactersInRegex: those that no property may have
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]+/g

/**
 * What the consumer says went wrong: at most 1 KiB, the rest is cut, without control characters, which no property may have. It is taken as it is where it
 * is no percent-encoding: a message is not kept from where it goes by what is said about it.
 */
export function consumerError({ headers }: { readonly headers: { get(name: string): string | undefined } }): string | undefined {
  const sent = headers.get(consumerErrorHeader)
  if (sent === undefined || sent === '') return undefined
  const text = decoded(sent).replace(CONTROLS, ' ')
  if (Buffer.byteLength(text) <= LONGEST) return text
  // The decoder keeps the beginning of a character that is cut for what might follow.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, LONGEST), { stream: true })
}

function decoded(sent: string): string {
  try {
    return decodeURIComponent(sent)
  } catch {
    return sent
  }
}
