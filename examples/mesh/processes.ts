import { type ChildProcess, fork, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export interface BrokerProcess {
  readonly name: string
  /** `host:port` of gRPC. */
  readonly grpc: string
  /** `host:port` of health, metrics and the admin API. */
  readonly http: string
  stop(): Promise<void>
}

/** What still runs goes with the demo, however that ends. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

function own<Child extends ChildProcess>(child: Child): Child {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Resolves when the process has ended, however that came about. */
function ended(child: ChildProcess): Promise<void> {
  return child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((resolve) => child.once('exit', () => resolve()))
}

/** Runs `feathermq serve` as a user would, on free ports. */
export async function startBrokerProcess(name: string): Promise<BrokerProcess> {
  const command = fileURLToPath(new URL('bin/feathermq.js', import.meta.resolve('@feathermq/broker/package.json')))
  const flags = ['--name', name, '--config', here('./broker.json'), '--port', '0', '--http-port', '0', '--json']
  const child = own(
    spawn(process.execPath, [command, 'serve', ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // A process group of its own: Ctrl-C is for the demo, which stops things in order.
      detached: true,
    }),
  )
  const ready = new Promise<{ grpc: string; http: string }>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as { grpc: string; http: string }))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the broker ${name} ended with code ${code} before it was ready`)))
  })
  const { grpc, http } = await ready
  return {
    name,
    grpc,
    http,
    async stop() {
      child.kill('SIGTERM')
      await ended(child)
    },
  }
}

export interface Service<Report> {
  /** Resolves with the first report that `wanted` accepts; rejects when the service ends before. */
  next<R extends Report>(wanted: (report: Report) => report is R): Promise<R>
  onReport(listener: (report: Report) => void): void
  send(message: string): void
  readonly ended: Promise<void>
  /** Ends the process at once, if it still runs. */
  kill(): void
}

/** Runs one of the demo's services in a process of its own. It reports over the channel that Node keeps between parent and child. */
export function startService<Report>(file: 'producer' | 'consumer', args: readonly string[]): Service<Report> {
  const child = own(
    fork(here(`./${file}.ts`), [...args], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
      // Spans leave the process at once instead of every five seconds, so that nobody waits for the tree.
      env: { ...process.env, OTEL_BSP_SCHEDULE_DELAY: '100' },
    }),
  )
  return {
    next(wanted) {
      return new Promise((resolve, reject) => {
        const look = (report: unknown): void => {
          if (!wanted(report as Report)) return
          child.off('message', look)
          child.off('exit', gone)
          resolve(report as Parameters<typeof resolve>[0])
        }
        const gone = (code: number | null): void => reject(new Error(`the ${file} ended with code ${code}`))
        child.on('message', look)
        child.once('exit', gone)
      })
    },
    onReport(listener) {
      child.on('message', (report) => listener(report as Report))
    },
    send(message) {
      if (child.connected) child.send(message)
    },
    ended: ended(child),
    kill() {
      child.kill('SIGKILL')
    },
  }
}
