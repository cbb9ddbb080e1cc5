import { setTimeout as pause } from 'node:timers/promises'
import { type FeatherMQ, FeatherMQError, type Message } from '@feathermq/sdk'

/** The dead letters of a group, one at a time. */
export interface DeadLetters {
  next(): Promise<Message>
}

/** They lie in a topic that the server makes with the first of them. `undertaker`: the group that reads it. */
export function deadLetters(mq: FeatherMQ, group: string, undertaker: string): DeadLetters {
  const consumer = mq.simpleConsumer({ group: undertaker, subscribe: { [`%DLQ%${group}`]: '*' } })
  return {
    async next() {
      while (true) {
        try {
          const [message] = await consumer.receive({ max: 1, wait: '20s', invisible: '60s' })
          if (message === undefined) throw new Error(`${group} has no new dead letter for 20 s`)
          await message.ack()
          return message
        } catch (error) {
          if (!(error instanceof FeatherMQError) || error.code !== 'TOPIC_NOT_FOUND') throw error
          // Nothing tells when a topic is made.
          await pause(250)
        }
      }
    },
  }
}
