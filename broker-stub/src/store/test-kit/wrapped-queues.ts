import type { StoredMessage } from '../../log/message-log.ts'
import type { Appended, Fetched, QueueEntry, TopicQueues } from '../message-store.ts'

/** Does what the queues within do; who imitates other ones says what differs. */
export class WrappedQueues implements TopicQueues {
  protected readonly queues: TopicQueues

  constructor(queues: TopicQueues) {
    this.queues = queues
  }

  get name(): string {
    return this.queues.name
  }

  get count(): number {
    return this.queues.count
  }

  get stored(): { readonly messages: number; readonly bytes: number } {
    return this.queues.stored
  }

  get deferred(): number {
    return this.queues.deferred
  }

  append(message: StoredMessage): Appended {
    return this.queues.append(message)
  }

  range(queueId: number): { readonly min: number; readonly max: number } {
    return this.queues.range(queueId)
  }

  next(queueId: number, offset: number): QueueEntry | 'loading' | undefined {
    return this.queues.next(queueId, offset)
  }

  fetch(entry: QueueEntry): Fetched {
    return this.queues.fetch(entry)
  }

  join(): number[] {
    return this.queues.join()
  }

  rejoin(cursors: ReadonlyMap<number, number>): number[] {
    return this.queues.rejoin(cursors)
  }

  settle(entry: QueueEntry): void {
    this.queues.settle(entry)
  }

  leave(cursors: readonly number[]): void {
    this.queues.leave(cursors)
  }
}
