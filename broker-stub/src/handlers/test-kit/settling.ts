import type {
  AckMessageEntryInit,
  AckMessageResultEntry,
  ChangeInvisibleDurationRequestInit,
  ForwardMessageToDeadLetterQueueRequestInit,
} from '@feathermq/protocol'
import {
  codeNumber,
  decodeAckMessageResponse,
  decodeChangeInvisibleDurationResponse,
  decodeForwardMessageToDeadLetterQueueResponse,
  encodeAckMessageRequest,
  encodeChangeInvisibleDurationRequest,
  encodeForwardMessageToDeadLetterQueueRequest,
  messagingService,
} from '@feathermq/protocol'
import type { RawClient, RawMessage } from '../../testing/raw-client.ts'
import type { TestBroker } from '../../testing/start-broker.ts'
import { type Answer, answerOf, startInMemory } from './calls.ts'

export interface Acknowledged extends Answer {
  readonly entries: readonly AckMessageResultEntry[]
  /** Codes of the entries. */
  readonly codes: readonly number[]
}

/** One AckMessage of exactly these entries. */
export function acknowledge(client: RawClient, topic: string, group: string, entries: readonly AckMessageEntryInit[]): Promise<Acknowledged> {
  return acknowledgeBytes(client, encodeAckMessageRequest({ topic: { name: topic }, group: { name: group }, entries }))
}

export async function acknowledgeBytes(client: RawClient, request: Uint8Array): Promise<Acknowledged> {
  const { status, entries } = await client.call(messagingService.ackMessage, request, decodeAckMessageResponse)
  return { ...answerOf(status), entries, codes: entries.map((entry) => codeNumber(entry.status?.code ?? 0)) }
}

/** One ChangeInvisibleDuration of exactly this request. */
export async function change(client: RawClient, init: ChangeInvisibleDurationRequestInit): Promise<Answer & { readonly handle: string }> {
  const request = encodeChangeInvisibleDurationRequest(init)
  const { status, receiptHandle } = await client.call(messagingService.changeInvisibleDuration, request, decodeChangeInvisibleDurationResponse)
  return { ...answerOf(status), handle: receiptHandle }
}

/** One ForwardMessageToDeadLetterQueue of exactly this request. */
export async function forward(client: RawClient, init: ForwardMessageToDeadLetterQueueRequestInit): Promise<Answer> {
  const request = encodeForwardMessageToDeadLetterQueueRequest(init)
  const { status } = await client.call(messagingService.forwardMessageToDeadLetterQueue, request, decodeForwardMessageToDeadLetterQueueResponse)
  return answerOf(status)
}

/** Sends one message to the topic and receives it for the group. */
export async function leased(
  client: RawClient,
  topic: string,
  group: string,
  options: Parameters<RawClient['receive']>[2] = {},
): Promise<RawMessage> {
  await client.send(topic, 'hello')
  const [message, ...others] = await client.receive(topic, group, options)
  if (message === undefined || others.length > 0) throw new Error(`${topic} was to hold one message, not ${others.length + 1}`)
  return message
}

/** Handles that are not of a live delivery of `topic` and `group`, by what is wrong with them. `live` is one that is. */
export async function deadHandles(live: string): Promise<ReadonlyMap<string, string>> {
  const words = live.split(' ')
  const handles = new Map<string, string>([
    ['an empty one', ''],
    ['a blank one', ' '],
    ['garbage', 'garbage'],
    ['ten words of garbage', 'a b c d e feathermq g h i j'],
    ['one of a stock server', '0 1700000000000 10000 0 0 feathermq 0 0 0'],
    ['one with a word more', `${live} 0`],
    ['one with a word less', words.slice(0, -1).join(' ')],
    ['one with a blank more', `${live} `],
    ['an endless one', '1'.repeat(4_096)],
  ])
  for (const [index, word] of words.entries()) {
    const altered = word === '1' ? '2' : word === '0' ? '1' : `${word.slice(0, -1)}${word.endsWith('0') ? '1' : '0'}`
    handles.set(`one whose word ${index + 1} was altered`, words.with(index, altered).join(' '))
  }
  handles.set('one of another broker of the same name', await handleOfAnotherBroker())
  return handles
}

async function handleOfAnotherBroker(): Promise<string> {
  await using other: TestBroker = await startInMemory()
  return (await leased(other.rawClient(), 'orders', 'billing')).receiptHandle
}
