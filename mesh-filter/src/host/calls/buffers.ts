// Bodies and configurations (Context::getBuffer and Buffer::copyFrom in Envoy's context.cc).
import type { BodyBuffer } from '../body-buffer.ts'
import { buffer, status } from '../codes.ts'
import type { Guest } from '../guest.ts'
import { badMemory, badNumber, give, point, type Words } from './answers.ts'

export function bufferFunctions(guest: Guest): Record<string, Words> {
  const bodyOf = (type: number): BodyBuffer | undefined => {
    const direction = type === buffer.requestBody ? 'request' : 'response'
    const body = guest.context.body(direction)
    if (body === undefined) guest.fault('phase', `there is no ${direction} body to be seen here`)
    return body
  }
  const read = (bytes: Uint8Array, start: number, length: number, pointer: number, sizePointer: number): number => {
    if (start > bytes.length) guest.fault('argument', `reads at ${start} of a buffer of ${bytes.length} bytes`)
    const from = Math.min(start, bytes.length)
    return give(guest, bytes, from, Math.min(from + length, bytes.length), pointer, sizePointer)
  }
  return {
    proxy_get_buffer_bytes(type, start, length, pointer, sizePointer) {
      if (type > buffer.last) return badNumber(guest, 'buffer', type)
      if (type === buffer.pluginConfiguration) {
        const configuration = guest.context.root?.visibleConfiguration
        if (configuration !== undefined) return read(configuration, start, length, pointer, sizePointer)
        guest.fault('phase', 'the configuration can be read in proxy_on_configure only')
        return status.notFound
      }
      if (type === buffer.vmConfiguration) return read(guest.vmConfiguration, start, length, pointer, sizePointer)
      if (type === buffer.requestBody || type === buffer.responseBody) {
        const body = bodyOf(type)
        return body === undefined ? point(guest, 0, 0, pointer, sizePointer) : read(body.bytes(), start, length, pointer, sizePointer)
      }
      guest.fault('phase', `there is no buffer ${type} for HTTP streams`)
      return type === buffer.callBody ? status.notFound : point(guest, 0, 0, pointer, sizePointer)
    },
    proxy_get_buffer_status(type, lengthPointer, flagsPointer) {
      if (type > buffer.last) return badNumber(guest, 'buffer', type)
      if (type !== buffer.requestBody && type !== buffer.responseBody) {
        guest.fault('unsupported', `buffer ${type}`)
        return status.notFound
      }
      return point(guest, bodyOf(type)?.length ?? 0, 0, lengthPointer, flagsPointer)
    },
    // Envoy can put bytes before a body, after it, or in place of its beginning.
    proxy_set_buffer_bytes(type, start, length, at, size) {
      if (type > buffer.last) return badNumber(guest, 'buffer', type)
      if (type !== buffer.requestBody && type !== buffer.responseBody) return badNumber(guest, 'writable buffer', type)
      if (!guest.memory.has(at, size)) return badMemory(guest, 'the data')
      const body = bodyOf(type)
      if (body === undefined) return status.badArgument
      const data = guest.memory.copy(at, size)
      if (start === 0) body.replace(Buffer.concat([data, body.bytes().subarray(length)]))
      else if (start >= body.length) body.append(data)
      else {
        guest.fault('argument', `Envoy cannot replace bytes in the middle of a body (start ${start} of ${body.length})`)
        return status.badArgument
      }
      return status.ok
    },
  }
}
