import { Duplex } from 'node:stream'

/** The end of a connection that a test holds in its hands: it says what arrives, and when what was written has gone. */
export class FakeSocket extends Duplex {
  /** What was written and has gone, copied at that moment. */
  readonly written: Buffer[] = []
  /** The pieces of the last writing as they were given. */
  handed: readonly Buffer[] = []
  /** Calls of the system for writing: pieces that were written together count once. */
  writes = 0
  /** False: what is written waits, as for a peer that does not read. */
  #reads = true
  #waiting: (() => void) | undefined

  constructor() {
    super({ allowHalfOpen: true, autoDestroy: true })
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#accept([chunk], done)
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: () => void): void {
    this.#accept(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  #accept(chunks: readonly Buffer[], done: () => void): void {
    this.writes += 1
    this.handed = chunks
    const go = (): void => {
      this.written.push(...chunks.map((chunk) => Buffer.from(chunk)))
      done()
    }
    if (this.#reads) go()
    else this.#waiting = go
  }

  /** The peer reads no more. */
  stall(): void {
    this.#reads = false
  }

  /** The peer takes what waits, and goes on reading unless told otherwise. */
  drain(goOn = true): void {
    this.#reads = goOn
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  /** Bytes arrive, in a buffer of their own that is spoilt afterwards: they are only lent. */
  deliver(bytes: Uint8Array): void {
    const lent = Buffer.from(bytes)
    this.emit('data', lent)
    lent.fill(0xee)
  }

  /** All that was written, and has gone, since the last call. */
  sent(): Buffer {
    return Buffer.concat(this.written.splice(0))
  }
}

/** Lets what was put off to the end of this turn of the event loop happen. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve))
  })
}
