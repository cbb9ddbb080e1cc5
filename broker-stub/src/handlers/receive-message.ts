import type { Code, FilterExpression, ReceiveMessageRequest } from '@feathermq/protocol'
import { decodeReceiveMessageRequest, encodeReceiveMessageResponse, headerNames, limits, msFromDuration, timestampFromMs } from '@feathermq/protocol'
import { type MethodHandler, RpcError, type ServerCall } from '@feathermq/transport'
import { admitClient, admitFilter, admitGroup, admitTopic, checkNames, decodeRequest, Refusal } from '../admission/admit.ts'
import { status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import type { Delivery, PendingReceive, ReceiveOutcome, ReceiveRequest } from '../delivery/types.ts'
import type { MessageFilter } from '../filter/message-filter.ts'
import type { Client } from '../registry/clients.ts'
import { encodeDelivered } from './delivered-message.ts'

/** What is left of a deadline for the answer to travel, ms (server behaviour: longPollingReserveTimeInMillis). */
const RESERVE = 100
/** Messages up to this size are copied, so that the memory that they were read into can be used again. */
const COPIED = 16 * 1024
/** Shortest deadline under which waiting makes sense, ms. */
const ENOUGH = limits.minPolling

/**
 * ReceiveMessage: takes messages under a lease, and waits for the first one if there is none.
 *
 * Streams the status, the messages, and the time of delivery; without messages MESSAGE_NOT_FOUND and the time. A call that the client cancels leaves the
 * line at once; messages of an answer that was not taken come back at once with their attempt unchanged. The queue that the client names does not
 * matter: all queues of the topic are looked at.
 */
export function receiveMessage(broker: BrokerContext): MethodHandler<PendingReceive> {
  const meter = broker.counters.rpc('ReceiveMessage')
  const { clock } = broker
  return {
    onMessage(call, bytes) {
      const began = clock.monotonic()
      try {
        const client = admitClient(broker, call)
        const request = decodeRequest(decodeReceiveMessageRequest, bytes)
        // In the order in which a stock server looks (server behaviour: ReceiveMessageActivity), and all of it before anything is made on first use.
        const wait = waitOf(request, call)
        checkNames(request.messageQueue?.topic, request.group)
        const asked: ReceiveRequest = {
          clientId: client.id,
          wait,
          invisible: invisibleOf(request),
          filter: filterOf(broker, client, request),
          max: batchSize(request),
          autoRenew: request.autoRenew,
          attemptId: request.attemptId,
        }
        const topic = admitTopic(broker, request.messageQueue?.topic)
        const group = admitGroup(broker, request.group)
        // What is there is handed out before the next macrotask; nothing else tells that a receive did not have to wait.
        let waits = false
        call.state = broker.delivery.receive(topic, group, asked, (outcome) => {
          const code = answer(broker, call, outcome)
          if (code === undefined) meter.cancelled('OK', clock.monotonic() - began)
          else meter.answered(code, clock.monotonic() - began, waits)
        })
        if (wait > 0) queueMicrotask(() => (waits = true))
      } catch (error) {
        if (!(error instanceof Refusal)) {
          meter.failed(error instanceof RpcError ? error.code : 'INTERNAL', clock.monotonic() - began)
          throw error
        }
        meter.answered(error.code, clock.monotonic() - began)
        finish(broker, call, error.status)
      }
    },
    onCancel(call) {
      call.state?.cancel()
    },
  }
}

/** @returns the code of the answer; undefined when the client left between the decision and now. */
function answer(broker: BrokerContext, call: ServerCall<PendingReceive>, outcome: ReceiveOutcome): Code | undefined {
  if (call.cancelled) {
    call.state?.cancel()
    return undefined
  }
  switch (outcome.kind) {
    case 'empty':
      finish(broker, call, status('MESSAGE_NOT_FOUND', 'no new message'))
      return 'MESSAGE_NOT_FOUND'
    case 'refused':
      finish(broker, call, status('TOO_MANY_REQUESTS', outcome.reason))
      return 'TOO_MANY_REQUESTS'
    case 'messages': {
      const host = broker.storeHost()
      call.send(encodeReceiveMessageResponse({ content: { case: 'status', value: status('OK') } }))
      for (const delivery of outcome.deliveries) deliver(call, delivery, host)
      end(broker, call)
      return 'OK'
    }
  }
}

/** A small message is copied to the wire in any case. The memory of a large one goes to it as it is, and is not used again. */
function deliver(call: ServerCall<PendingReceive>, delivery: Delivery, host: string): void {
  const { message } = delivery
  const bytes = encodeDelivered(delivery, host)
  if (message.release === undefined || message.bytes.length > COPIED) call.send(bytes)
  else {
    call.sendLent(bytes)
    message.release()
  }
}

function finish(broker: BrokerContext, call: ServerCall<PendingReceive>, ended: ReturnType<typeof status>): void {
  call.send(encodeReceiveMessageResponse({ content: { case: 'status', value: ended } }))
  end(broker, call)
}

function end(broker: BrokerContext, call: ServerCall<PendingReceive>): void {
  call.send(encodeReceiveMessageResponse({ content: { case: 'deliveryTimestamp', value: timestampFromMs(broker.clock.now()) } }))
  call.end()
}

function batchSize(request: ReceiveMessageRequest): number {
  if (request.batchSize < 0) throw new Refusal('BAD_REQUEST', `batch_size is ${request.batchSize}; ask for 1 to ${limits.receiveBatch} messages`)
  return Math.min(Math.max(request.batchSize, 1), limits.receiveBatch)
}

/** The filter of the request; without one, that of the client's settings. */
function filterOf(broker: BrokerContext, client: Client, request: ReceiveMessageRequest): MessageFilter {
  return admitFilter(broker, request.filterExpression ?? subscribed(client, request))
}

function subscribed({ settings }: Client, { group, messageQueue }: ReceiveMessageRequest): FilterExpression | undefined {
  if (settings?.pubSub?.case !== 'subscription' || settings.pubSub.value.group?.name !== group?.name) return undefined
  return settings.pubSub.value.subscriptions.find(({ topic }) => topic?.name === messageQueue?.topic?.name)?.expression
}

function invisibleOf(request: ReceiveMessageRequest): number {
  if (request.autoRenew) return limits.minInvisible
  const duration = request.invisibleDuration === undefined ? 0 : msFromDuration(request.invisibleDuration)
  if (duration < limits.minInvisible || duration > limits.maxInvisible) {
    throw new Refusal(
      'ILLEGAL_INVISIBLE_TIME',
      `the invisible duration is ${duration} ms; it must be ${limits.minInvisible} to ${limits.maxInvisible}`,
    )
  }
  return duration
}

/** How long to wait, ms: what was asked for, within twenty seconds and the deadline. */
function waitOf(request: ReceiveMessageRequest, { remaining, headers }: Pick<ServerCall<unknown>, 'remaining' | 'headers'>): number {
  const left = remaining === undefined ? limits.maxPolling : Math.max(0, remaining - RESERVE)
  const asked = request.longPollingTimeout === undefined ? left : Math.max(0, msFromDuration(request.longPollingTimeout))
  const wait = Math.min(asked, limits.maxPolling)
  if (wait <= left) return wait
  if (left < ENOUGH - RESERVE) {
    // Clients before 5.0.3 do not know the code.
    const code = /^5\.0\.[0-2](?!\d)/.test(headers.get(headerNames.clientVersion) ?? '') ? 'BAD_REQUEST' : 'ILLEGAL_POLLING_TIME'
    throw new Refusal(code, `the deadline leaves ${left} ms, the request asks to wait ${asked} ms: give the call a longer deadline`)
  }
  return left
}
