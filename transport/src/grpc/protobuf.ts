/** Bytes that are no protobuf message. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}

/** One field of a message: a number for varints (its low 32 bits) and fixed ones (0), bytes for what has a length. */
export interface WireField {
  readonly number: number
  readonly value: number
  /** A view. */
  readonly bytes: Uint8Array | undefined
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The fields of a message in their order (protobuf encoding). The few small messages of health and reflection are read by this; it is no codec.
 *
 * @throws {ProtobufError}
 */
export function* wireFields(bytes: Uint8Array): Generator<WireField> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at]
      if (byte === undefined) throw new ProtobufError('the message ends inside of a number')
      at += 1
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new ProtobufError('a number of more than ten bytes')
  }
  const skip = (count: number): number => {
    if (count > bytes.length - at) throw new ProtobufError('the message ends inside of a field')
    at += count
    return at
  }
  while (at < bytes.length) {
    const tag = varint()
    const number = tag >>> 3
    if (number === 0) throw new ProtobufError('a field without a number')
    switch (tag & 7) {
      case 0:
        yield { number, value: varint(), bytes: undefined }
        break
      case 1:
        skip(8)
        yield { number, value: 0, bytes: undefined }
        break
      case 2: {
        const length = varint()
        const end = skip(length)
        yield { number, value: 0, bytes: bytes.subarray(end - length, end) }
        break
      }
      case 5:
        skip(4)
        yield { number, value: 0, bytes: undefined }
        break
      default:
        throw new ProtobufError(`wire type ${tag & 7}, which proto3 does not have`)
    }
  }
}

/** @throws {ProtobufError} for what is no UTF-8. */
export function utf8(bytes: Uint8Array | undefined): string {
  try {
    return bytes === undefined ? '' : strictUtf8.decode(bytes)
  } catch (cause) {
    throw new ProtobufError('a text that is no UTF-8', { cause })
  }
}

/** The last value of a text field, `''` when there is none. @throws {ProtobufError} */
export function textField(bytes: Uint8Array, number: number): string {
  let last: Uint8Array | undefined
  for (const field of wireFields(bytes)) if (field.number === number && field.bytes !== undefined) last = field.bytes
  return utf8(last)
}

function varintBytes(value: number): number[] {
  const octets: number[] = []
  let rest = value >>> 0
  while (rest > 0x7f) {
    octets.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  octets.push(rest)
  return octets
}

/** A varint field, 0 to 2^32-1; 0 is written too. */
export function writeNumber(field: number, value: number): Buffer {
  return Buffer.from([...varintBytes(field << 3), ...varintBytes(value)])
}

/** A field with a length: text, bytes, or the parts of a nested message. */
export function writeBytes(field: number, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const content = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))
  const length = content.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.from([...varintBytes((field << 3) | 2), ...varintBytes(length)]), ...content])
}
