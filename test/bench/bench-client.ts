/** One unit of work: sends one message, or receives and acknowledges one batch. Resolves with the number of messages. */
export interface BenchClient {
  step(): Promise<number>
  /** Resolves when all that was sent has been handled. */
  drained?(): Promise<void>
  close(): Promise<void>
}
