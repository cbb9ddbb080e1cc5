import { setTimeout as pause } from 'node:timers/promises'
import { type FeatherMQ, FeatherMQError, type Message } from '@feathermq/sdk'

const TRIES = 60

/** The dead letters of a group, one at a time. */
export interface DeadLetters {
  next(): Promise<Message>
}

/** They lie in a topic that the server makes with the first of them. `undertaker`: the group that reads it. */
export function deadLetters(mq: FeatherMQ, group: string, undertaker: string): DeadLetters {
  const consumer = mq.simpleConsumer({ group: undertaker, subscribe: { [`%DLQ%${group}`]: '*' } })
  return {
    async next() {
      for (let tries = 0; tries < TRIES; tries += 1) {
        try {
          // A stock server may tell a receive only at the end of its wait what came meanwhile, so the shortest that it takes.
          const [message] = await consumer.receive({ max: 1, wait: '5s', invisible: '60s' })
          await message?.ack()
          if (message !== undefined) return message
        } catch (error) {
          if (!(error instanceof FeatherMQError) || error.code !== 'TOPIC_NOT_FOUND') throw error
          // Nothing tells when a topic is made.
          await pause(500)
        }
      }
      throw new Error(`${group} has no new dead letter`)
    },
  }
}
