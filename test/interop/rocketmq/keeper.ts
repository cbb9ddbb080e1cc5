import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment } from '../../support/child.ts'

/** What the keeper is told, and what it answers. */
export interface KeeperOrder {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Where its output goes. */
  readonly output: string
}
export type KeeperReport =
  | { readonly what: 'started'; readonly name: string; readonly pid: number; readonly startedAt: number }
  | { readonly what: 'ended'; readonly name: string; readonly how: string }

/** A program that the keeper runs. */
export interface Kept {
  readonly name: string
  readonly pid: number
  /** Ms since the epoch. */
  readonly startedAt: number
}

/**
 * Runs programs that are in no hurry to end, in a temporary folder. `support/child.ts` ends what it started when this process exits; that is not enough
 * for half a gigabyte of JVMs: a process that is killed runs no code of its own any more, and the folder would stay as well.
 */
export class Keeper {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'feathermq-rocketmq-'))
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #ended = new Map<string, string>()
  readonly #watchers = new Set<(report: KeeperReport) => void>()

  constructor() {
    const program = fileURLToPath(new URL('keeper-process.ts', import.meta.url))
    this.#process = spawn(process.execPath, ['--import', 'tsx', program, this.folder], {
      env: cleanEnvironment(),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true,
    })
    this.#exited = once(this.#process, 'exit')
    this.#process.on('message', (report: KeeperReport) => {
      if (report.what === 'ended') this.#ended.set(report.name, report.how)
      for (const watcher of this.#watchers) watcher(report)
    })
  }

  /** @throws an Error when it cannot be started. */
  start(name: string, command: string, args: readonly string[]): Promise<Kept> {
    const env = cleanEnvironment({ ROCKETMQ_HOME: this.folder })
    return new Promise((resolve, reject) => {
      const watcher = (report: KeeperReport) => {
        if (report.name !== name) return
        this.#watchers.delete(watcher)
        if (report.what === 'started') resolve(report)
        else reject(this.#endedEarly(name))
      }
      this.#watchers.add(watcher)
      const order: KeeperOrder = { name, command, args, env, output: this.#output(name) }
      this.#process.send(order)
    })
  }

  /** Resolves when a program ends. */
  ended(name: string): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.add((report) => {
        if (report.name === name && report.what === 'ended') resolve()
      })
    })
  }

  /** @throws an Error that quotes its output when a program has ended that nobody stopped. */
  check(): void {
    const [name] = this.#ended.keys()
    if (name !== undefined) throw this.#endedEarly(name)
  }

  /** The end of what a program wrote. */
  tail(name: string): string {
    return readFileSync(this.#output(name), 'utf8').split('\n').slice(-30).join('\n')
  }

  /** Ends all programs and removes the folder. */
  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect()
    await this.#exited
  }

  #output(name: string): string {
    return join(this.folder, `${name}.out`)
  }

  #endedEarly(name: string): Error {
    return new Error(`${name} ended ${this.#ended.get(name)}. It wrote:\n${this.tail(name)}`)
  }
}
