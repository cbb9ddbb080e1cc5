import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** How a child process ended, and what it wrote. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** True when it was killed because its time was over. */
  readonly late: boolean
}

export interface ChildOptions {
  readonly cwd?: string | undefined
  /** Added to a copy of this process's environment, from which FeatherMQ's own variables are taken out. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** After so many ms the child and all that it started is killed. Default 20,000. */
  readonly timeout?: number | undefined
  /** Opens an IPC channel for `process.send`. */
  readonly ipc?: boolean | undefined
  /** Leaves stdin open for writing; otherwise it is at its end. */
  readonly stdin?: boolean | undefined
}

/** A child process that cannot outlive this one. */
export interface Child {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with the first line of stdout or stderr that `matches`; rejects, quoting the output, when the child ends without one. */
  line(matches: (line: string) => boolean): Promise<string>
  /** Sends a signal to the child and all that it started. */
  kill(signal: NodeJS.Signals): void
}

const living = new Set<number>()

/** The group goes, not the child alone: `npx` and `sh` start others. */
function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The group has ended already.
  }
}

process.on('exit', () => {
  for (const pid of living) killGroup(pid, 'SIGKILL')
})

/** This process's environment without what would steer the product under test. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const env = { ...process.env }
  for (const name of Object.keys(env)) {
    if (/^(FEATHERMQ_|OTEL_|npm_|NODE_OPTIONS$|NODE_DEBUG$|MOCHA)/.test(name)) delete env[name]
  }
  return { ...env, ...more }
}

export function start(command: string, args: readonly string[], options: ChildOptions = {}): Child {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: cleanEnvironment(options.env),
    stdio: [options.stdin === true ? 'pipe' : 'ignore', 'pipe', 'pipe', ...(options.ipc === true ? (['ipc'] as const) : [])],
    detached: true,
    // Bytes stay bytes.
    serialization: 'advanced',
  })
  const { pid } = child
  if (pid !== undefined) living.add(pid)

  let late = false
  const timer = setTimeout(() => {
    late = true
    if (pid !== undefined) killGroup(pid, 'SIGKILL')
  }, options.timeout ?? 20_000)

  const output = { stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      for (const watcher of watchers) watcher()
    })
  }

  const ended = new Promise<Ended>((resolve) => {
    child.once('error', (error) => {
      output.stderr += `${error.message}\n`
      if (pid === undefined) finish(null, null)
    })
    child.once('close', finish)
    function finish(code: number | null, signal: NodeJS.Signals | null) {
      clearTimeout(timer)
      if (pid !== undefined) {
        // Whatever the child left behind in its group goes with it.
        killGroup(pid, 'SIGKILL')
        living.delete(pid)
      }
      resolve({ code, signal, ...output, late })
    }
  })

  return {
    process: child,
    ended,
    kill(signal) {
      if (pid !== undefined) killGroup(pid, signal)
    },
    line(matches) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = `${output.stdout}\n${output.stderr}`.split('\n').find(matches)
          if (found === undefined) return
          watchers.delete(look)
          resolve(found)
        }
        watchers.add(look)
        look()
        void ended.then((end) => {
          look()
          reject(new Error(`"${command} ${args.join(' ')}" ${describeEnd(end)} before the awaited line. It wrote:\n${end.stdout}${end.stderr}`))
        })
      })
    },
  }
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], options: ChildOptions = {}): Promise<Ended> {
  return start(command, args, options).ended
}

export function describeEnd(end: Ended): string {
  if (end.late) return 'did not end in time and was killed'
  return end.signal === null ? `ended with code ${end.code}` : `was ended by ${end.signal}`
}

/** @throws an Error that quotes the output unless the program ended with code 0. */
export function expectSuccess(what: string, end: Ended): void {
  if (end.code !== 0) throw new Error(`${what} ${describeEnd(end)}.\n${end.stdout}${end.stderr}`)
}

/** One message that a child sends by `process.send`; rejects when the child ends first. */
export async function message(child: Child): Promise<unknown> {
  const ending = new AbortController()
  try {
    return await Promise.race([
      once(child.process, 'message', { signal: ending.signal }).then(([value]: unknown[]) => value),
      child.ended.then((end) => {
        throw new Error(`The child ${describeEnd(end)} before it answered.\n${end.stdout}${end.stderr}`)
      }),
    ])
  } finally {
    ending.abort()
  }
}
