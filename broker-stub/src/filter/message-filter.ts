import type { StoredMessage } from '../log/message-log.ts'

/** Decides whether a message belongs to a receive, by tags or by SQL. Compiled once per expression. */
export interface MessageFilter {
  /** The expression in a normal form; equal text, equal filter. */
  readonly expression: string
  matches(message: StoredMessage): boolean
}
