import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pinned } from '../interop/support/runtime.ts'
import { installedOnce } from '../packaging/fetched.ts'
import type { BenchClient } from './bench-client.ts'
import type { Task } from './messages.ts'

/** What is used of BullMQ, which is no dependency of the project. */
interface BullMq {
  readonly Queue: new (
    name: string,
    options: object,
  ) => { add(name: string, data: unknown, options: object): Promise<unknown>; close(): Promise<void> }
  readonly Worker: new (name: string, process: () => Promise<void>, options: object) => { close(): Promise<void> }
}

/** Fetches it, where it is not there yet. */
export function bullMqModules(): Promise<string> {
  const version = pinned('bullmq')
  return installedOnce('bullmq', `BullMQ ${version}, to be measured beside our SDK (14 MB)`, { bullmq: version, ioredis: pinned('ioredis') })
}

async function bullMq(): Promise<BullMq> {
  return createRequire(join(await bullMqModules(), 'none.js'))('bullmq')
}

/** A job that is kept nowhere once it is done, as a message that was acknowledged. */
const options = { removeOnComplete: true, removeOnFail: true }

export async function bullMqProducer(task: Task): Promise<BenchClient> {
  const { Queue } = await bullMq()
  const queue = new Queue(task.topic, { connection: { path: task.endpoints } })
  // Jobs are JSON: a body of so many bytes is a text of so many letters.
  const data = { body: 'a'.repeat(task.bodyBytes) }
  return {
    close: () => queue.close(),
    async step() {
      await queue.add('created', data, options)
      return 1
    },
  }
}

/** Handles what is there, `inFlight` at a time. */
export async function bullMqWorker(task: Task, onMessage: () => void): Promise<() => Promise<void>> {
  const { Worker } = await bullMq()
  // It makes a second connection of its own for what blocks.
  const connection = { path: task.endpoints, maxRetriesPerRequest: null }
  const worker = new Worker(task.topic, async () => onMessage(), { connection, concurrency: task.inFlight })
  return () => worker.close()
}
