import { join } from 'node:path'
import { type Child, start } from './child.ts'
import { root } from './repository.ts'

/** A broker that was started as its users start it. */
export interface BrokerProcess {
  /** `host:port` of the gRPC side. */
  readonly grpc: string
  /** `host:port` of the HTTP side. */
  readonly http: string
  readonly pid: number
  readonly child: Child
  /** Asks it to end as Ctrl-C does, and waits. @throws an Error with its output unless it ended with code 0. */
  stop(): Promise<void>
}

interface Ready {
  readonly grpc: string
  readonly http: string
  readonly pid: number
}

function isReady(value: unknown): value is Ready {
  return typeof value === 'object' && value !== null && 'grpc' in value && typeof value.grpc === 'string' && 'http' in value && 'pid' in value
}

function parse(line: string): Ready | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isReady(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** `feathermq serve` on free ports; `args` are added. */
export function brokerCommand(args: readonly string[] = []): readonly [command: string, args: readonly string[]] {
  return [process.execPath, [join(root, 'broker-stub/bin/feathermq.js'), 'serve', '--port', '0', '--http-port', '0', '--json', ...args]]
}

/** As {@link brokerCommand} without its arguments, from the sources, so that no build is needed. */
export function sourceBrokerCommand(args: readonly string[]): readonly [command: string, args: readonly string[]] {
  const program = join(root, 'broker-stub/src/cli/test-kit/feathermq.ts')
  return [process.execPath, ['--import', 'tsx', '--conditions=feathermq-source', program, 'serve', ...args]]
}

/** Starts a broker process and waits until it says that it is ready. `timeout`: its whole life, ms; default 60,000. */
export async function startBrokerProcess(
  command: readonly [command: string, args: readonly string[]] = brokerCommand(),
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly timeout?: number } = {},
): Promise<BrokerProcess> {
  const child = start(command[0], command[1], { timeout: 60_000, ...options })
  const ready = parse(await child.line((line) => parse(line) !== undefined))
  if (ready === undefined) throw new Error('unreachable: the line was parsed a moment ago')
  return {
    ...ready,
    child,
    async stop() {
      child.kill('SIGINT')
      const end = await child.ended
      // npx dies of the signal that it passes on; a broker of our own command must drain and end with 0.
      const passedOn = command[0] !== process.execPath && end.signal === 'SIGINT'
      if (end.code !== 0 && !passedOn) throw new Error(`The broker ended with ${end.code ?? end.signal}.\n${end.stdout}${end.stderr}`)
    },
  }
}
