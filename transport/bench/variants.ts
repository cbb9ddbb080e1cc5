import { type Channel, grpcJsTransport, http2Transport, type Method, type RpcStatus, type Server, type Transport, unary } from '@feathermq/transport'
import * as grpc from '@grpc/grpc-js'

/** One way to make a unary call: what runs in the server's process and what in the client's. */
export interface Variant {
  serve(response: Uint8Array): Promise<{ readonly port: number }>
  /** Calls back once per finished call; with an error when it failed. */
  connect(port: number, request: Uint8Array): { call(done: (error?: Error) => void): void; close(): void }
}

const method: Method = { path: '/bench.Unary/Call', kind: 'unary' }

/** What every RocketMQ client sends with a call: five headers that stay the same and two that do not. */
const constant = [
  ['x-mq-language', 'NODE_JS'],
  ['x-mq-protocol', 'v2'],
  ['x-mq-client-version', '0.1.0'],
  ['x-mq-client-id', 'host@1234@1@abcdefgh'],
  ['x-mq-namespace', ''],
] as const
let calls = 0
const changing = (): [name: string, value: string][] => {
  calls += 1
  return [
    ['x-mq-request-id', `0f8fad5b-d9cb-469f-a165-${calls.toString(16).padStart(12, '0')}`],
    ['x-mq-date-time', '20261127T120000Z'],
  ]
}
/** More than grpc-js needs for the calls that it starves. */
const TIMEOUT = 30_000

function ours(create: () => Transport): Variant {
  return {
    async serve(response) {
      const server: Server = create().createServer()
      server.handle(
        method,
        unary(() => response),
      )
      return server.listen('127.0.0.1', 0)
    },
    connect(port, request) {
      const channel: Channel = create().createChannel({ address: `127.0.0.1:${port}` })
      const template = channel.template(constant)
      return {
        call(done) {
          const handler = {
            onMessage: () => {},
            onEnd: (status: RpcStatus) => (status.code === 'OK' ? done() : done(new Error(`${status.code}: ${status.message}`))),
          }
          const call = channel.start(method, handler, { template, headers: changing(), timeout: TIMEOUT })
          call.send(request)
          call.halfClose()
        },
        close: () => channel.close(),
      }
    },
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const asIs = (bytes: Buffer): Buffer => bytes

/** grpc-js as its documentation shows it, with pass-through serializers: the peer of this benchmark. */
const plainGrpcJs: Variant = {
  serve(response) {
    const server = new grpc.Server()
    const answer = asBuffer(response)
    server.register(method.path, (_call: unknown, callback: grpc.sendUnaryData<Buffer>) => callback(null, answer), asIs, asIs, 'unary')
    return new Promise((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => (error === null ? resolve({ port }) : reject(error)))
    })
  },
  connect(port, request) {
    const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
    const message = asBuffer(request)
    return {
      call(done) {
        const metadata = new grpc.Metadata()
        for (const [name, value] of constant) metadata.set(name, value)
        for (const [name, value] of changing()) metadata.set(name, value)
        client.makeUnaryRequest(method.path, asIs, asIs, message, metadata, { deadline: Date.now() + TIMEOUT }, (error) =>
          error === null ? done() : done(error),
        )
      },
      close: () => client.close(),
    }
  },
}

export const variants: Readonly<Record<string, Variant>> = {
  'plain grpc-js': plainGrpcJs,
  'grpc-js': ours(grpcJsTransport),
  http2: ours(http2Transport),
}
