import type { MessageBytes } from '../contract.ts'
import { copyOf } from '../message-bytes.ts'
import { runApart } from '../run-apart.ts'
import type { Wire } from './wire.ts'

/** From here on a writer is told to wait; the window of an HTTP/2 stream is of that size. */
const HIGH_WATER = 64 * 1024
/** Below here it may go on. */
const LOW_WATER = HIGH_WATER / 2

export interface FlowEnds {
  /** Takes one message; it owns the bytes. */
  onMessage(message: Uint8Array): void
  /** The writer may go on. */
  onDrain(): void
}

interface Entry {
  readonly bytes: Uint8Array
  /** What was sent, kept to see that nobody wrote into it since. Undefined unless borrowed bytes are poisoned. */
  readonly sent: MessageBytes | undefined
}

/** One direction of a call: an ordered queue of messages that the reader empties in later turns, as fast as it wants. */
export class Flow {
  readonly #wire: Wire
  readonly #ends: FlowEnds
  readonly #watchSent: boolean
  #queue: Entry[] = []
  #bytes = 0
  #choked = false
  #paused = false
  #scheduled = false
  /** Set once the writer is done; runs when the reader has taken the last message. */
  #onEnd: (() => void) | undefined
  #open = false
  #closed = false

  constructor(wire: Wire, ends: FlowEnds, watchSent: boolean) {
    this.#wire = wire
    this.#ends = ends
    this.#watchSent = watchSent
  }

  /** Messages arrive from now on; before, they only queue up. */
  open(): void {
    this.#open = true
    this.#schedule()
  }

  write(message: MessageBytes): boolean {
    if (this.#closed || this.#onEnd !== undefined) return true
    const bytes = copyOf(message)
    this.#queue.push({ bytes, sent: this.#watchSent ? message : undefined })
    this.#bytes += bytes.byteLength
    if (this.#bytes >= HIGH_WATER) this.#choked = true
    this.#schedule()
    return !this.#choked
  }

  end(onEnd: () => void): void {
    if (this.#closed || this.#onEnd !== undefined) return
    this.#onEnd = onEnd
    this.#schedule()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#schedule()
  }

  /** Drops what has not been taken. */
  close(): void {
    this.#closed = true
    this.#queue = []
  }

  #schedule(): void {
    if (this.#scheduled || !this.#open || this.#closed) return
    this.#scheduled = true
    this.#wire.post(() => {
      this.#scheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    while (!this.#paused && !this.#closed) {
      const entry = this.#queue.shift()
      if (entry === undefined) break
      this.#bytes -= entry.bytes.byteLength
      const { sent, bytes } = entry
      if (sent !== undefined) runApart(() => assertUnchanged(sent, bytes))
      runApart(() => this.#ends.onMessage(bytes))
      if (this.#choked && this.#bytes < LOW_WATER) {
        this.#choked = false
        this.#wire.post(() => {
          if (!this.#closed) this.#ends.onDrain()
        })
      }
    }
    if (this.#queue.length > 0 || this.#paused || this.#closed || this.#onEnd === undefined) return
    this.#closed = true
    this.#onEnd()
  }
}

function assertUnchanged(sent: MessageBytes, bytes: Uint8Array): void {
  if (Buffer.compare(copyOf(sent), bytes) !== 0) throw new Error('misuse of the transport: a message was written into after it had been sent')
}
