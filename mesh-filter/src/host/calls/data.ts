// Properties, and the data that VMs share.
import { status } from '../codes.ts'
import type { Guest } from '../guest.ts'
import { badMemory, give, noStream, type Words } from './answers.ts'

export function dataFunctions(guest: Guest): Record<string, Words> {
  const { shared } = guest.services
  return {
    proxy_get_property(path, pathLength, pointer, sizePointer) {
      if (!guest.memory.has(path, pathLength)) return badMemory(guest, 'the path')
      const parts = guest.memory.text(path, pathLength).split('\0')
      if (parts.at(-1) === '') parts.pop()
      if (parts.length === 0) return status.serializationFailure
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
      const found = shared.get(guest.vmId, guest.memory.text(key, keyLength))
      if (found === undefined) return status.notFound
      const given = give(guest, found.value, 0, found.value.length, pointer, sizePointer)
      if (given !== status.ok) return given
      return guest.memory.setU32(casPointer, found.cas) ? status.ok : badMemory(guest, 'where the version shall go')
    },
    proxy_set_shared_data(key, keyLength, value, valueLength, cas) {
      if (!guest.memory.has(key, keyLength) || !guest.memory.has(value, valueLength)) return badMemory(guest, 'the key or the value')
      return shared.set(guest.vmId, guest.memory.text(key, keyLength), guest.memory.copy(value, valueLength), cas)
    },
  }
}
