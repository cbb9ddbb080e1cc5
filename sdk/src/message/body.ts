import type { InputType } from 'node:zlib'
import { zlib } from '../builtins.ts'
import { clientError, describe, type FeatherMQError } from '../errors.ts'
import type { ReceivedFields } from './received.ts'

/** The readable body, or why there is none. */
export type Body = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly error: FeatherMQError }

const GZIP = [0x1f, 0x8b]
const ZLIB = 0x78

/** The body when nothing has to be done for it, so that the usual message costs no promise; undefined when it must be inflated. */
export function plainBody(fields: ReceivedFields): Body | undefined {
  if (!fields.intact) return { ok: false, error: corrupted(fields, 'it does not match its digest') }
  return fields.encoding === 'identity' ? { ok: true, bytes: fields.body } : undefined
}

/**
 * Inflates the body off the event loop. Which compression it is shows in its first bytes: the protocol says GZIP, while older producers mean zlib by it.
 * Never rejects; a body that would grow over `most` bytes is given up before it takes them.
 */
export function inflatedBody(fields: ReceivedFields, most: number): Promise<Body> {
  const inflater = inflaterOf(fields.body)
  if (inflater === undefined) return Promise.resolve({ ok: false, error: corrupted(fields, 'its compression is neither gzip nor zlib') })
  return new Promise((resolve) => {
    inflater(fields.body, { maxOutputLength: most }, (error, bytes) => {
      if (error === null) resolve({ ok: true, bytes })
      else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') resolve({ ok: false, error: tooLarge(fields, most) })
      else resolve({ ok: false, error: corrupted(fields, `it cannot be decompressed: ${describe(error)}`, error) })
    })
  })
}

type Inflater = (bytes: InputType, options: { maxOutputLength: number }, done: (error: Error | null, bytes: Buffer) => void) => void

function inflaterOf(body: Uint8Array): Inflater | undefined {
  if (body[0] === GZIP[0] && body[1] === GZIP[1]) return zlib().gunzip
  // RFC 1950: method 8 with window 7, and the first two bytes a multiple of 31.
  if (body[0] === ZLIB && ((body[0] << 8) | (body[1] ?? 0)) % 31 === 0) return zlib().inflate
  return undefined
}

function corrupted({ topic, messageId }: ReceivedFields, why: string, cause?: unknown): FeatherMQError {
  return clientError('BODY_CORRUPTED', `the body of message ${messageId} of topic ${topic} cannot be read: ${why}`, { topic, cause })
}

function tooLarge({ topic, messageId }: ReceivedFields, most: number): FeatherMQError {
  return clientError('BODY_TOO_LARGE', `the body of message ${messageId} of topic ${topic} has more than ${most} bytes once decompressed`, { topic })
}
