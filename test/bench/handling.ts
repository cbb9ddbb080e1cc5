import { once } from 'node:events'
import type { FeatherMQ } from '@feathermq/sdk'
import { bullMqWorker } from './bullmq-client.ts'
import { type Task, type Usage, usageSince } from './messages.ts'

/** Starts a consumer that tells of each message, and ends with what it returns. */
export type StartConsumer = (onMessage: () => void) => Promise<() => Promise<unknown>>

/**
 * Lets a consumer handle what a topic holds. Its time is taken from the last message of the warm-up on, without a pause in which it could fetch ahead, to
 * the end of its last acknowledgement.
 */
export async function handling(task: Task, start: StartConsumer): Promise<Usage> {
  process.send?.('ready')
  await once(process, 'message')
  let handled = 0
  let before: NodeJS.CpuUsage | undefined
  let onAll: () => void = () => {}
  const complete = new Promise<void>((resolve) => {
    onAll = resolve
  })
  const close = await start(() => {
    handled += 1
    if (handled === task.warmUp) before = process.cpuUsage()
    if (handled === task.warmUp + task.count) onAll()
  })
  await complete
  await close()
  if (before === undefined) throw new Error('a task "handle" needs a warm-up of one message at least')
  return usageSince(before)
}

export function ourConsumer(mq: FeatherMQ, task: Task): StartConsumer {
  return async (onMessage) => {
    const consumer = mq.consumer({ group: task.group, subscribe: { [task.topic]: '*' } })
    const running = consumer.run(onMessage, { concurrency: task.inFlight })
    return async () => {
      await mq.close()
      await running
    }
  }
}

export function bullMqConsumer(task: Task): StartConsumer {
  return (onMessage) => bullMqWorker(task, onMessage)
}
