// For who compiles without naming either: TypeScript 6 and later take no types on their own (https://www.typescriptlang.org/tsconfig/#types).
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export { type Identity, type SelfSignedOptions, selfSignedCertificate } from './certificate.ts'
export type { Clock, Timer } from './clock.ts'
export type {
  CallOptions,
  Channel,
  ChannelOptions,
  ChannelState,
  ChannelTls,
  ClientCall,
  ClientCallHandler,
  ConnectionEvent,
  HeaderReader,
  HeaderTemplate,
  MessageBytes,
  Method,
  MethodHandler,
  Peer,
  RpcCode,
  RpcStatus,
  Server,
  ServerCall,
  ServerOptions,
  ServerTls,
  Transport,
} from './contract.ts'
export { HealthService, healthMethods, type ServingStatus } from './grpc/health.ts'
export { reflectionMethods, serveReflection } from './grpc/reflection.ts'
export { http2Transport } from './grpc/transport.ts'
export { grpcJsTransport } from './grpc-js/transport.ts'
export { type InMemoryOptions, inMemoryTransport } from './in-memory/transport.ts'
export { namedTransport, type TransportName, transportNames } from './named-transport.ts'
export { RpcError, type RpcErrorOptions, rpcCodeName, rpcCodeNumber, rpcCodes } from './rpc-error.ts'
export { callUnary, type UnaryCallOptions, unary } from './unary.ts'
