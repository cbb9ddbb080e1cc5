// Header maps (Context::getMap and its users in Envoy's context.cc).
import { map, status } from '../codes.ts'
import type { Guest } from '../guest.ts'
import { type HeaderMap, headerProblem } from '../header-map.ts'
import { pairsSize, readPairs, writePairs } from '../pairs.ts'
import { badMemory, badNumber, giveText, point, type Words } from './answers.ts'

const mapNames = ['request headers', 'request trailers', 'response headers', 'response trailers']

function nameOf(type: number): string {
  return mapNames[type] ?? `map ${type}`
}

function noMap(guest: Guest, type: number): number {
  guest.fault('phase', `there are no ${nameOf(type)} here`)
  return status.badArgument
}

export function headerFunctions(guest: Guest): Record<string, Words> {
  const check = (name: string, value: string): void => {
    const problem = headerProblem(name, value)
    if (problem !== undefined) guest.fault('protocol', problem)
  }
  const change = (type: number, apply: (headers: HeaderMap) => void): number => {
    const headers = guest.context.writableMap(type)
    if (headers === undefined) return noMap(guest, type)
    apply(headers)
    if (guest.context.mapChanged(type) === 'too-late') {
      guest.fault('too-late', `the ${nameOf(type)} have been passed on already, so nobody will see this change`)
    }
    return status.ok
  }
  type Place = readonly [key: number, keyLength: number, value: number, valueLength: number]
  const write = (type: number, place: Place, apply: (headers: HeaderMap, name: string, value: string) => void): number => {
    const [key, keyLength, value, valueLength] = place
    if (type > map.last) return badNumber(guest, 'header map', type)
    if (!guest.memory.has(key, keyLength) || !guest.memory.has(value, valueLength)) return badMemory(guest, 'the name or the value')
    const name = guest.memory.text(key, keyLength)
    const text = guest.memory.text(value, valueLength)
    check(name, text)
    return change(type, (headers) => apply(headers, name, text))
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
    proxy_add_header_map_value: (type, key, keyLength, value, valueLength) =>
      write(type, [key, keyLength, value, valueLength], (headers, name, text) => headers.add(name, text)),
    proxy_replace_header_map_value: (type, key, keyLength, value, valueLength) =>
      write(type, [key, keyLength, value, valueLength], (headers, name, text) => headers.replace(name, text)),
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
        for (const [name, value] of pairs?.toList() ?? []) {
          check(name, value)
          headers.add(name, value)
        }
      })
    },
  }
}
