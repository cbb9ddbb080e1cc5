import { FrameReader } from '../frame-reader.ts'
import { HpackDecoder } from '../hpack/decoder.ts'
import { type ErrorCode, errorCodes, errorName, flag, frameType, LARGEST_MAX_FRAME, PREFACE } from '../protocol.ts'

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly id: number
  readonly payload: Buffer
}

const NOTHING = new Uint8Array(0)

/** The bytes of one frame, right or wrong (RFC 9113, 4.1). */
export function frame(type: number, flags = 0, id = 0, payload: Uint8Array = NOTHING): Buffer {
  const bytes = Buffer.alloc(9 + payload.length)
  bytes.writeUIntBE(payload.length, 0, 3)
  bytes[3] = type
  bytes[4] = flags
  bytes.writeUInt32BE(id, 5)
  bytes.set(payload, 9)
  return bytes
}

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
  return bytes
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[] = [], flags = 0): Buffer {
  const payload = Buffer.alloc(settings.length * 6)
  for (const [index, [id, value]] of settings.entries()) {
    payload.writeUInt16BE(id, index * 6)
    payload.writeUInt32BE(value, index * 6 + 2)
  }
  return frame(frameType.settings, flags, 0, payload)
}

export const settingsAck = (): Buffer => settingsFrame([], flag.ack)
export const rstStream = (id: number, code: ErrorCode = 'CANCEL'): Buffer => frame(frameType.rstStream, 0, id, uint32(errorCodes.indexOf(code)))
export const windowUpdate = (id: number, increment: number): Buffer => frame(frameType.windowUpdate, 0, id, uint32(increment))
export const ping = (flags = 0, payload: Uint8Array = Buffer.from('8 octets')): Buffer => frame(frameType.ping, flags, 0, payload)
export const priority = (id: number, on = 0): Buffer => frame(frameType.priority, 0, id, Buffer.concat([uint32(on), Buffer.of(16)]))
export const data = (id: number, payload: Uint8Array, end = false): Buffer => frame(frameType.data, end ? flag.endStream : 0, id, payload)

export function goaway(lastStream: number, code: ErrorCode = 'NO_ERROR', debug = ''): Buffer {
  return frame(frameType.goaway, 0, 0, Buffer.concat([uint32(lastStream, errorCodes.indexOf(code)), Buffer.from(debug)]))
}

/** A length-prefixed message (gRPC over HTTP/2), whose prefix may claim another length. */
export function message(body: Uint8Array, flags = 0, length: number = body.length): Buffer {
  return Buffer.concat([Buffer.of(flags), uint32(length), body])
}

/** Literal fields without indexing, without Huffman (RFC 7541, 6.2.2). */
export function block(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]))
}

function text(value: string): Buffer {
  const octets = Buffer.from(value, 'latin1')
  return Buffer.concat([integer(octets.length), octets])
}

/** RFC 7541, 5.1, with a prefix of seven bits. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.of(value)
  const octets = [127]
  let rest = value - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) | 128)
  octets.push(rest)
  return Buffer.from(octets)
}

export const requestFields = (path: string): readonly (readonly [string, string])[] => [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', path],
  [':authority', 'localhost'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
]

export interface HeadersOptions {
  readonly end?: boolean
  readonly endHeaders?: boolean
}

export function headers(id: number, fields: Uint8Array | readonly (readonly [string, string])[], options: HeadersOptions = {}): Buffer {
  const payload = fields instanceof Uint8Array ? fields : block(fields)
  const flags = (options.end === true ? flag.endStream : 0) | (options.endHeaders === false ? 0 : flag.endHeaders)
  return frame(frameType.headers, flags, id, payload)
}

export const continuation = (id: number, payload: Uint8Array, endHeaders = false): Buffer =>
  frame(frameType.continuation, endHeaders ? flag.endHeaders : 0, id, payload)

/** What a client begins with. */
export const greeting = (settings: readonly (readonly [id: number, value: number])[] = []): Buffer =>
  Buffer.concat([PREFACE, settingsFrame(settings)])

/** The frames in bytes that one end has sent; `preface`: it was a client. */
export function framesIn(bytes: Uint8Array, preface = false): Frame[] {
  const frames: Frame[] = []
  const reader = new FrameReader(
    {
      onFrame(type, flags, id, buffer, start, end) {
        frames.push({ type, flags, id, payload: Buffer.from(buffer.subarray(start, end)) })
        return true
      },
    },
    LARGEST_MAX_FRAME,
  )
  reader.push(Buffer.from(bytes.subarray(preface ? PREFACE.length : 0)))
  return frames
}

const names = Object.entries(frameType)

/** A line for each frame, for comparing: `HEADERS 1 END_STREAM`, `GOAWAY PROTOCOL_ERROR`. */
export function describeFrame({ type, flags, id, payload }: Frame): string {
  const name = names.find(([, number]) => number === type)?.[0] ?? `type ${type}`
  const parts = [name, ...(id === 0 ? [] : [String(id)])]
  switch (type) {
    case frameType.data:
      parts.push(`${payload.length} bytes`)
      break
    case frameType.goaway:
      parts.push(errorName(payload.readUInt32BE(4)))
      break
    case frameType.rstStream:
      parts.push(errorName(payload.readUInt32BE(0)))
      break
    case frameType.windowUpdate:
      parts.push(`+${payload.readUInt32BE(0)}`)
      break
    default:
  }
  if (type === frameType.data || type === frameType.headers) {
    if ((flags & flag.endStream) !== 0) parts.push('end')
  } else if ((type === frameType.settings || type === frameType.ping) && (flags & flag.ack) !== 0) parts.push('ack')
  return parts.join(' ')
}

/** Reads the header blocks of one end in their order. */
export class BlockReader {
  readonly #decoder = new HpackDecoder({ maxListBytes: 1_000_000, maxFields: 10_000 })

  read({ payload }: Frame): Record<string, string> {
    const flat: string[] = []
    this.#decoder.decode(payload, 0, payload.length, flat)
    const fields: Record<string, string> = {}
    for (let at = 0; at < flat.length; at += 2) fields[flat[at] as string] = flat[at + 1] as string
    return fields
  }
}
