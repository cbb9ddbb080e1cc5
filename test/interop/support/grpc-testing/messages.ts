import type { Method } from '@feathermq/transport'
import protobuf from 'protobufjs'

/** The part of grpc.testing (messages.proto, test.proto) that the cases here use, on the wire as there. The only type of a payload is 0. */
const schema = protobuf.parse(`
  syntax = "proto3";
  package grpc.testing;
  message Payload { int32 type = 1; bytes body = 2; }
  message EchoStatus { int32 code = 1; string message = 2; }
  message SimpleRequest { int32 responseType = 1; int32 responseSize = 2; Payload payload = 3; EchoStatus responseStatus = 7; }
  message SimpleResponse { Payload payload = 1; }
  message StreamingInputCallRequest { Payload payload = 1; }
  message StreamingInputCallResponse { int32 aggregatedPayloadSize = 1; }
  message ResponseParameters { int32 size = 1; }
  message StreamingOutputCallRequest {
    int32 responseType = 1; repeated ResponseParameters responseParameters = 2; Payload payload = 3; EchoStatus responseStatus = 7;
  }
  message StreamingOutputCallResponse { Payload payload = 1; }
`).root

export interface Payload {
  readonly type?: number
  readonly body?: Uint8Array
}

export interface EchoStatus {
  readonly code?: number
  readonly message?: string
}

export interface SimpleRequest {
  readonly responseType?: number
  readonly responseSize?: number
  readonly payload?: Payload
  readonly responseStatus?: EchoStatus
}

export interface StreamingOutputCallRequest {
  readonly responseType?: number
  readonly responseParameters?: readonly { readonly size?: number }[]
  readonly payload?: Payload
  readonly responseStatus?: EchoStatus
}

/** How a message becomes bytes, and bytes a message: what is not on the wire is not in the object. The object shares no memory with the bytes. */
export interface Codec<T extends object> {
  encode(message: T): Uint8Array
  decode(bytes: Uint8Array): T
}

function codec<T extends object>(name: string): Codec<T> {
  const type = schema.lookupType(`grpc.testing.${name}`)
  return {
    encode: (message) => type.encode(type.fromObject(message)).finish(),
    decode: (bytes) => type.toObject(type.decode(Uint8Array.from(bytes))) as T,
  }
}

export const simpleRequest: Codec<SimpleRequest> = codec('SimpleRequest')
export const simpleResponse: Codec<{ readonly payload?: Payload }> = codec('SimpleResponse')
export const streamingInputCallRequest: Codec<{ readonly payload?: Payload }> = codec('StreamingInputCallRequest')
export const streamingInputCallResponse: Codec<{ readonly aggregatedPayloadSize?: number }> = codec('StreamingInputCallResponse')
export const streamingOutputCallRequest: Codec<StreamingOutputCallRequest> = codec('StreamingOutputCallRequest')
export const streamingOutputCallResponse: Codec<{ readonly payload?: Payload }> = codec('StreamingOutputCallResponse')

export const emptyCall: Method = { path: '/grpc.testing.TestService/EmptyCall', kind: 'unary' }
export const unaryCall: Method = { path: '/grpc.testing.TestService/UnaryCall', kind: 'unary' }
export const streamingInputCall: Method = { path: '/grpc.testing.TestService/StreamingInputCall', kind: 'client-stream' }
export const streamingOutputCall: Method = { path: '/grpc.testing.TestService/StreamingOutputCall', kind: 'server-stream' }
export const fullDuplexCall: Method = { path: '/grpc.testing.TestService/FullDuplexCall', kind: 'bidi' }
/** A method and a service that no server has. */
export const unimplementedMethod: Method = { path: '/grpc.testing.TestService/UnimplementedCall', kind: 'unary' }
export const unimplementedService: Method = { path: '/grpc.testing.UnimplementedService/UnimplementedCall', kind: 'unary' }

/** Headers that a server sends back, the one among its headers and the other among its trailers. */
export const echoInitial = 'x-grpc-test-echo-initial'
export const echoTrailing = 'x-grpc-test-echo-trailing-bin'
