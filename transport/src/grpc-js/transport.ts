import type { Transport } from '../contract.ts'
import { GrpcChannel } from './channel.ts'
import { GrpcServer } from './server.ts'

/** Calls over HTTP/2 by `@grpc/grpc-js`. */
export function grpcJsTransport(): Transport {
  return {
    name: 'grpc-js',
    createServer: (options = {}) => new GrpcServer(options),
    createChannel: (options) => new GrpcChannel(options),
  }
}
