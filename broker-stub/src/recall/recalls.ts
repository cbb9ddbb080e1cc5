import type { Clock } from '../clock.ts'
import { Recent } from '../recent.ts'
import type { KeptMessages } from '../store/kept-messages.ts'
import type { RecallHandles, RecallParts } from './recall-handle.ts'

export type Recalled =
  /** The message never comes. */
  | { readonly kind: 'recalled'; readonly messageId: string }
  /** It has come, or is on its way. */
  | { readonly kind: 'late' }
  /** No such message of the topic: the handle is none, or of another broker. */
  | { readonly kind: 'unknown' }

/** Takes delayed messages back before their time. */
export class Recalls {
  readonly #clock: Clock
  readonly #kept: KeptMessages
  readonly #handles: RecallHandles
  readonly #recalled = new Recent<true>()

  constructor(clock: Clock, kept: KeptMessages, handles: RecallHandles) {
    this.#clock = clock
    this.#kept = kept
    this.#handles = handles
  }

  handle(parts: RecallParts): string {
    return this.#handles.make(parts)
  }

  /** Once more is as good as once, before the message's time for ever, after it for as long as that is remembered. Rejects when the disk fails. */
  async recall(topic: string, handle: string): Promise<Recalled> {
    const parts = this.#handles.parse(handle)
    if (parts === undefined || parts.topic !== topic) return { kind: 'unknown' }
    const { id, messageId, deliverAt } = parts
    if (this.#recalled.get(id) !== undefined) return { kind: 'recalled', messageId }
    // From its time on it may be in its queue, also where the store has not seen to it that it is not kept any more.
    if (this.#clock.now() >= deliverAt) return { kind: 'late' }
    // The handle was given for a message that was kept: where it is no more, before its time, it was recalled before a restart, or went with its topic.
    if ((await this.#kept.cancel(id)) === 'due') return { kind: 'late' }
    this.#recalled.set(id, true)
    return { kind: 'recalled', messageId }
  }
}
