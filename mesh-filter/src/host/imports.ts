// Everything that Envoy links to a module, with the answers of proxy-wasm-cpp-host (exports.cc) and Envoy (context.cc).
import { wasiModules } from './abi.ts'
import { badMemory, badNumber, guarded, nanoseconds, point, type Words } from './calls/answers.ts'
import { bufferFunctions } from './calls/buffers.ts'
import { dataFunctions } from './calls/data.ts'
import { headerFunctions } from './calls/headers.ts'
import { countingFunctions, metricFunctions } from './calls/metrics.ts'
import { streamFunctions } from './calls/streams.ts'
import { wasiFunctions } from './calls/wasi.ts'
import { logLevels, status } from './codes.ts'
import type { Guest } from './guest.ts'
import type { WasmFunction, WasmImports } from './web-assembly.ts'

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
    pthread_equal: (left, right) => (left === right ? 1 : 0),
    emscripten_notify_memory_growth: () => 0,
  }
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

function envFunctions(guest: Guest): Record<string, WasmFunction> {
  const words = {
    ...headerFunctions(guest),
    ...bufferFunctions(guest),
    ...streamFunctions(guest),
    ...metricFunctions(guest),
    ...dataFunctions(guest),
    ...otherFunctions(guest),
  }
  const all: Record<string, WasmFunction> = countingFunctions(guest)
  for (const [name, answer] of Object.entries(words)) all[name] = guarded(guest, name, answer)
  for (const name of unsupported) {
    all[name] = guarded(guest, name, () => {
      guest.fault('unsupported', `this host does not play ${name}`)
      return status.unimplemented
    })
  }
  return all
}

export function importsFor(guest: Guest): WasmImports {
  const wasi = wasiFunctions(guest)
  return { env: envFunctions(guest), ...Object.fromEntries(wasiModules.map((name) => [name, wasi])) }
}
