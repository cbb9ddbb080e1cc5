// Properties ("attributes") that a filter can read: the host's own, and those that the test gives. Envoy computes its own with
// CEL; what is here is the part that can be told from what a stream of this host knows.
import type { HeaderMap } from './header-map.ts'
import type { PropertyValue } from './services.ts'

/** Numbers as Envoy's serializeValue writes int64 and uint64: eight bytes, little-endian. */
export function encodeProperty(value: PropertyValue): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value)
  if (typeof value === 'boolean') return Buffer.from([value ? 1 : 0])
  if (value instanceof Uint8Array) return value
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)))
  return bytes
}

export interface RequestFacts {
  /** Undefined once the filter has let go of them. */
  readonly headers: HeaderMap | undefined
  /** Bytes of body that have come, also those that the filter has not seen. */
  readonly received: number
}

/** `request.<name>`. */
export function requestProperty(path: readonly string[], { headers, received }: RequestFacts): PropertyValue | undefined {
  const [name, header] = path
  switch (name) {
    case 'total_size':
      return received + (headers?.byteSize ?? 0)
    case 'size':
      return Number(headers?.get('content-length') ?? received)
    case 'path':
      return headers?.get(':path')
    case 'url_path':
      return headers?.get(':path')?.replace(/\?.*$/s, '')
    case 'host':
      return headers?.get(':authority')
    case 'method':
      return headers?.get(':method')
    case 'scheme':
      return headers?.get(':scheme')
    case 'headers':
      return header === undefined ? undefined : headers?.get(header)
    default:
      return undefined
  }
}
