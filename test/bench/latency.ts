import type { FeatherMQ } from '@feathermq/sdk'
import type { Latency, Task } from './messages.ts'

/** Messages that a task of `count` of them sends in a second. */
const RATE = 1_000

/**
 * Sends a thousand messages a second, whatever becomes of those before, and takes the time from the moment at which each was to be sent to its handler: a
 * server that stalls delays what had to wait for it as well.
 */
export async function latency(mq: FeatherMQ, task: Task): Promise<Latency> {
  const producer = mq.producer({ topics: [task.topic] })
  const all = task.warmUp + task.count
  const body = new Uint8Array(task.bodyBytes)
  const delays: number[] = []
  let start = 0
  let handled = 0
  let onAll: () => void = () => {}
  const complete = new Promise<void>((resolve) => {
    onAll = resolve
  })
  const running = mq.consumer({ group: task.group, subscribe: { [task.topic]: '*' } }).run(
    (message) => {
      const number = Number(message.properties['n'])
      // A message of before its acknowledgement was lost comes twice, and counts both times: it is rare, and its wait is real.
      if (number >= task.warmUp) delays.push(performance.now() - (start + (number * 1_000) / RATE))
      handled += 1
      if (handled > all) onAll()
    },
    { concurrency: 64 },
  )
  // One that opens the connections.
  await producer.send({ topic: task.topic, body, properties: { n: '-1' } })
  start = performance.now()
  let sent = 0
  const sending: Promise<unknown>[] = []
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(all, Math.floor(((performance.now() - start) * RATE) / 1_000))
      for (; sent < due; sent += 1) sending.push(producer.send({ topic: task.topic, body, properties: { n: `${sent}` } }))
      if (sent < all) return
      clearInterval(timer)
      resolve()
    }, 1)
  })
  await Promise.all(sending)
  await complete
  await mq.close()
  await running
  delays.sort((a, b) => a - b)
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}
