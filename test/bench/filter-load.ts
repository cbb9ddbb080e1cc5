import { once } from 'node:events'
import { connect } from 'node:http2'
import { encodeSendMessageRequest, encodeSendMessageResponse, encodeTelemetryCommand } from '@feathermq/protocol'
import { type CallOptions, type Channel, type ClientCall, http2Transport, type Method, type Server, unary } from '@feathermq/transport'

const service = '/apache.rocketmq.v2.MessagingService'
const sending: Method = { path: `${service}/SendMessage`, kind: 'unary' }
const telemetry: Method = { path: `${service}/Telemetry`, kind: 'bidi' }

/** A message of 1 KiB as clients send it. */
export function sendRequest(topic: string): Uint8Array {
  const systemProperties = {
    tag: 'created',
    keys: ['o-1'],
    messageId: '01A2B3C4D5E6F7',
    messageType: 'NORMAL',
    queueId: 0,
    bornHost: 'host',
  } as const
  return encodeSendMessageRequest({ messages: [{ topic: { name: topic }, systemProperties, body: Buffer.alloc(1024, 'x') }] })
}

const answer = encodeSendMessageResponse({ status: { code: 'OK', message: 'OK' }, entries: [{ messageId: '01A2B3C4D5E6F7', offset: 7n }] })
const settings = encodeTelemetryCommand({
  command: { case: 'settings', value: { pubSub: { case: 'subscription', value: { group: { name: 'g' } } } } },
})

/** What every RocketMQ client sends along. */
const headers = [
  ['x-mq-client-id', 'host@4711@0@1abcdef'],
  ['x-mq-language', 'NODE_JS'],
  ['x-mq-client-version', '5.0.0'],
  ['x-mq-protocol', 'v2'],
  ['x-mq-date-time', '20260101T000000Z'],
  ['x-mq-namespace', 'shop'],
  ['x-mq-request-id', '7d2b6a0e-0b7e-4b8e-9a53-6f3f0b6a9d11'],
] as const

/** A broker that says OK to everything. */
export class Upstream {
  calls = 0
  /** Values of a header that filters may leave for it. */
  seen = 0
  readonly #server: Server
  #address = ''

  private constructor() {
    this.#server = http2Transport().createServer({ onError: (error) => console.error(error) })
    this.#server.handle(
      sending,
      unary((_, call) => {
        this.calls += 1
        if (call.headers.get('x-seen') !== undefined) for (const [name] of call.headers.entries()) if (name === 'x-seen') this.seen += 1
        return answer
      }),
    )
    this.#server.handle(telemetry, {
      onMessage: (call, message) => void call.send(Buffer.from(message)),
      onHalfClose: (call) => call.end(),
    })
  }

  static async start(): Promise<Upstream> {
    const upstream = new Upstream()
    const { port } = await upstream.#server.listen('127.0.0.1', 0)
    upstream.#address = `127.0.0.1:${port}`
    return upstream
  }

  get address(): string {
    return this.#address
  }

  close(): Promise<void> {
    return this.#server.close()
  }
}

/** Calls at a time. */
const TOGETHER = 64

/**
 * Sends `request` so many times, 64 together, and the next when all of them are answered: so Envoy always finds the same much to read at once, and what it
 * needs for itself is the same from one chain to the next. @throws an Error when a call does not end well.
 */
export async function sendMany(channel: Channel, request: Uint8Array, count: number): Promise<void> {
  const options = { template: channel.template(headers) }
  for (let left = count; left > 0; left -= TOGETHER) await sendTogether(channel, request, Math.min(TOGETHER, left), options)
}

function sendTogether(channel: Channel, request: Uint8Array, count: number, options: CallOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let open = count
    const handler = {
      onMessage() {},
      onEnd({ code, message }: { readonly code: string; readonly message: string }) {
        if (code !== 'OK') reject(new Error(`a send ended with ${code}: ${message}`))
        open -= 1
        if (open === 0) resolve()
      },
    }
    for (let index = 0; index < count; index += 1) {
      const call = channel.start(sending, handler, options)
      call.send(request)
      call.halfClose()
    }
  })
}

/** Telemetry streams of clients that are there and say nothing. */
export interface OpenStreams {
  close(): Promise<void>
}

/** Opens so many, on one connection; each has carried a message there and back. */
export async function openStreams(address: string, count: number): Promise<OpenStreams> {
  const channel = http2Transport().createChannel({ address })
  const template = channel.template(headers)
  const calls: ClientCall[] = []
  let isClosing = false
  const ends: Promise<void>[] = []
  const begun = Array.from(
    { length: count },
    () =>
      new Promise<void>((resolve, reject) => {
        ends.push(
          new Promise((end) => {
            const onEnd = ({ code, message }: { readonly code: string; readonly message: string }) => {
              if (!isClosing) reject(new Error(`a stream ended with ${code}: ${message}`))
              end()
            }
            const call = channel.start(telemetry, { onMessage: () => resolve(), onEnd }, { template })
            call.send(settings)
            calls.push(call)
          }),
        )
      }),
  )
  await Promise.all(begun)
  return {
    async close() {
      isClosing = true
      for (const call of calls) call.halfClose()
      await Promise.all(ends)
      channel.close()
    },
  }
}

/** A call that is over with its headers. How it ends does not matter. */
export async function callWithoutBody(address: string): Promise<void> {
  const session = connect(`http://${address}`)
  session.on('error', () => {})
  const stream = session.request(
    { ':method': 'POST', ':path': sending.path, 'content-type': 'application/grpc', te: 'trailers' },
    { endStream: true },
  )
  stream.on('error', () => {})
  stream.resume()
  await once(stream, 'close')
  session.destroy()
}
