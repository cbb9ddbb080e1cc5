import type { Consumer } from '../consumer/consumer.ts'
import type { ConsumerOptions } from '../consumer/consumer-options.ts'
import type { HandlerContext } from '../consumer/handler-pool.ts'
import type { Message } from '../message/message.ts'
import type { Bench } from './bench.ts'
import { EventLog } from './event-log.ts'

export interface Running {
  readonly consumer: Consumer
  readonly running: Promise<void>
  /** Every message that a handler was called with. */
  readonly seen: EventLog<Message>
}

/** Runs a consumer of group `billing` and topic `orders` whose handler does what the test says; it ends with the bench. */
export function run(
  test: Bench,
  handler: (message: Message, context: HandlerContext) => Promise<void> | void = () => {},
  more: Partial<ConsumerOptions> = {},
  concurrency = 16,
): Running {
  const seen = new EventLog<Message>()
  const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' }, ...more })
  const running = consumer.run(
    (message, context) => {
      seen.push(message)
      return handler(message, context)
    },
    { concurrency },
  )
  running.catch(() => {})
  return { consumer, running, seen }
}

/** What nacks and extensions asked for, ms. */
export function durations({ server }: Bench): number[] {
  return server.changes.all.map(({ request }) => (request.invisibleDuration?.seconds ?? 0) * 1_000 + (request.invisibleDuration?.nanos ?? 0) / 1e6)
}
