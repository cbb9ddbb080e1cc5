import { zlib } from '../builtins.ts'
import type { RpcStatus } from '../contract.ts'
import type { MessageRoom, RoomUser } from '../http2/message-room.ts'
import { PREFIX } from '../http2/stream.ts'

/** Up to this length a message gets its buffer at once; a longer one grows with what arrives, so that a length alone costs nothing. */
const AT_ONCE = 16 * 1024
/** What most readers hold for all of their life. Nobody puts anything in. */
const NOTHING: Buffer[] = []

export interface MessageSink {
  /** `kept` bytes of a message that had to wait for room are out of the way after all, and so many more may come than the stream's window allows. */
  onRoom(kept: number, more: number): void
  /** `owned`: the bytes were put together for this message alone; else they are borrowed from the connection. */
  onMessage(message: Buffer, owned: boolean): void
  /** What came is no message, or too long a one: the call cannot go on. */
  onBroken(status: RpcStatus): void
}

/** How the peer compresses: the value of its `grpc-encoding`. */
export type Encoding = 'identity' | 'gzip' | { readonly unknown: string }

export function encodingOf(value: string | undefined): Encoding {
  return value === undefined || value === 'identity' ? 'identity' : value === 'gzip' ? 'gzip' : { unknown: value }
}

/**
 * Cuts the body of a stream into messages (gRPC over HTTP/2, Length-Prefixed-Message). A message within one frame is handed out in place. While it is
 * paused, what comes is kept as it is; the flow-control window bounds how much that can be.
 */
export class MessageReader implements RoomUser {
  readonly #sink: MessageSink
  readonly #limit: number
  readonly #what: 'request' | 'response'
  encoding: Encoding = 'identity'
  /** Room for what has to be put together, shared by the streams of a connection. Without it only the limit of a message bounds that. */
  room: MessageRoom | undefined
  #claim: 'none' | 'waiting' | 'held' = 'none'
  /** Bytes that the stream has not got back because their message waits for room; and those of them that {@link deferred} has not told. */
  #deferred = 0
  #untold = 0
  #paused = false
  #broken = false
  #reading = false
  /** What came while paused. */
  #held: Buffer[] = NOTHING
  /** The prefix of a message, as far as it has come. */
  #prefix: Buffer | undefined
  #prefixed = 0
  /** The message whose prefix is whole. */
  #message: Buffer | undefined
  #have = 0
  #length = -1
  #compressed = false

  /** @param limit longest message, bytes, compressed or not. */
  constructor(sink: MessageSink, limit: number, what: 'request' | 'response') {
    this.#sink = sink
    this.#limit = limit
    this.#what = what
  }

  /** Nothing of a message is there, and nothing is kept. */
  get empty(): boolean {
    return this.#prefixed === 0 && this.#length === -1 && this.#held.length === 0
  }

  /** Bytes wait for {@link resume}, or are being read: there may be messages among them. */
  get holds(): boolean {
    return this.#reading || this.#held.length > 0
  }

  /** Bytes set aside: for what was kept, and for a message that is not whole. */
  get kept(): number {
    return (this.#message?.length ?? 0) + this.#prefixed + this.#heldBytes
  }

  get #heldBytes(): number {
    let bytes = 0
    for (const { length } of this.#held) bytes += length
    return bytes
  }

  /** How many of the bytes that {@link push} and {@link resume} have called out of the way are only put elsewhere, since it was asked last. */
  deferred(): number {
    const untold = this.#untold
    this.#untold = 0
    return untold
  }

  get paused(): boolean {
    return this.#paused
  }

  pause(): void {
    this.#paused = true
  }

  /** Goes on with what was kept; answers how many bytes of that are out of the way. */
  resume(): number {
    this.#paused = false
    if (this.#reading) return 0
    const all = this.#heldBytes
    let count = 0
    while (!this.#paused && this.#held.length > 0) {
      const bytes = this.#held.shift() as Buffer
      const used = this.#read(bytes, 0, bytes.length)
      // Nobody reads what is broken off, and nothing of it is kept.
      if (this.#broken) return all
      count += used
      if (used < bytes.length) this.#held.unshift(bytes.subarray(used))
    }
    return count
  }

  /** Takes bytes that are borrowed; answers how many of them are out of the way. */
  push(bytes: Buffer, start: number, end: number): number {
    if (this.#broken) return end - start
    const used = this.#paused || this.#held.length > 0 ? 0 : this.#read(bytes, start, end)
    if (start + used < end && !this.#broken) {
      const rest = Buffer.from(bytes.subarray(start + used, end))
      if (this.#held === NOTHING) this.#held = [rest]
      else this.#held.push(rest)
    }
    return this.#broken ? end - start : used
  }

  #read(bytes: Buffer, start: number, end: number): number {
    this.#reading = true
    let at = start
    while (at < end && !this.#paused && !this.#broken) at = this.#length === -1 ? this.#readPrefix(bytes, at, end) : this.#readMessage(bytes, at, end)
    this.#reading = false
    return at - start
  }

  #readPrefix(bytes: Buffer, at: number, end: number): number {
    if (this.#prefixed === 0 && end - at >= PREFIX) {
      this.#begin(bytes, at)
      return this.#inPlace(bytes, at + PREFIX, end)
    }
    this.#prefix ??= Buffer.allocUnsafe(PREFIX)
    const count = Math.min(PREFIX - this.#prefixed, end - at)
    bytes.copy(this.#prefix, this.#prefixed, at, at + count)
    this.#prefixed += count
    if (this.#prefixed < PREFIX) return at + count
    this.#prefixed = 0
    this.#begin(this.#prefix, 0)
    return this.#inPlace(bytes, at + count, end)
  }

  /** A message that lies whole before us needs no buffer. */
  #inPlace(bytes: Buffer, at: number, end: number): number {
    const length = this.#length
    if (this.#broken) return at
    if (length > end - at) {
      this.#claimRoom(length)
      return at
    }
    this.#length = -1
    this.#deliver(bytes.subarray(at, at + length), false)
    return at + length
  }

  #begin(prefix: Buffer, at: number): void {
    const flags = prefix[at] as number
    const length = prefix.readUInt32BE(at + 1)
    if (flags > 1) this.#break('INTERNAL', `a message with the flags ${flags}: this is no gRPC`)
    else if (length > this.#limit) this.#break('RESOURCE_EXHAUSTED', `the ${this.#what} has ${length} bytes, ${this.#limit} are accepted`)
    else if (flags === 1 && this.encoding !== 'gzip') this.#refuseEncoding()
    else {
      this.#compressed = flags === 1
      this.#length = length
    }
  }

  #refuseEncoding(): void {
    if (this.encoding === 'identity') this.#break('INTERNAL', `a compressed ${this.#what} without grpc-encoding`)
    else if (this.encoding !== 'gzip')
      this.#break('UNIMPLEMENTED', `the ${this.#what} is compressed by ${this.encoding.unknown}; identity and gzip are accepted`)
  }

  #readMessage(bytes: Buffer, at: number, end: number): number {
    const more = Math.min(this.#length - this.#have, end - at)
    const need = this.#have + more
    let message = this.#message
    if (message === undefined || message.length < need) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#length, Math.max(AT_ONCE, need, (message?.length ?? 0) * 2)))
      message?.copy(grown, 0, 0, this.#have)
      message = grown
      this.#message = grown
    }
    bytes.copy(message, this.#have, at, at + more)
    this.#have = need
    if (this.#claim === 'waiting') {
      this.#deferred += more
      this.#untold += more
    }
    if (need === this.#length) {
      this.#message = undefined
      this.#have = 0
      this.#length = -1
      this.settle()
      this.#deliver(message, true)
    }
    return at + more
  }

  #deliver(message: Buffer, owned: boolean): void {
    if (!this.#compressed) {
      this.#sink.onMessage(message, owned)
      return
    }
    const whole = this.#unpack(message)
    if (whole !== undefined) this.#sink.onMessage(whole, true)
  }

  #unpack(message: Buffer): Buffer | undefined {
    const packed = message.length
    const budget = this.room?.unpacking
    const most = Math.min(this.#limit, budget?.limit(packed) ?? this.#limit)
    try {
      const whole = zlib().gunzipSync(message, { maxOutputLength: Math.max(1, most) })
      budget?.spend(packed, whole.length)
      return whole
    } catch (error) {
      const tooLong = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
      if (tooLong) {
        budget?.spend(packed, most)
        this.#break('RESOURCE_EXHAUSTED', `the ${this.#what} has more than ${most} bytes when unpacked`)
      } else this.#break('INTERNAL', `the ${this.#what} says that it is gzip and is not`)
      return undefined
    }
  }

  #claimRoom(length: number): void {
    const answer = this.room?.claim(this, length) ?? 0
    if (answer === 'refused') {
      this.#break('RESOURCE_EXHAUSTED', `too many messages at once on one connection: there is no room for a ${this.#what} of ${length} bytes`)
      return
    }
    this.#claim = answer === 'waiting' ? 'waiting' : 'held'
    if (answer !== 'waiting' && answer > 0) this.#sink.onRoom(0, answer)
  }

  onRoom(rest: number): void {
    this.#claim = 'held'
    const kept = this.#deferred
    this.#deferred = 0
    this.#sink.onRoom(kept, rest)
  }

  onEvicted(): void {
    this.#claim = 'none'
    this.#break('RESOURCE_EXHAUSTED', `the ${this.#what} did not become whole while others waited for room`)
  }

  /** Room for a message that was handed over whole, and is kept. False when there is none; until {@link settle}. */
  keep(length: number): boolean {
    this.settle()
    if (this.room?.keep(this, length) === false) return false
    this.#claim = 'held'
    return true
  }

  /** Nothing of a message is there any more. */
  settle(): void {
    if (this.#claim === 'none') return
    this.room?.free(this)
    this.#claim = 'none'
    const kept = this.#deferred
    this.#deferred = 0
    if (kept > 0) this.#sink.onRoom(kept, 0)
  }

  /** Reads and keeps nothing any more. */
  close(): void {
    this.#broken = true
    this.#held = NOTHING
    this.#message = undefined
    this.settle()
  }

  #break(code: RpcStatus['code'], message: string): void {
    this.close()
    this.#sink.onBroken({ code, message })
  }
}
