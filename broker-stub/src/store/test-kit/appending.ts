import assert from 'node:assert/strict'
import type { StoredMessage } from '../../log/message-log.ts'
import { stored } from '../../log/test-kit/stored.ts'
import type { MessageStore, QueueEntry, StoredTopic } from '../message-store.ts'
import { Reading } from './reading.ts'

export const ORDERS: StoredTopic = { id: 1, name: 'orders', queues: 1 }

/** A message of `orders` whose bytes are `size` many. */
export function sized(messageId: string, size = 100, fields: Partial<StoredMessage> = {}): StoredMessage {
  const bytes = Buffer.alloc(size, messageId)
  const places = { systemPropertiesStart: 0, systemPropertiesEnd: 0, bodyStart: 0, bodyEnd: size }
  return { ...stored({ topic: 'orders', messageId }), bytes, ...places, ...fields }
}

/** Appends, and waits until it is durable. @returns where it is. */
export async function append({ queues }: Reading, message: StoredMessage): Promise<{ readonly queueId: number; readonly offset: number }> {
  const answer = queues.append(message)
  assert.ok(answer.kind === 'appended', `the store answered ${JSON.stringify(answer)}`)
  await answer.durable
  return { queueId: answer.queueId, offset: answer.offset }
}

/** `offset:id` of all that is to be seen of a queue. */
export async function contents(store: MessageStore, topic: StoredTopic = ORDERS, queueId = 0): Promise<string[]> {
  return contentsOf(new Reading(store, topic), queueId)
}

export async function contentsOf(reading: Reading, queueId = 0): Promise<string[]> {
  return (await reading.all(queueId)).map(({ entry, message }) => `${entry.offset}:${message.messageId}`)
}

export async function entryAt(reading: Reading, offset: number, queueId = 0): Promise<QueueEntry> {
  const entry = await reading.next(queueId, offset)
  assert.ok(entry?.offset === offset, `there is no message at ${offset}`)
  return entry
}

export async function turns(count = 4): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
