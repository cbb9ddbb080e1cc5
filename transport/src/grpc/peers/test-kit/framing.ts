/** Length-prefixed messages, cut and put together once more and independently of the transport (gRPC over HTTP/2, Length-Prefixed-Message). */

const PREFIX = 5

export function framed(parts: Uint8Array | readonly Uint8Array[]): Buffer[] {
  const list = parts instanceof Uint8Array ? [parts] : parts
  const prefix = Buffer.alloc(PREFIX)
  prefix.writeUInt32BE(
    list.reduce((sum, part) => sum + part.length, 0),
    1,
  )
  return [prefix, ...list.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength))]
}

/** Takes the bytes of a body and hands out whole messages, none while it is paused. */
export class Unframing {
  readonly #take: (message: Buffer) => void
  readonly #fresh: Buffer[] = []
  #fresher = 0
  #paused = false
  #busy = false

  constructor(take: (message: Buffer) => void) {
    this.#take = take
  }

  /** Bytes that make no whole message yet, or wait for {@link resume}. */
  get left(): number {
    return this.#fresher
  }

  get paused(): boolean {
    return this.#paused
  }

  /** Paused, or in the middle of handing out messages: there may be more of them. */
  get waits(): boolean {
    return this.#paused || this.#busy
  }

  push(chunk: Buffer): void {
    this.#fresh.push(chunk)
    this.#fresher += chunk.length
    this.#run()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#run()
  }

  #run(): void {
    if (this.#busy) return
    this.#busy = true
    while (!this.#paused) {
      const head = this.#peek(PREFIX)
      if (head === undefined) break
      if (head[0] !== 0) throw new Error('a compressed message, which nobody asked for')
      const whole = this.#peek(PREFIX + head.readUInt32BE(1))
      if (whole === undefined) break
      this.#drop(whole.length)
      this.#take(whole.subarray(PREFIX))
    }
    this.#busy = false
  }

  /** The next so many bytes in one piece, undefined while they are not there. */
  #peek(count: number): Buffer | undefined {
    if (this.#fresher < count) return undefined
    const first = this.#fresh[0] ?? Buffer.alloc(0)
    if (first.length >= count) return first.subarray(0, count)
    // The head alone: a message that is still on its way need not be joined for it.
    if (count === PREFIX) return Buffer.concat(this.#fresh.slice(0, PREFIX)).subarray(0, PREFIX)
    const joined = Buffer.concat(this.#fresh.splice(0))
    this.#fresh.push(joined)
    return joined.subarray(0, count)
  }

  #drop(count: number): void {
    this.#fresher -= count
    let left = count
    while (left > 0) {
      const first = this.#fresh[0] as Buffer
      if (first.length > left) {
        this.#fresh[0] = first.subarray(left)
        return
      }
      left -= first.length
      this.#fresh.shift()
    }
  }
}
