import type { Message } from '../message/message.ts'
import type { MessageStream } from './message-stream.ts'

export interface OpenStream {
  readonly stream: MessageStream
  /** Gives back what is not settled. */
  leave(): Promise<void>
}

/** Starts with the first `next()`, so that a loop that is never entered costs nothing. */
export class MessageIteration implements AsyncIterableIterator<Message, undefined>, AsyncDisposable {
  readonly #open: () => Promise<OpenStream | undefined>
  #stream: Promise<OpenStream | undefined> | undefined

  constructor(open: () => Promise<OpenStream | undefined>) {
    this.#open = open
  }

  async next(): Promise<IteratorResult<Message, undefined>> {
    this.#stream ??= this.#open()
    const opened = await this.#stream
    if (opened === undefined) return { done: true, value: undefined }
    try {
      return await opened.stream.next()
    } catch (error) {
      await opened.leave()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Message, undefined>> {
    const opened = await this.#stream?.catch(() => undefined)
    await opened?.leave()
    this.#stream = Promise.resolve(undefined)
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}
