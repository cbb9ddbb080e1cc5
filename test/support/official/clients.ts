import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, describeEnd, start } from '../child.ts'
import type { Ask, Decision, OfficialMessage, OfficialOptions, OfficialReceipt, OfficialSend, Reply, Request, Start } from './calls.ts'

/** The official client failed; `code` is the RocketMQ code when it told one. */
export class OfficialError extends Error {
  readonly code: number | undefined
  constructor(message: string, code: number | undefined) {
    super(message)
    this.code = code
  }
}

interface Wire {
  /** Settles once the client has begun to shut down. */
  readonly closing: Promise<void>
  ask(ask: Ask): Promise<unknown>
  decide(decision: Decision): void
  /** Rejects when the process ends. */
  readonly death: Promise<never>
  /** Ends the process as a crash would. */
  kill(): Promise<void>
}

type Arrived = Extract<Reply, { arrived: number }>

/** Starts a process for one official client. */
function wire(onArrival: (arrived: Arrived) => void): Wire {
  // HOME: this client writes its logs below the home directory, also when it is given a logger.
  const home = mkdtempSync(join(tmpdir(), 'feathermq-official-'))
  const program = fileURLToPath(new URL('process.ts', import.meta.url))
  const child: Child = start(process.execPath, ['--import', 'tsx', program], { env: { HOME: home }, ipc: true, timeout: 120_000 })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let requests = 0
  let onClosing = () => {}
  const closing = new Promise<void>((resolve) => {
    onClosing = resolve
  })

  child.process.on('message', (reply: Reply) => {
    if ('closing' in reply) {
      onClosing()
      return
    }
    if ('arrived' in reply) {
      onArrival(reply)
      return
    }
    const asked = waiting.get(reply.reply)
    waiting.delete(reply.reply)
    if ('error' in reply) asked?.reject(new OfficialError(reply.error, reply.code))
    else asked?.resolve(reply.value)
  })
  const death = child.ended.then((end): never => {
    rmSync(home, { recursive: true, force: true })
    throw new Error(`The official client's process ${describeEnd(end)}.\n${end.stdout}${end.stderr}`)
  })
  death.catch((error: Error) => {
    for (const { reject } of waiting.values()) reject(error)
  })

  return {
    ask(ask) {
      const request: Request = { ...ask, id: requests++ }
      return new Promise((resolve, reject) => {
        waiting.set(request.id, { resolve, reject })
        child.process.send(request, (error) => {
          if (error !== null) reject(error)
        })
      })
    },
    decide: (decision) => void child.process.send(decision),
    death,
    closing,
    async kill() {
      child.kill('SIGKILL')
      await child.ended
    },
  }
}

interface Running {
  /**
   * The client's own shutdown, then the end of its process (which would not end by itself: its timers hold it). `begun` is called as soon as the client has
   * begun: its push consumer then waits for open polls, up to 20 s, unless the broker ends them.
   */
  shutdown(begun?: () => Promise<void>): Promise<void>
  kill(): Promise<void>
}

export interface OfficialProducer extends Running {
  send(message: OfficialSend): Promise<OfficialReceipt>
}

export interface OfficialSimpleConsumer extends Running {
  receive(max: number, invisible: number): Promise<readonly OfficialMessage[]>
  ack(message: OfficialMessage): Promise<void>
  /** Resolves with the new receipt handle. */
  changeInvisible(message: OfficialMessage, duration: number): Promise<string>
}

export interface OfficialPushConsumer extends Running {
  /** The next message that its listener got, and how to answer for the listener. Waits; rejects when the process dies. */
  next(): Promise<{ readonly message: OfficialMessage; answer(success: boolean): void }>
  /** Messages that came and that {@link next} has not given out. */
  readonly unread: number
}

async function launch(options: Start, onArrival: (arrived: Arrived) => void = () => {}): Promise<{ line: Wire; running: Running }> {
  const line = wire(onArrival)
  try {
    await line.ask({ ask: 'start', start: options })
  } catch (error) {
    await line.kill()
    throw error
  }
  const running: Running = {
    async shutdown(begun = async () => {}) {
      try {
        const shut = line.ask({ ask: 'shutdown' })
        await Promise.race([line.closing, shut])
        await begun()
        await shut
      } finally {
        await line.kill()
      }
    },
    kill: () => line.kill(),
  }
  return { line, running }
}

export async function officialProducer(options: OfficialOptions & { readonly topic: string }): Promise<OfficialProducer> {
  const { line, running } = await launch({ role: 'producer', ...options })
  return { ...running, send: async (message) => (await line.ask({ ask: 'send', message })) as OfficialReceipt }
}

export interface SimpleOptions extends OfficialOptions {
  readonly group: string
  readonly topic: string
  /** Default `*`. */
  readonly filter?: string
  /** Default 5,000 ms. */
  readonly wait?: number
}

export async function officialSimpleConsumer(options: SimpleOptions): Promise<OfficialSimpleConsumer> {
  const { line, running } = await launch({ role: 'simple', filter: '*', wait: 5_000, ...options })
  return {
    ...running,
    receive: async (max, invisible) => (await line.ask({ ask: 'receive', max, invisible })) as readonly OfficialMessage[],
    ack: async ({ receiptHandle }) => void (await line.ask({ ask: 'ack', receiptHandle })),
    changeInvisible: async ({ receiptHandle }, duration) => (await line.ask({ ask: 'invisible', receiptHandle, duration })) as string,
  }
}

export interface PushOptions extends OfficialOptions {
  readonly group: string
  readonly topic: string
  /** Default `*`. */
  readonly filter?: string
}

export async function officialPushConsumer(options: PushOptions): Promise<OfficialPushConsumer> {
  const arrived: Arrived[] = []
  let wake = () => {}
  const { line, running } = await launch({ role: 'push', filter: '*', ...options }, (arrival) => {
    arrived.push(arrival)
    wake()
  })
  return {
    ...running,
    get unread() {
      return arrived.length
    },
    async next() {
      while (arrived.length === 0) {
        const arrival = new Promise<void>((resolve) => {
          wake = resolve
        })
        await Promise.race([arrival, line.death])
      }
      const { message, arrived: number } = arrived.shift() as Arrived
      return { message, answer: (success) => line.decide({ decide: number, success }) }
    },
  }
}
