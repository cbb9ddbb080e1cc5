import type { Transport } from './contract.ts'
import { http2Transport } from './grpc/transport.ts'
import { grpcJsTransport } from './grpc-js/transport.ts'

/** Transports that an option can name: our own, and the one on the package `@grpc/grpc-js`, which has to be installed then. */
export const transportNames = ['http2', 'grpc-js'] as const
export type TransportName = (typeof transportNames)[number]

export function namedTransport(name: TransportName): Transport {
  switch (name) {
    case 'http2':
      return http2Transport()
    case 'grpc-js':
      return grpcJsTransport()
  }
}
