import type { Channel, Transport } from '@feathermq/transport'
import { namedTransport } from '@feathermq/transport'
import type { Broker } from '../broker.ts'
import { type EmbeddedOptions, openBroker } from '../broker.ts'
import { realFiles } from '../files/real-files.ts'
import { type FaultOptions, Faults } from './faults.ts'
import { faultyFiles } from './faulty-files.ts'
import { faultyTransport } from './faulty-transport.ts'
import { RawClient } from './raw-client.ts'
import { type VirtualClock, virtualClock } from './virtual-clock.ts'

export interface StartBrokerOptions extends Omit<EmbeddedOptions, 'clock'> {
  /** `frozen`: time moves by `clock.advance` alone. Default: it flows. */
  readonly clock?: 'frozen' | undefined
  /** Faults that are in place from the first call on; more can be added and removed while the broker runs. Default none. */
  readonly faults?: readonly FaultOptions[] | undefined
}

/** A broker in this process. */
export interface TestBroker extends AsyncDisposable {
  /** `host:port` for clients. */
  readonly endpoints: string
  /** `host:port` of health, metrics and the admin API. */
  readonly http: string
  /** The broker's time; give it to clients as well (`new FeatherMQ({ clock })`) so that both agree. */
  readonly clock: VirtualClock
  readonly broker: Broker
  /** What goes wrong: latency, refusals, broken connections, lost replies, the disk. */
  readonly faults: Faults
  /** The transport that clients must use as well when it is not the default one. */
  readonly transport: Transport
  /** A client of the bare protocol. */
  rawClient(clientId?: string): RawClient
  close(): Promise<void>
}

/**
 * Starts a broker in this process on free ports, ready in milliseconds. Its clock is virtual: `await broker.clock.advance('12h')` makes a message that is
 * delayed by twelve hours arrive at once.
 */
export async function startBroker(options: StartBrokerOptions = {}): Promise<TestBroker> {
  const { clock: mode, faults: wanted = [], ...rest } = options
  const clock = virtualClock({ frozen: mode === 'frozen' })
  const chosen = options.transport ?? 'http2'
  const transport = typeof chosen === 'string' ? namedTransport(chosen) : chosen
  const faults = new Faults(options.data !== undefined)
  for (const fault of wanted) faults.add(fault)
  const files = options.data === undefined ? undefined : faultyFiles(options.files ?? realFiles, faults, clock)
  const broker = await openBroker({ port: 0, httpPort: 0, ...rest, files, transport: faultyTransport(transport, faults, clock), clock })
  const { grpc, http } = await broker.start().catch(async (error: unknown) => {
    // Its data directory is open, and somebody else may want it.
    await broker.stop()
    throw error
  })
  const channels: Channel[] = []
  let clients = 0
  const close = async (): Promise<void> => {
    for (const channel of channels) channel.close()
    await broker.stop()
  }
  return {
    endpoints: grpc,
    http,
    clock,
    broker,
    faults,
    transport,
    rawClient(clientId = `raw-${++clients}`) {
      const channel = transport.createChannel({ address: grpc })
      channels.push(channel)
      return new RawClient(channel, clientId)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
