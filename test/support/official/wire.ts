import type { Ask, Decision, Reply } from './calls.ts'

/** The official client failed; `code` is the RocketMQ code when it told one. */
export class OfficialError extends Error {
  readonly code: number | undefined
  constructor(message: string, code: number | undefined) {
    super(message)
    this.code = code
  }
}

export type Arrived = Extract<Reply, { arrived: number }>

/** The way to one official client in its process. */
export interface Wire {
  /** Of the process, which it may share with others. */
  readonly pid: number
  /** Settles once the client has begun to shut down. */
  readonly closing: Promise<void>
  ask(ask: Ask): Promise<unknown>
  decide(decision: Decision): void
  /** Rejects when the process ends. */
  readonly death: Promise<never>
  /** Nothing more is asked of this client: it did not start, or was shut down. */
  release(): Promise<void>
  /** Ends the process as a crash would. */
  kill(): Promise<void>
}

/** Opens the way to a new client. One that is `alone` shares its process with no other. */
export type OpenWire = (onArrival: (arrived: Arrived) => void, alone: boolean) => Wire

/** Calls that wait for their replies. */
export interface Waiting {
  /** A number for a call, and the promise of its reply. */
  add(): { readonly id: number; readonly reply: Promise<unknown> }
  settle(reply: Extract<Reply, { reply: number }>): void
  fail(error: Error): void
}

export function waiting(): Waiting {
  const calls = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let last = 0
  return {
    add() {
      const id = ++last
      return { id, reply: new Promise((resolve, reject) => calls.set(id, { resolve, reject })) }
    },
    settle(reply) {
      const call = calls.get(reply.reply)
      calls.delete(reply.reply)
      if ('error' in reply) call?.reject(new OfficialError(reply.error, reply.code))
      else call?.resolve(reply.value)
    },
    fail(error) {
      for (const { reject } of calls.values()) reject(error)
      calls.clear()
    },
  }
}
