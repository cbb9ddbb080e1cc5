import { RpcError, rpcCodeName, type Server, type ServerCall, unary } from '@feathermq/transport'
import {
  type EchoStatus,
  echoInitial,
  echoTrailing,
  emptyCall,
  fullDuplexCall,
  type Payload,
  type StreamingOutputCallRequest,
  simpleRequest,
  simpleResponse,
  streamingInputCall,
  streamingInputCallRequest,
  streamingInputCallResponse,
  streamingOutputCall,
  streamingOutputCallRequest,
  streamingOutputCallResponse,
  unaryCall,
} from './messages.ts'

/**
 * grpc.testing.TestService as grpc's interop-test-descriptions.md wants it of a server, with the features that the cases here need.
 */
export function serveTestService(server: Server): void {
  server.handle(
    emptyCall,
    unary(() => new Uint8Array()),
  )
  server.handle(
    unaryCall,
    unary((bytes, call) => {
      echoMetadata(call)
      const { responseStatus, responseType, responseSize } = simpleRequest.decode(bytes)
      throwEchoed(responseStatus)
      return simpleResponse.encode({ payload: payloadOf(responseType, responseSize) })
    }),
  )
  server.handle<number>(streamingInputCall, {
    onMessage(call, bytes) {
      call.state = (call.state ?? 0) + (streamingInputCallRequest.decode(bytes).payload?.body?.length ?? 0)
    },
    onHalfClose(call) {
      call.send(streamingInputCallResponse.encode({ aggregatedPayloadSize: call.state ?? 0 }))
      call.end()
    },
  })
  server.handle(streamingOutputCall, {
    onMessage(call, bytes) {
      sendAll(call, streamingOutputCallRequest.decode(bytes))
      call.end()
    },
  })
  server.handle(fullDuplexCall, {
    onStart: echoMetadata,
    onMessage(call, bytes) {
      const request = streamingOutputCallRequest.decode(bytes)
      throwEchoed(request.responseStatus)
      // A client that does not read its answers may ask for no more of them.
      if (!sendAll(call, request)) call.pause()
    },
    onDrain: (call) => call.resume(),
    onHalfClose: (call) => call.end(),
  })
}

function echoMetadata(call: Pick<ServerCall<undefined>, 'headers' | 'setHeader' | 'setTrailer'>): void {
  const initial = call.headers.get(echoInitial)
  if (initial !== undefined) call.setHeader(echoInitial, initial)
  const trailing = call.headers.get(echoTrailing)
  if (trailing !== undefined) call.setTrailer(echoTrailing, trailing)
}

/** False when the client reads slowly. */
function sendAll(call: Pick<ServerCall<unknown>, 'send'>, { responseType, responseParameters = [] }: StreamingOutputCallRequest): boolean {
  let flowing = true
  for (const { size } of responseParameters) flowing = call.send(streamingOutputCallResponse.encode({ payload: payloadOf(responseType, size) }))
  return flowing
}

function payloadOf(type = 0, size = 0): Payload {
  if (type !== 0) throw new RpcError('INVALID_ARGUMENT', `there is no payload of type ${type}`)
  if (size < 0) throw new RpcError('INVALID_ARGUMENT', `a payload has no ${size} bytes`)
  return { type, body: new Uint8Array(size) }
}

function throwEchoed({ code = 0, message = '' }: EchoStatus = {}): void {
  if (code !== 0) throw new RpcError(rpcCodeName(code), message)
}
