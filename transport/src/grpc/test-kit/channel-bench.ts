import type { CallOptions, ChannelOptions, ChannelState, ClientCall } from '../../contract.ts'
import { setting } from '../../http2/protocol.ts'
import { ManualClock } from '../../http2/test-kit/manual-clock.ts'
import { bytes, Caller, echoMethod, Inbox } from '../../testing/conformance/harness.ts'
import { Http2Channel } from '../channel.ts'
import { type RawConnection, RawServer } from './raw-server.ts'

export type Greeting = (connection: RawConnection) => void
export const greet: Greeting = (connection) => connection.greet()
export const limitedTo =
  (streams: number): Greeting =>
  (connection) =>
    connection.greet([[setting.maxConcurrentStreams, streams]])

export interface Bench {
  readonly server: RawServer
  readonly channel: Http2Channel
  readonly clock: ManualClock
  readonly states: Inbox<ChannelState>
  call(body?: string, options?: CallOptions): Caller & { readonly call: ClientCall }
}

/** A channel whose time stands still, and a server that does what it is told. The dice always show a half. */
export async function withChannel(
  onConnection: Greeting,
  body: (bench: Bench) => Promise<void>,
  options: Partial<ChannelOptions> = {},
): Promise<void> {
  const server = await RawServer.listen(onConnection)
  const clock = new ManualClock()
  const channel = new Http2Channel({ address: server.address, ...options }, clock, () => 0.5)
  const states = new Inbox<ChannelState>()
  channel.onState((state) => states.put(state))
  const call = (message = 'hello', callOptions: CallOptions = {}): Caller & { readonly call: ClientCall } => {
    const caller = new Caller()
    const started = channel.start(echoMethod, caller, callOptions)
    started.send(bytes(message))
    started.halfClose()
    return Object.assign(caller, { call: started })
  }
  try {
    await body({ server, channel, clock, states, call })
  } finally {
    channel.close()
    await server.close()
  }
}

/** Lets everything that is on its way arrive: of what shall not happen there is no event. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
}

export async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise(setImmediate)
}
