import type { Fault } from '../faults.ts'
import { WasmHost, type WasmHostOptions } from '../host.ts'
import type { Plugin } from '../plugin.ts'
import type { WasmVm } from '../vm.ts'
import { puppet, Script } from './puppet.ts'

/** A puppet at work. */
export interface Stage {
  readonly host: WasmHost
  readonly vm: WasmVm
  readonly plugin: Plugin
  /** What the host answered to each call, in order, since the last look. */
  answers(): number[]
  /** What the puppet has read (`log_answer`), since the last look. */
  texts(): string[]
  /** Kinds of the faults so far. */
  faultKinds(): Fault['kind'][]
}

export async function stage(write: (script: Script) => void, options: WasmHostOptions = {}): Promise<Stage> {
  const host = await WasmHost.load(await puppet(), options)
  const script = new Script()
  write(script)
  const vm = host.startVm()
  const plugin = vm.startPlugin({ configuration: script.configuration })
  const taken = { debug: 0, info: 0 }
  const messages = (level: 'debug' | 'info') => {
    const all = host.log.filter((line) => line.level === level).map(({ message }) => message)
    const fresh = all.slice(taken[level])
    taken[level] = all.length
    return fresh
  }
  return {
    host,
    vm,
    plugin,
    answers: () => messages('debug').map(Number),
    texts: () => messages('info'),
    faultKinds: () => host.faults.map(({ kind }) => kind),
  }
}
