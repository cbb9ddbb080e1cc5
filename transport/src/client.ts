/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// What a client calls with, without what only servers need: half of this package would be read at the start of programs that never serve.
import type { Transport } from './contract.ts'
import { Http2Channel } from './grpc/channel.ts'
import { GrpcChannel } from './grpc-js/channel.ts'
import type { TransportName } from './named-transport.ts'

export type { Channel, ChannelOptions, ChannelTls, ClientCall, HeaderTemplate, Method } from './contract.ts'
export type { TransportName } from './named-transport.ts'
export { RpcError } from './rpc-error.ts'
export { callUnary } from './unary.ts'

/** A transport as far as a client uses it; every {@link Transport} is one. */
export type ClientTransport = Pick<Transport, 'name' | 'createChannel'>

/** The client's half of what `namedTransport` of `@feathermq/transport` gives. */
export function clientTransport(name: TransportName): ClientTransport {
  switch (name) {
    case 'http2':
      return { name, createChannel: (options) => new Http2Channel(options) }
    case 'grpc-js':
      return { name, createChannel: (options) => new GrpcChannel(options) }
  }
}
