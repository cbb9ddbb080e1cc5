import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describeEnd, type Ended, start } from '../child.ts'
import type { Ask, OfficialMessage, Reply } from './calls.ts'
import { type Arrived, type Waiting, type Wire, waiting } from './wire.ts'

/** How to start a program that leads official clients by JSON lines. */
export interface Driver {
  readonly command: string
  /** `home` is an empty folder for what the clients write below the home directory. */
  readonly args: (home: string) => readonly string[]
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** A running {@link Driver}. */
export interface DriverProcess {
  /** The way to a new client in it. */
  open(onArrival: (arrived: Arrived) => void): Wire
  /** Ends its stdin and waits for its end, which comes when no client holds it any more. */
  finish(): Promise<Ended>
  kill(): Promise<void>
}

type Line = Extract<Reply, { reply: number }> | ((Omit<Arrived, 'message'> & { readonly message: unknown }) | { readonly closing: true })

interface Listener {
  onArrival(arrived: Arrived): void
  onClosing(): void
}

/** Bodies are Base64 on the lines. */
function encoded(ask: Ask): object {
  return ask.ask === 'send' ? { ...ask, message: { ...ask.message, body: Buffer.from(ask.message.body).toString('base64') } } : ask
}

function decoded(message: unknown): OfficialMessage {
  const { body, ...rest } = message as Omit<OfficialMessage, 'body'> & { readonly body: string }
  return { ...rest, body: Buffer.from(body, 'base64') }
}

function parsed(text: string): (Line & { readonly client?: number }) | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function startDriver(driver: Driver): DriverProcess {
  const home = mkdtempSync(join(tmpdir(), 'feathermq-official-'))
  const child = start(driver.command, driver.args(home), { env: { ...driver.env, HOME: home }, stdin: true, timeout: 180_000 })
  const calls: Waiting = waiting()
  const listeners = new Map<number, Listener>()

  const { stdin, stdout, pid } = child.process
  if (stdin === null || stdout === null) throw new Error('a driver needs its stdin and stdout')
  // Writing to a process that has ended: its end tells.
  stdin.on('error', () => {})
  createInterface({ input: stdout }).on('line', (text) => {
    const line = parsed(text)
    if (line === undefined) {
      calls.fail(new Error(`"${driver.command}" with the official clients wrote a line that is none of ours: ${text.slice(0, 500)}`))
      return
    }
    if ('reply' in line) {
      calls.settle(line)
      return
    }
    const listener = listeners.get(line.client ?? 0)
    if ('closing' in line) listener?.onClosing()
    else listener?.onArrival({ arrived: line.arrived, message: decoded(line.message) })
  })
  const death = child.ended.then((end): never => {
    rmSync(home, { recursive: true, force: true })
    // Not stdout: it may hold bodies of megabytes.
    throw new Error(`"${driver.command}" with the official clients ${describeEnd(end)}.\n${end.stderr}`)
  })
  death.catch((error: Error) => calls.fail(error))

  const write = (line: object) => void stdin.write(`${JSON.stringify(line)}\n`)
  const kill = async () => {
    child.kill('SIGKILL')
    await child.ended
  }
  return {
    open(onArrival) {
      const client = listeners.size + 1
      const closing = new Promise<void>((resolve) => listeners.set(client, { onArrival, onClosing: resolve }))
      return {
        // One that could not be started has none, and fails every call.
        pid: pid ?? 0,
        closing,
        death,
        async ask(ask) {
          const { id, reply } = calls.add()
          write({ ...encoded(ask), id, client })
          const value = await reply
          return ask.ask === 'receive' ? (value as readonly unknown[]).map(decoded) : value
        },
        decide: (decision) => write({ ...decision, client }),
        release: async () => {},
        kill,
      }
    },
    finish() {
      stdin.end()
      return child.ended
    },
    kill,
  }
}
