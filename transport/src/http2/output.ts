import type { Duplex } from 'node:stream'
import { FRAME_HEAD, frameType } from './protocol.ts'

/** Frames are put together in slabs of this size, which connections lend each other between turns: an idle one has none. */
const SLAB = 64 * 1024
/** A slab with less room than this is not used again. */
const WORTHWHILE = 4 * 1024
/** Slabs that are kept for later; a turn in which very many connections speak makes more of them. */
const MOST_SPARE = 64
/** Payload of this size and above goes to the socket as it lies; copying less is cheaper than one more buffer in a system call. */
const BY_REFERENCE = 8 * 1024

/** Up to here bytes are copied one by one: a header block costs less than the object that would say to V8 where it is. */
const BY_HAND = 96

interface Slab {
  readonly bytes: Buffer
  used: number
  /** Somebody writes into it. */
  held: boolean
  /** Batches that have something of it, and that a socket has not got rid of. */
  batches: number
  spare: boolean
}

/**
 * Slabs that nobody writes into at the moment. What was written into one before may still wait in a socket, then only the rest of it is used; else it is
 * used again from its beginning. Memory outside of V8's heap is dear to have collected: what is not used again costs more than all the copying.
 */
const spare: Slab[] = []

/**
 * What one connection has to say, put together in as few buffers as possible and handed to the socket once per turn of the event loop.
 *
 * Frames as in RFC 9113, 4.1. The order of calls is the order on the wire. A frame's head says how long its payload is; whoever writes it writes exactly as much.
 *
 * The socket has one batch at a time. What comes while a peer does not read is put together here: a few bytes for each of many turns would otherwise keep
 * as many slabs from being freed, most of which is what others have sent.
 */
export class Output {
  readonly #socket: Duplex
  #slab: Slab | undefined
  /** Where the part of the slab begins that has not been handed on. */
  #from = 0
  #ready: Uint8Array[] = []
  /** The slabs that have something of what is ready, and those that have something of the batch that the socket has. */
  #sealed: Slab[] = []
  #going: Slab[] = []
  #scheduled = false
  #held = false
  #closed = false
  #unflushed = 0
  /** The socket has a batch that has not gone. */
  #busy = false
  #gone = 0
  #streamFrames = 0
  /** Where the frame begins that was written last, while it has not gone out. */
  #lastSlab: Buffer | undefined
  #lastAt = 0
  readonly #onFlushed: () => void
  readonly #flush = (): void => this.flush()
  readonly #went = (): void => this.#batchWent()

  /** @param onFlushed called once per turn in which there was something to say, and when the socket is ready for more. */
  constructor(socket: Duplex, onFlushed: () => void) {
    this.#socket = socket
    this.#onFlushed = onFlushed
  }

  /** Bytes that have not left this process yet. */
  get pressure(): number {
    return this.#unflushed + this.#socket.writableLength
  }

  /** Which batch the socket has not got rid of; -1 when there is none. */
  get stuckAt(): number {
    return this.#busy && this.#socket.writableLength > 0 ? this.#gone : -1
  }

  /** How many frames of DATA and HEADERS there have been. */
  get streamFrames(): number {
    return this.#streamFrames
  }

  frame(length: number, type: number, flags: number, stream: number): void {
    const { bytes, used } = this.#room(FRAME_HEAD)
    bytes[used] = length >>> 16
    bytes[used + 1] = length >>> 8
    bytes[used + 2] = length
    bytes[used + 3] = type
    bytes[used + 4] = flags
    bytes[used + 5] = stream >>> 24
    bytes[used + 6] = stream >>> 16
    bytes[used + 7] = stream >>> 8
    bytes[used + 8] = stream
    this.#lastSlab = bytes
    this.#lastAt = used
    if (type <= frameType.headers) this.#streamFrames += 1
    this.#took(FRAME_HEAD)
  }

  /** Sets flags on the frame that was written last, when it is of that type and stream and has not gone out. */
  amend(type: number, flags: number, stream: number): boolean {
    const bytes = this.#lastSlab
    const at = this.#lastAt
    if (bytes === undefined || bytes[at + 3] !== type || bytes.readUInt32BE(at + 5) !== stream) return false
    bytes[at + 4] = (bytes[at + 4] as number) | flags
    return true
  }

  uint8(value: number): void {
    const { bytes, used } = this.#room(1)
    bytes[used] = value
    this.#took(1)
  }

  uint16(value: number): void {
    const { bytes, used } = this.#room(2)
    bytes[used] = value >>> 8
    bytes[used + 1] = value
    this.#took(2)
  }

  uint32(value: number): void {
    const { bytes, used } = this.#room(4)
    bytes[used] = value >>> 24
    bytes[used + 1] = value >>> 16
    bytes[used + 2] = value >>> 8
    bytes[used + 3] = value
    this.#took(4)
  }

  /** Copies. */
  copy(source: Uint8Array, start: number, end: number): void {
    const length = end - start
    const { bytes, used } = this.#room(length)
    if (length <= BY_HAND) for (let at = start, to = used; at < end; at += 1, to += 1) bytes[to] = source[at] as number
    else if (start === 0 && end === source.length) bytes.set(source, used)
    else bytes.set(source.subarray(start, end), used)
    this.#took(length)
  }

  /** Payload that belongs to us until it is written: large pieces are not copied. */
  payload(source: Uint8Array, start: number, end: number): void {
    if (end - start < BY_REFERENCE) {
      this.copy(source, start, end)
      return
    }
    this.#seal()
    this.#ready.push(source.subarray(start, end))
    this.#unflushed += end - start
    this.schedule()
  }

  /** Hands everything to the socket at the end of this turn of the event loop, or when {@link release} is called. */
  schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    if (!this.#held) setImmediate(this.#flush)
  }

  /** What has come is being read: what is said meanwhile is handed over when that is done, which saves asking for a later moment. */
  hold(): void {
    this.#held = !this.#scheduled
  }

  release(): void {
    if (!this.#held) return
    this.#held = false
    if (this.#scheduled) this.flush()
  }

  flush(): void {
    this.#scheduled = false
    if (!this.#busy || this.#closed) this.#handOver()
    if (!this.#closed) this.#onFlushed()
  }

  /** Writes what there is, and nothing more from now on. */
  close(): void {
    if (this.#closed) return
    this.#handOver()
    this.#closed = true
  }

  #batchWent(): void {
    this.#busy = false
    this.#gone += 1
    letGo(this.#going)
    if (this.#closed) return
    if (!this.#scheduled) this.#handOver()
    this.#onFlushed()
  }

  #handOver(): void {
    this.#lastSlab = undefined
    this.#unflushed = 0
    this.#seal()
    this.#putDown()
    const ready = this.#ready
    if (ready.length === 0) return
    this.#ready = []
    if (this.#closed || this.#socket.destroyed) {
      letGo(this.#sealed)
      return
    }
    if (this.#busy) {
      // The last words of a connection whose peer does not read: nobody will tell when these have gone, so their slabs are never written from the beginning.
      this.#sealed = []
    } else {
      this.#busy = true
      const free = this.#going
      this.#going = this.#sealed
      this.#sealed = free
    }
    const last = ready.length - 1
    if (last === 0) this.#socket.write(ready[0] as Uint8Array, this.#went)
    else {
      this.#socket.cork()
      for (let index = 0; index < last; index += 1) this.#socket.write(ready[index] as Uint8Array)
      this.#socket.write(ready[last] as Uint8Array, this.#went)
      this.#socket.uncork()
    }
  }

  #room(length: number): Slab {
    const slab = this.#slab
    if (slab !== undefined && slab.bytes.length - slab.used >= length) return slab
    this.#seal()
    this.#putDown()
    const next = taken(length)
    this.#slab = next
    this.#from = next.used
    return next
  }

  /** Nothing more is written into the slab from here. */
  #putDown(): void {
    const slab = this.#slab
    if (slab === undefined) return
    this.#slab = undefined
    slab.held = false
    keep(slab)
  }

  #took(length: number): void {
    ;(this.#slab as Slab).used += length
    this.#unflushed += length
    if (!this.#scheduled) this.schedule()
  }

  #seal(): void {
    const slab = this.#slab
    if (slab === undefined || slab.used === this.#from) return
    this.#ready.push(slab.bytes.subarray(this.#from, slab.used))
    this.#from = slab.used
    if (this.#sealed.at(-1) === slab) return
    this.#sealed.push(slab)
    slab.batches += 1
  }
}

/** A slab with room for so much, to write into. */
function taken(length: number): Slab {
  const last = spare.at(-1)
  if (last === undefined || SLAB - last.used < length)
    return { bytes: Buffer.allocUnsafeSlow(Math.max(SLAB, length)), used: 0, held: true, batches: 0, spare: false }
  spare.pop()
  last.spare = false
  last.held = true
  return last
}

/** A batch is through. Empties the list. */
function letGo(slabs: Slab[]): void {
  for (const slab of slabs) {
    slab.batches -= 1
    keep(slab)
  }
  slabs.length = 0
}

function keep(slab: Slab): void {
  if (slab.held) return
  if (slab.batches === 0) slab.used = 0
  if (slab.spare || slab.bytes.length > SLAB || SLAB - slab.used < WORTHWHILE || spare.length >= MOST_SPARE) return
  slab.spare = true
  spare.push(slab)
}
