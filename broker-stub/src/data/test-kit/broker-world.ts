import { type Channel, inMemoryTransport, type Transport } from '@feathermq/transport'
import { type Broker, type EmbeddedOptions, openBroker } from '../../broker.ts'
import { SimulatedDisk, type SimulatedDiskOptions } from '../../files/test-kit/simulated-files.ts'
import { RawClient } from '../../testing/raw-client.ts'
import { fixedClock } from '../../testing/test-kit/fixed-clock.ts'
import type { VirtualClock } from '../../testing/virtual-clock.ts'
import { MortalClock } from './mortal-clock.ts'

export const DATA = '/data'
const MIB = 1024 * 1024
const MINUTE = 60_000
/** Delayed messages lie in files by the hour: tests that say nothing of it are within one for the next half of it. */
const HALF_PAST = 500_000 * 60 * MINUTE + 30 * MINUTE

/** A machine with a simulated disk on which brokers live, one after the other. Its time stands still, and goes on from one life to the next. */
export class BrokerWorld {
  readonly disk: SimulatedDisk
  readonly clock: VirtualClock
  readonly #transport: Transport = inMemoryTransport()
  #lives: BrokerLife[] = []

  /** A seed draws the minute at which it begins as well. */
  constructor(options: SimulatedDiskOptions = {}) {
    this.disk = new SimulatedDisk(options)
    const begin = HALF_PAST + ((options.seed ?? 0) % 60) * MINUTE
    // Never the machine's: what a seed finds, it finds at any time of the day.
    this.clock = fixedClock(begin)
  }

  /** A broker on the data directory; it makes topics and groups on first use unless it is told otherwise. */
  async start(options: EmbeddedOptions = {}): Promise<BrokerLife> {
    const clock = new MortalClock(this.clock)
    const errors: unknown[] = []
    const { crashes } = this.disk
    const broker = await openBroker({
      port: 0,
      httpPort: 0,
      autoCreate: true,
      data: DATA,
      files: this.disk.files,
      segmentSize: 8 * MIB,
      transport: this.#transport,
      clock,
      // What a dead process finds out is nobody's.
      onError: (error) => void (crashes === this.disk.crashes && errors.push(error)),
      ...options,
    })
    await broker.start()
    const life = new BrokerLife(broker, this.#transport, this.disk, clock, errors, crashes)
    this.#lives.push(life)
    return life
  }

  /** Ends every broker, whichever way it can be ended. */
  async close(): Promise<void> {
    this.disk.heal()
    for (const life of this.#lives) await life.stop().catch(() => {})
    this.#lives = []
  }
}

/** One life of a broker. */
export class BrokerLife {
  readonly broker: Broker
  /** What it reported that no client saw. */
  readonly errors: readonly unknown[]
  readonly #transport: Transport
  readonly #disk: SimulatedDisk
  readonly #clock: MortalClock
  readonly #channels: Channel[] = []
  readonly #crashesBefore: number

  /** @param crashesBefore The crashes of the disk before this life began; one while it was being opened may have ended it unseen. */
  constructor(broker: Broker, transport: Transport, disk: SimulatedDisk, clock: MortalClock, errors: readonly unknown[], crashesBefore: number) {
    this.broker = broker
    this.errors = errors
    this.#transport = transport
    this.#disk = disk
    this.#clock = clock
    this.#crashesBefore = crashesBefore
  }

  /** A crash ended it; whatever a client hears from it now, nobody said. */
  get over(): boolean {
    return this.#disk.crashes > this.#crashesBefore
  }

  client(clientId = 'client'): RawClient {
    const channel = this.#transport.createChannel({ address: this.broker.addresses.grpc })
    this.#channels.push(channel)
    return new RawClient(channel, clientId)
  }

  /** Ends it as SIGTERM does. */
  async stop(): Promise<void> {
    for (const channel of this.#channels.splice(0)) channel.close()
    await this.broker.stop()
  }

  /** Ends it in the middle of whatever it does. */
  crash(kind: 'kill' | 'power', unsynced?: 'random' | 'none' | 'all'): void {
    if (!this.over) this.#disk.crash(kind, unsynced)
    this.bury()
  }

  /** What is left of one that a crash ended: its sockets, and calls that nobody answers. */
  bury(): void {
    this.#clock.die()
    for (const channel of this.#channels.splice(0)) channel.close()
    void this.broker.stop().catch(() => {})
  }
}
