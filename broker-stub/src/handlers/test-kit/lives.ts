import type { HeartbeatRequestInit, NotifyClientTerminationRequestInit } from '@feathermq/protocol'
import {
  decodeHeartbeatResponse,
  decodeNotifyClientTerminationResponse,
  encodeHeartbeatRequest,
  encodeNotifyClientTerminationRequest,
  headerNames,
  messagingService,
} from '@feathermq/protocol'
import { callUnary } from '@feathermq/transport'
import type { TestBroker } from '../../testing/start-broker.ts'
import { type Answer, answerOf } from './calls.ts'

export type CallHeaders = readonly (readonly [name: string, value: string])[]

const headersOf = (clientId: string, more: CallHeaders): CallHeaders => (clientId === '' ? more : [[headerNames.clientId, clientId], ...more])

/** One Heartbeat; an empty client id is not sent. */
export async function beat(broker: TestBroker, clientId: string, init: HeartbeatRequestInit = {}, headers: CallHeaders = []): Promise<Answer> {
  const channel = broker.transport.createChannel({ address: broker.endpoints })
  const { status } = await callUnary(channel, messagingService.heartbeat, encodeHeartbeatRequest(init), decodeHeartbeatResponse, {
    headers: headersOf(clientId, headers),
  })
  channel.close()
  return answerOf(status)
}

/** One NotifyClientTermination; an empty client id is not sent. */
export async function sayGoodbye(broker: TestBroker, clientId: string, init: NotifyClientTerminationRequestInit = {}): Promise<Answer> {
  const channel = broker.transport.createChannel({ address: broker.endpoints })
  const request = encodeNotifyClientTerminationRequest(init)
  const { status } = await callUnary(channel, messagingService.notifyClientTermination, request, decodeNotifyClientTerminationResponse, {
    headers: headersOf(clientId, []),
  })
  channel.close()
  return answerOf(status)
}
