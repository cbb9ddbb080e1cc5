import { describe } from '../errors.ts'

/** Request header in which a consumer says why it gives a message back or up. FeatherMQ brokers keep it for the dead letter; stock servers ignore it. */
export const consumerErrorHeader = 'x-feathermq-error'

/** Bytes of the header's value. */
const LONGEST = 1_024
/** What a header may have as it is; the rest, and the sign of the encoding itself, is percent-encoded UTF-8. */
const plain = /^[\x20-\x24\x26-\x7e]$/

/** The header for what went wrong, cut between two characters where it is too long; none where nothing is said. */
export function consumerError(said: string | undefined): readonly (readonly [name: string, value: string])[] | undefined {
  let value = ''
  for (const character of (said ?? '').trim()) {
    const encoded = plain.test(character) ? character : percent(character)
    if (value.length + encoded.length > LONGEST) break
    value += encoded
  }
  // Blanks at the end of a header's value do not travel.
  value = value.trimEnd()
  return value === '' ? undefined : [[consumerErrorHeader, value]]
}

/** What a handler threw, in words: the name of its class where that says something. */
export function saidBy(error: unknown): string {
  return error instanceof Error && error.name !== 'Error' && error.name !== '' ? `${error.name}: ${describe(error)}` : describe(error)
}

function percent(character: string): string {
  let encoded = ''
  for (const byte of Buffer.from(character, 'utf8')) encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return encoded
}
