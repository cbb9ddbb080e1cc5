import { describe, it } from 'mocha'
import { http2Transport } from './grpc/transport.ts'
import { grpcJsTransport } from './grpc-js/transport.ts'
import { inMemoryTransport } from './in-memory/transport.ts'
import { conformanceSuite } from './testing/conformance/suite.ts'

conformanceSuite('in-memory', () => inMemoryTransport({ poison: true }), { sockets: false }, { describe, it })
conformanceSuite('http2', () => http2Transport(), { sockets: true }, { describe, it })
conformanceSuite('grpc-js', () => grpcJsTransport(), { sockets: true }, { describe, it })
