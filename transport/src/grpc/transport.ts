import type { Transport } from '../contract.ts'
import { Http2Channel } from './channel.ts'
import { Http2Server } from './server.ts'

/** gRPC over HTTP/2 of our own, on the sockets of Node. */
export function http2Transport(): Transport {
  return {
    name: 'http2',
    createServer: (options = {}) => new Http2Server(options),
    createChannel: (options) => new Http2Channel(options),
  }
}
