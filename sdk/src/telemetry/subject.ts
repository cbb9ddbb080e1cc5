import type { Message } from '../message/message.ts'

/** A context of OpenTelemetry, as the caller of `run()` had it; undefined where there is no OpenTelemetry. */
export type Ambient = object | undefined

/** Who sends or consumes. */
export interface Subject {
  readonly clientId: string
  readonly namespace: string
}

export interface ConsumerSubject extends Subject {
  readonly group: string
}

export interface ProcessSubject extends ConsumerSubject {
  /** The context that `run()` was called in. */
  readonly ambient: Ambient
}

/** Where a message may carry a context: in user properties, as most clients write it, or in `SystemProperties.trace_context`, as C++ does. */
export interface MessageContext {
  readonly properties: ReadonlyMap<string, string>
  readonly traceContext: string | undefined
}

/** What a consumer keeps of one topic. */
export interface Cached {
  readonly topic: string
  readonly group: string
  readonly messages: number
  readonly bytes: number
}

/** Something that a producer does beside sending: the name is that of the span's operation. */
export interface OperationSubject extends Subject {
  readonly name: 'commit' | 'rollback' | 'recall' | 'check'
  readonly topic: string
  readonly messageId: string | undefined
  /** The message that it is about, to link to whoever made it. */
  readonly source: MessageContext | undefined
}

/** By what a message is known among others. */
export type Identified = Pick<Message, 'messageId' | 'tag' | 'messageGroup' | 'keys'>
