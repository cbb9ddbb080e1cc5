import type { Transport } from '../contract.ts'
import { GrpcChannel } from './channel.ts'
import { GrpcServer } from './server.ts'

/**
 * Calls over HTTP/2 by `@grpc/grpc-js`, on its message level: no Node streams, no serializers, no retries, no channelz.
 *
 * A channel keeps one connection per 32 calls in flight, 64 connections at most, long polls and idle streams included, because grpc-js starves calls on a
 * connection that carries more. A received message may be compressed (gzip, deflate); none is sent so. `http_proxy` and `no_proxy` of the environment
 * apply to addresses outside of this machine.
 *
 * A server pings each connection every two minutes and cuts one that does not answer within 30 s; one that has not sent HTTP/2's preface after 20 s is cut too.
 *
 * What grpc-js does not let us do better:
 * - A TCP connection that is being attempted holds the process until the system gives up (two minutes on Linux) where nothing answers at all, for a
 *   background call too, and after `connectTimeout` and `close`. The calls themselves end in time. Refused and established connections hold nothing.
 * - `cancel()` before `halfClose()` reaches the server as END_STREAM and then the reset, for that is how Node ends a stream: the server may
 *   take it for a half-close first.
 * - A server sees a call's deadline by the wall clock, and a malformed compressed flag as an uncompressed message.
 * - Messages are copied once on their way out, those in parts twice.
 */
export function grpcJsTransport(): Transport {
  return {
    name: 'grpc-js',
    createServer: (options = {}) => new GrpcServer(options),
    createChannel: (options) => new GrpcChannel(options),
  }
}
