import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How `feathermq` ended, and what it wrote. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const living = new Set<ChildProcess>()
// Whatever becomes of a test, no process stays behind.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/** A `feathermq` that runs, from the sources. */
export class Program {
  readonly #child: ChildProcess
  readonly ended: Promise<Ended>
  readonly #watchers = new Set<() => void>()
  out = ''
  err = ''

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const entry = fileURLToPath(new URL('feathermq.ts', import.meta.url))
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(FEATHERMQ_|npm_|NODE_OPTIONS$)/.test(name)))
    this.#child = spawn(process.execPath, ['--import', 'tsx', '--conditions=feathermq-source', entry, ...args], {
      // From where tsx is found.
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      env: { ...clean, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    living.add(this.#child)
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
      this.#look()
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text
      this.#look()
    })
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', (code) => {
        living.delete(this.#child)
        resolve({ code, out: this.out, err: this.err })
        this.#look()
      })
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** What the expression finds in its output, once it does. @throws an Error that quotes the output when it ends first. */
  find(expression: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = expression.exec(this.out) ?? expression.exec(this.err)
        if (found === null && living.has(this.#child)) return
        this.#watchers.delete(look)
        if (found === null) reject(new Error(`feathermq ended without ${expression}. It wrote:\n${this.out}${this.err}`))
        else resolve(found)
      }
      this.#watchers.add(look)
      look()
    })
  }

  #look(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}

/** Runs `feathermq` to its end. */
export function feathermq(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Program(args, env).ended
}
