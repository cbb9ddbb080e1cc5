// The functions of module `env`, with the answers of proxy-wasm-cpp-host (exports.cc) and of Envoy's part of it (context.cc).
import type { BodyBuffer } from './body-buffer.ts'
import { buffer, logLevels, map, metricType, status, streamType } from './codes.ts'
import type { Guest } from './guest.ts'
import { HeaderMap } from './header-map.ts'
import { pairsSize, readPairs, writePairs } from './pairs.ts'
import type { WasmFunction } from './web-assembly.ts'

type Words = (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => number

const noGrpcStatus = 16

/** Gives `size` bytes to the filter through two of its pointers. */
export function give(guest: Guest, bytes: Uint8Array, start: number, end: number, pointer: number, sizePointer: number): number {
  let at = 0
  if (end > start) {
    const allocated = guest.allocate(end - start)
    if (allocated === undefined) return status.invalidMemoryAccess
    guest.memory.set(allocated, bytes, start, end)
    at = allocated
  }
  return point(guest, at, end - start, pointer, sizePointer)
}

function giveText(guest: Guest, text: string, pointer: number, sizePointer: number): number {
  let at = 0
  if (text.length > 0) {
    const allocated = guest.allocate(text.length)
    if (allocated === undefined) return status.invalidMemoryAccess
    guest.memory.setText(allocated, text)
    at = allocated
  }
  return point(guest, at, text.length, pointer, sizePointer)
}

function point(guest: Guest, at: number, size: number, pointer: number, sizePointer: number): number {
  if (guest.memory.setU32(pointer, at) && guest.memory.setU32(sizePointer, size)) return status.ok
  return badMemory(guest, 'where the answer shall go')
}

function badMemory(guest: Guest, what: string): number {
  guest.fault('memory', `${what} is outside of the memory (${guest.memory.size} bytes)`)
  return status.invalidMemoryAccess
}

const mapNames = ['request headers', 'request trailers', 'response headers', 'response trailers']

function nameOf(type: number): string {
  return mapNames[type] ?? `map ${type}`
}

function noMap(guest: Guest, type: number): number {
  guest.fault('phase', `there are no ${nameOf(type)} here`)
  return status.badArgument
}

function badNumber(guest: Guest, what: string, value: number): number {
  guest.fault('argument', `there is no ${what} ${value}`)
  return status.badArgument
}

function headerFunctions(guest: Guest): Record<string, Words> {
  const change = (type: number, apply: (headers: HeaderMap) => void): number => {
    const headers = guest.context.writableMap(type)
    if (headers === undefined) return noMap(guest, type)
    apply(headers)
    if (guest.context.mapChanged(type) === 'too-late') {
      guest.fault('too-late', `the ${nameOf(type)} have been passed on already, so nobody will see this change`)
    }
    return status.ok
  }
  return {
    proxy_get_header_map_value(type, key, keyLength, pointer, sizePointer) {
      if (type > map.last) return badNumber(guest, 'header map', type)
      if (!guest.memory.has(key, keyLength)) return badMemory(guest, 'the name')
      const headers = guest.context.readableMap(type)
      if (headers === undefined) return guest.context.isLogging ? status.notFound : noMap(guest, type)
      const value = headers.get(guest.memory.text(key, keyLength))
      return value === undefined ? status.notFound : giveText(guest, value, pointer, sizePointer)
    },
    proxy_get_header_map_pairs(type, pointer, sizePointer) {
      if (type > map.last) return badNumber(guest, 'header map', type)
      const headers = guest.context.readableMap(type)
      // The real host answers Ok with nothing here, where every other function refuses.
      if (headers === undefined && !guest.context.isLogging) noMap(guest, type)
      if (headers === undefined || headers.size === 0) return point(guest, 0, 0, pointer, sizePointer)
      const size = pairsSize(headers)
      const at = guest.allocate(size)
      if (at === undefined) return status.invalidMemoryAccess
      writePairs(guest.memory, at, headers)
      return point(guest, at, size, pointer, sizePointer)
    },
    proxy_get_header_map_size(type, pointer) {
      if (type > map.last) return badNumber(guest, 'header map', type)
      const headers = guest.context.writableMap(type)
      if (headers === undefined) return noMap(guest, type)
      return guest.memory.setU32(pointer, headers.byteSize) ? status.ok : badMemory(guest, 'where the size shall go')
    },
    proxy_add_header_map_value(type, key, keyLength, value, valueLength) {
      if (type > map.last) return badNumber(guest, 'header map', type)
      if (!guest.memory.has(key, keyLength) || !guest.memory.has(value, valueLength)) return badMemory(guest, 'the name or the value')
      return change(type, (headers) => headers.add(guest.memory.text(key, keyLength), guest.memory.text(value, valueLength)))
    },
    proxy_replace_header_map_value(type, key, keyLength, value, valueLength) {
      if (type > map.last) return badNumber(guest, 'header map', type)
      if (!guest.memory.has(key, keyLength) || !guest.memory.has(value, valueLength)) return badMemory(guest, 'the name or the value')
      return change(type, (headers) => headers.replace(guest.memory.text(key, keyLength), guest.memory.text(value, valueLength)))
    },
    proxy_remove_header_map_value(type, key, keyLength) {
      if (type > map.last) return badNumber(guest, 'header map', type)
      if (!guest.memory.has(key, keyLength)) return badMemory(guest, 'the name')
      return change(type, (headers) => headers.remove(guest.memory.text(key, keyLength)))
    },
    proxy_set_header_map_pairs(type, at, length) {
      if (type > map.last) return badNumber(guest, 'header map', type)
      if (!guest.memory.has(at, length)) return badMemory(guest, 'the pairs')
      const pairs = readPairs(guest.memory, at, length)
      if (pairs === undefined) guest.fault('argument', 'the pairs are not well-formed, so the map is emptied')
      return change(type, (headers) => {
        headers.clear()
        if (pairs !== undefined) for (const [name, value] of pairs.toList()) headers.add(name, value)
      })
    },
  }
}

function bufferFunctions(guest: Guest): Record<string, Words> {
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
      guest.fault('unsupported', `buffer ${type}`)
      return status.notFound
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

function streamFunctions(guest: Guest): Record<string, Words> {
  return {
    proxy_continue_stream(type) {
      if (type > streamType.last) return badNumber(guest, 'stream', type)
      if (type !== streamType.request && type !== streamType.response) return noStream(guest, status.unimplemented)
      const { stream } = guest.context
      if (stream === undefined) return noStream(guest, status.ok)
      stream.resume(type === streamType.request ? 'request' : 'response')
      return status.ok
    },
    proxy_close_stream(type) {
      if (type > streamType.last) return badNumber(guest, 'stream', type)
      const { stream } = guest.context
      if (stream === undefined || type > streamType.response) return noStream(guest, status.ok)
      guest.afterCall(() => stream.close())
      return status.ok
    },
    proxy_send_local_response(httpStatus, details, detailsLength, body, bodyLength, headers, headersLength, grpcStatus) {
      const { memory } = guest
      if (!memory.has(details, detailsLength) || !memory.has(body, bodyLength) || !memory.has(headers, headersLength)) {
        return badMemory(guest, 'the details, the body or the headers')
      }
      const added = readPairs(memory, headers, headersLength)
      if (added === undefined) guest.fault('argument', 'the additional headers are not well-formed, so there are none')
      const answer = {
        httpStatus,
        grpcStatus: grpcStatus <= noGrpcStatus ? grpcStatus : undefined,
        // Spaces would break the columns of access logs (StringUtil::replaceAllEmptySpace).
        details: memory.text(details, detailsLength).replace(/\s/g, '_'),
        body: memory.copy(body, bodyLength),
        headers: added ?? new HeaderMap(),
      }
      guest.stopNextIteration = true
      const { stream } = guest.context
      if (stream === undefined) return noStream(guest, status.ok)
      guest.afterCall(() => stream.answer(answer))
      return status.ok
    },
    proxy_set_effective_context(id) {
      return guest.actAs(id) ? status.ok : badNumber(guest, 'context', id)
    },
    proxy_done() {
      return guest.context.root?.done() === true ? status.ok : status.notFound
    },
    proxy_call_foreign_function(name, nameLength, argument, argumentLength, pointer, sizePointer) {
      const { memory } = guest
      if (!memory.has(name, nameLength) || !memory.has(argument, argumentLength)) return badMemory(guest, 'the name or the argument')
      const called = memory.text(name, nameLength)
      if (called !== 'clear_route_cache') {
        guest.fault('unsupported', `foreign function "${called}"`)
        return status.notFound
      }
      guest.context.stream?.clearRouteCache()
      if (pointer !== 0 && !memory.setU32(pointer, 0)) return badMemory(guest, 'where the result shall go')
      if (sizePointer !== 0 && !memory.setU32(sizePointer, 0)) return badMemory(guest, 'where the size shall go')
      return status.ok
    },
  }
}

function noStream(guest: Guest, answer: number): number {
  guest.fault('phase', 'this context is no HTTP stream, so nothing happens')
  return answer
}

function metricFunctions(guest: Guest): Record<string, Words> {
  return {
    proxy_define_metric(type, name, nameLength, idPointer) {
      if (type > metricType.last) return badNumber(guest, 'type of metric', type)
      if (!guest.memory.has(name, nameLength)) return badMemory(guest, 'the name')
      const id = guest.metricIds.define(type === 0 ? 0 : type === 1 ? 1 : 2, guest.memory.text(name, nameLength))
      return guest.memory.setU32(idPointer, id) ? status.ok : badMemory(guest, 'where the id shall go')
    },
    proxy_get_metric(id, pointer) {
      const found = guest.metricIds.get(id)
      if ('status' in found) return badMetric(guest, id, found.status)
      return guest.memory.setU64(pointer, BigInt(found.value)) ? status.ok : badMemory(guest, 'where the value shall go')
    },
  }
}

function badMetric(guest: Guest, id: number, answer: number): number {
  if (answer !== status.ok) {
    guest.fault('argument', answer === status.notFound ? `there is no metric ${id}` : `metric ${id} cannot do that, or not with this number`)
  }
  return answer
}

function otherFunctions(guest: Guest): Record<string, Words> {
  const { services } = guest
  return {
    proxy_log(level, message, length) {
      const name = logLevels[level]
      if (name === undefined) return badNumber(guest, 'log level', level)
      if (!guest.memory.has(message, length)) return badMemory(guest, 'the message')
      services.log({ level: name, message: guest.memory.utf8(message, length), from: 'filter' })
      return status.ok
    },
    proxy_get_log_level: (pointer) => (guest.memory.setU32(pointer, 2) ? status.ok : badMemory(guest, 'where the level shall go')),
    proxy_get_status: (codePointer, pointer, sizePointer) =>
      guest.memory.setU32(codePointer, 0) ? point(guest, 0, 0, pointer, sizePointer) : badMemory(guest, 'where the code shall go'),
    proxy_get_current_time_nanoseconds: (pointer) =>
      guest.memory.setU64(pointer, nanoseconds(services.now())) ? status.ok : badMemory(guest, 'where the time shall go'),
    proxy_set_tick_period_milliseconds(period) {
      guest.context.root?.setTickPeriod(period)
      return status.ok
    },
    proxy_get_property(path, pathLength, pointer, sizePointer) {
      if (!guest.memory.has(path, pathLength)) return badMemory(guest, 'the path')
      const parts = guest.memory.text(path, pathLength).split('\0')
      if (parts.at(-1) === '') parts.pop()
      const value = guest.context.property(parts)
      return value === undefined ? status.notFound : give(guest, value, 0, value.length, pointer, sizePointer)
    },
    proxy_set_property(path, pathLength, value, valueLength) {
      if (!guest.memory.has(path, pathLength) || !guest.memory.has(value, valueLength)) return badMemory(guest, 'the path or the value')
      const { stream } = guest.context
      if (stream === undefined) return noStream(guest, status.notFound)
      stream.setProperty(guest.memory.text(path, pathLength), guest.memory.text(value, valueLength))
      return status.ok
    },
    proxy_get_shared_data(key, keyLength, pointer, sizePointer, casPointer) {
      if (!guest.memory.has(key, keyLength)) return badMemory(guest, 'the key')
      const found = services.shared.get(guest.vmId, guest.memory.text(key, keyLength))
      if (found === undefined) return status.notFound
      const given = give(guest, found.value, 0, found.value.length, pointer, sizePointer)
      if (given !== status.ok) return given
      return guest.memory.setU32(casPointer, found.cas) ? status.ok : badMemory(guest, 'where the version shall go')
    },
    proxy_set_shared_data(key, keyLength, value, valueLength, cas) {
      if (!guest.memory.has(key, keyLength) || !guest.memory.has(value, valueLength)) return badMemory(guest, 'the key or the value')
      return services.shared.set(guest.vmId, guest.memory.text(key, keyLength), guest.memory.copy(value, valueLength), cas)
    },
    pthread_equal: (left, right) => (left === right ? 1 : 0),
    emscripten_notify_memory_growth: () => 0,
  }
}

export function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * 1000n
}

// Calls to other services, and queues between VMs. The filter that this host was made for has no use for them.
const unsupported = [
  'proxy_register_shared_queue',
  'proxy_resolve_shared_queue',
  'proxy_enqueue_shared_queue',
  'proxy_dequeue_shared_queue',
  'proxy_http_call',
  'proxy_grpc_call',
  'proxy_grpc_stream',
  'proxy_grpc_send',
  'proxy_grpc_close',
  'proxy_grpc_cancel',
]

/** Arguments arrive signed; pointers and lengths are not. */
export function guarded(guest: Guest, name: string, answer: Words): WasmFunction {
  return (a, b, c, d, e, f, g, h) => {
    guest.enter(name)
    return answer(word(a), word(b), word(c), word(d), word(e), word(f), word(g), word(h))
  }
}

function word(value: number | bigint | undefined): number {
  return typeof value === 'number' ? value >>> 0 : 0
}

export function envFunctions(guest: Guest): Record<string, WasmFunction> {
  const all: Record<string, WasmFunction> = {
    proxy_increment_metric(id, offset) {
      guest.enter('proxy_increment_metric')
      return badMetric(guest, Number(id) >>> 0, guest.metricIds.increment(Number(id) >>> 0, Number(offset)))
    },
    proxy_record_metric(id, value) {
      guest.enter('proxy_record_metric')
      return badMetric(guest, Number(id) >>> 0, guest.metricIds.record(Number(id) >>> 0, Number(BigInt.asUintN(64, BigInt(value ?? 0)))))
    },
  }
  const words = {
    ...headerFunctions(guest),
    ...bufferFunctions(guest),
    ...streamFunctions(guest),
    ...metricFunctions(guest),
    ...otherFunctions(guest),
  }
  for (const [name, answer] of Object.entries(words)) all[name] = guarded(guest, name, answer)
  for (const name of unsupported) {
    all[name] = guarded(guest, name, () => {
      guest.fault('unsupported', `this host does not play ${name}`)
      return status.unimplemented
    })
  }
  return all
}
