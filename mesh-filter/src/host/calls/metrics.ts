import { metricType, status } from '../codes.ts'
import type { Guest } from '../guest.ts'
import type { WasmFunction } from '../web-assembly.ts'
import { badMemory, badNumber, type Words } from './answers.ts'

export function metricFunctions(guest: Guest): Record<string, Words> {
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

/** Those with a 64-bit argument. */
export function countingFunctions(guest: Guest): Record<string, WasmFunction> {
  return {
    proxy_increment_metric(id, offset) {
      guest.enter('proxy_increment_metric')
      return badMetric(guest, Number(id) >>> 0, guest.metricIds.increment(Number(id) >>> 0, Number(offset)))
    },
    proxy_record_metric(id, value) {
      guest.enter('proxy_record_metric')
      return badMetric(guest, Number(id) >>> 0, guest.metricIds.record(Number(id) >>> 0, Number(BigInt.asUintN(64, BigInt(value ?? 0)))))
    },
  }
}

function badMetric(guest: Guest, id: number, answer: number): number {
  if (answer !== status.ok) {
    guest.fault('argument', answer === status.notFound ? `there is no metric ${id}` : `metric ${id} cannot do that, or not with this number`)
  }
  return answer
}
