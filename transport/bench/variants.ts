import { type Channel, grpcJsTransport, type Method, type Server, type Transport, unary } from '@feathermq/transport'
import * as grpc from '@grpc/grpc-js'

/** One way to make a unary call: what runs in the server's process and what in the client's. */
export interface Variant {
  serve(response: Uint8Array): Promise<{ readonly port: number }>
  /** Calls back once per finished call; with an error when it failed. */
  connect(port: number, request: Uint8Array): { call(done: (error?: Error) => void): void; close(): void }
}

const method: Method = { path: '/bench.Unary/Call', kind: 'unary' }

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
      return {
        call(done) {
          const call = channel.start(method, {
            onMessage: () => {},
            onEnd: (status) => (status.code === 'OK' ? done() : done(new Error(`${status.code}: ${status.message}`))),
          })
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
        client.makeUnaryRequest(method.path, asIs, asIs, message, (error) => (error === null ? done() : done(error)))
      },
      close: () => client.close(),
    }
  },
}

export const variants: Readonly<Record<string, Variant>> = {
  'plain grpc-js': plainGrpcJs,
  'grpc-js': ours(grpcJsTransport),
}
