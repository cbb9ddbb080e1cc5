import { jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { BenchClient } from './bench-client.ts'
import type { Task } from './messages.ts'

/** The client of NATS as its documentation shows it. Its acknowledgements are not answered; ours are. */
export async function natsClient(task: Task, batch: number): Promise<BenchClient> {
  const connection = await connect({ servers: task.endpoints })
  const stream = jetstream(connection)
  const close = () => connection.close()
  // All that was acknowledged has reached the server then.
  const drained = () => connection.flush()
  if (task.what === 'send') {
    const body = new Uint8Array(task.bodyBytes).fill(0x61)
    return {
      close,
      async step() {
        await stream.publish(task.topic, body)
        return 1
      },
    }
  }
  if (task.what !== 'receive') throw new Error(`the client of NATS does no ${task.what}`)
  const consumer = await stream.consumers.get(task.topic, task.group)
  const messages = await consumer.consume()
  const iterator = messages[Symbol.asyncIterator]()
  return {
    async close() {
      // What came beyond the last batch is never asked for, and its close would wait for that.
      messages.stop()
      await close()
    },
    drained,
    async step() {
      for (let taken = 0; taken < batch; taken += 1) {
        const { value, done } = await iterator.next()
        if (done === true) return taken
        value.ack()
      }
      return batch
    },
  }
}
