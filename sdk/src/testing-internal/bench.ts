import { inMemoryTransport } from '@feathermq/transport'
import { FeatherMQ } from '../client.ts'
import type { Logger } from '../logger.ts'
import type { FeatherMQOptions } from '../options.ts'
import { FakeServer } from './fake-server.ts'
import { ManualClock } from './manual-clock.ts'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** Keeps what is logged. */
export class LogBook implements Logger {
  readonly lines: LogLine[] = []

  debug(fields: object, message: string): void {
    this.#add('debug', fields, message)
  }

  info(fields: object, message: string): void {
    this.#add('info', fields, message)
  }

  warn(fields: object, message: string): void {
    this.#add('warn', fields, message)
  }

  error(fields: object, message: string): void {
    this.#add('error', fields, message)
  }

  /** Lines with this event name. */
  of(event: string): readonly LogLine[] {
    return this.lines.filter(({ fields }) => fields['event'] === event)
  }

  #add(level: LogLine['level'], fields: object, message: string): void {
    this.lines.push({ level, fields: { ...fields }, message })
  }
}

/** A client and a scripted server that share a clock which stands still. */
export interface Bench extends AsyncDisposable {
  readonly clock: ManualClock
  readonly server: FakeServer
  readonly mq: FeatherMQ
  readonly log: LogBook
  readonly transport: ReturnType<typeof inMemoryTransport>
  /** Another client of the same server. */
  client(options?: FeatherMQOptions): FeatherMQ
}

export async function bench(options: FeatherMQOptions = {}): Promise<Bench> {
  const clock = new ManualClock()
  const transport = inMemoryTransport({ clock, random: () => 0.5, poison: true })
  const server = await FakeServer.start(transport)
  const log = new LogBook()
  const client = (more: FeatherMQOptions = {}) =>
    new FeatherMQ({ endpoints: server.address, transport, clock, logger: log, ...options, ...more }, { upkeep: clock, random: () => 0.5 })
  const mq = client()
  return {
    clock,
    server,
    mq,
    log,
    transport,
    client,
    async [Symbol.asyncDispose]() {
      const closing = mq.close({ drain: 0, abort: 0 })
      await clock.advance(10_000)
      await closing
      await server.close()
      if (server.errors.length > 0) throw new AggregateError(server.errors, 'the fake server failed')
    },
  }
}
