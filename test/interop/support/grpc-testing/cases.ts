import assert from 'node:assert/strict'
import { type CallOptions, type Channel, type RpcCode, rpcCodeNumber } from '@feathermq/transport'
import { Conversation, type End } from './conversation.ts'
import {
  echoInitial,
  echoTrailing,
  emptyCall,
  fullDuplexCall,
  type Payload,
  type SimpleRequest,
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
  unimplementedMethod,
  unimplementedService,
} from './messages.ts'

/** A case of grpc's interop-test-descriptions.md, as its client plays it. Rejects when the server does not answer as it must. */
export type InteropCase = (channel: Channel) => Promise<void>

const zeros = (size: number): Payload => ({ body: new Uint8Array(size) })
const nothing = new Uint8Array()
const requestSizes = [27182, 8, 1828, 45904]
const responseSizes = [31415, 9, 2653, 58979]

export const interopCases: Readonly<Record<string, InteropCase>> = {
  empty_unary: emptyUnary,

  async large_unary(channel) {
    await largeUnary(channel)
  },

  async client_streaming(channel) {
    const call = new Conversation(channel, streamingInputCall)
    for (const size of requestSizes) await call.send(streamingInputCallRequest.encode({ payload: zeros(size) }))
    call.halfClose()
    assert.deepEqual(streamingInputCallResponse.decode(await call.next()), { aggregatedPayloadSize: 74922 })
    await endsWith(call, 'OK')
  },

  async server_streaming(channel) {
    const call = new Conversation(channel, streamingOutputCall)
    await call.send(streamingOutputCallRequest.encode({ responseParameters: responseSizes.map((size) => ({ size })) }))
    call.halfClose()
    for (const size of responseSizes) isZeros(streamingOutputCallResponse.decode(await call.next()).payload, size)
    await endsWith(call, 'OK')
  },

  async ping_pong(channel) {
    const call = new Conversation(channel, fullDuplexCall)
    for (const [index, size] of responseSizes.entries()) {
      await say(call, { responseParameters: [{ size }], payload: zeros(requestSizes[index] ?? 0) })
      isZeros(streamingOutputCallResponse.decode(await call.next()).payload, size)
      assert.equal(call.rest.length, 0)
    }
    call.halfClose()
    await endsWith(call, 'OK')
  },

  async empty_stream(channel) {
    const call = new Conversation(channel, fullDuplexCall)
    call.halfClose()
    await endsWith(call, 'OK')
  },

  async timeout_on_sleeping_server(channel) {
    // With a connection, so that the time is not over before the server hears of the call.
    await emptyUnary(channel)
    const call = new Conversation(channel, fullDuplexCall, { timeout: 1 })
    await say(call, { payload: zeros(27182) })
    await endsWith(call, 'DEADLINE_EXCEEDED')
  },

  async cancel_after_begin(channel) {
    const call = new Conversation(channel, streamingInputCall)
    call.cancel()
    await endsWith(call, 'CANCELLED')
  },

  async cancel_after_first_response(channel) {
    const call = new Conversation(channel, fullDuplexCall)
    await say(call, { responseParameters: [{ size: 31415 }], payload: zeros(27182) })
    isZeros(streamingOutputCallResponse.decode(await call.next()).payload, 31415)
    call.cancel()
    await endsWith(call, 'CANCELLED')
  },

  async status_code_and_message(channel) {
    const responseStatus = { code: rpcCodeNumber('UNKNOWN'), message: 'test status message' }
    const unary = ask(channel, { responseStatus })
    await endsWith(unary, 'UNKNOWN', responseStatus.message)
    const duplex = new Conversation(channel, fullDuplexCall)
    await say(duplex, { responseStatus })
    duplex.halfClose()
    await endsWith(duplex, 'UNKNOWN', responseStatus.message)
  },

  async special_status_message(channel) {
    const message = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n'
    await endsWith(ask(channel, { responseStatus: { code: rpcCodeNumber('UNKNOWN'), message } }), 'UNKNOWN', message)
  },

  async custom_metadata(channel) {
    const headers = [
      [echoInitial, 'test_initial_metadata_value'],
      [echoTrailing, Buffer.of(0xab, 0xab, 0xab).toString('base64')],
    ] as const
    const isEchoed = (end: End) => {
      assert.equal(end.headers?.get(echoInitial), 'test_initial_metadata_value')
      assert.deepEqual([...(end.trailers.binary(echoTrailing) ?? [])], [0xab, 0xab, 0xab])
    }
    isEchoed(await largeUnary(channel, { headers }))
    const duplex = new Conversation(channel, fullDuplexCall, { headers })
    await say(duplex, { responseParameters: [{ size: 314159 }], payload: zeros(271828) })
    duplex.halfClose()
    isZeros(streamingOutputCallResponse.decode(await duplex.next()).payload, 314159)
    isEchoed(await endsWith(duplex, 'OK'))
  },

  async unimplemented_method(channel) {
    const call = new Conversation(channel, unimplementedMethod)
    await call.send(nothing)
    call.halfClose()
    await endsWith(call, 'UNIMPLEMENTED')
  },

  async unimplemented_service(channel) {
    const call = new Conversation(channel, unimplementedService)
    await call.send(nothing)
    call.halfClose()
    await endsWith(call, 'UNIMPLEMENTED')
  },
}

async function emptyUnary(channel: Channel): Promise<void> {
  const call = new Conversation(channel, emptyCall)
  await call.send(nothing)
  call.halfClose()
  assert.equal((await call.next()).length, 0)
  await endsWith(call, 'OK')
}

function ask(channel: Channel, request: SimpleRequest, options?: CallOptions): Conversation {
  const call = new Conversation(channel, unaryCall, options)
  void call.send(simpleRequest.encode(request))
  call.halfClose()
  return call
}

async function largeUnary(channel: Channel, options?: CallOptions): Promise<End> {
  const call = ask(channel, { responseSize: 314159, payload: zeros(271828) }, options)
  isZeros(simpleResponse.decode(await call.next()).payload, 314159)
  return endsWith(call, 'OK')
}

function say(call: Conversation, request: StreamingOutputCallRequest): Promise<void> {
  return call.send(streamingOutputCallRequest.encode(request))
}

function isZeros(payload: Payload | undefined, size: number): void {
  assert.equal(payload?.type ?? 0, 0)
  assert.equal(payload?.body?.length, size)
  assert.ok(payload?.body?.every((byte) => byte === 0))
}

/** The call ends so, and without an answer that nobody asked for. */
async function endsWith(call: Conversation, code: RpcCode, message?: string): Promise<End> {
  const end = await call.ended
  assert.equal(end.status.code, code, `${end.status.code}: ${end.status.message}`)
  if (message !== undefined) assert.equal(end.status.message, message)
  assert.equal(call.rest.length, 0)
  return end
}
