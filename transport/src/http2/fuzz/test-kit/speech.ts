import { gzipSync } from 'node:zlib'
import { flag, frameType, PREFACE, setting } from '../../protocol.ts'
import {
  block,
  continuation,
  data,
  frame,
  goaway,
  message,
  ping,
  priority,
  rstStream,
  settingsAck,
  settingsFrame,
  uint32,
  windowUpdate,
} from '../../test-kit/frames.ts'
import type { Random } from '../../test-kit/random.ts'

type Field = readonly [name: string, value: string]

/** Values at the edges of what fits. */
const increments = [0, 1, 100, 65_535, 0x3fff_ffff, 0x7fff_ffff, 0xffff_ffff]
const settingValues = [0, 1, 2, 100, 4_096, 16_384, 65_535, 0xff_ffff, 0x7fff_ffff, 0xffff_ffff]
const codes = ['NO_ERROR', 'PROTOCOL_ERROR', 'REFUSED_STREAM', 'CANCEL', 'ENHANCE_YOUR_CALM'] as const
const zipped = gzipSync(Buffer.from('what is packed '.repeat(10)))
const bomb = gzipSync(Buffer.alloc(60_000))

/** The head of a request, or of a response, and now and then of none. */
export type Heads = (random: Random) => readonly Field[]

/**
 * What a peer says that is out of its mind: frames that mean something, frames that do not, and noise, cut anywhere. Most of it begins as it should, since
 * noise alone is refused by its first byte.
 */
export class Speech {
  readonly #random: Random
  readonly #heads: Heads
  /** Percent of what is said that no peer may say: some lose their mind early, some late, some never. */
  readonly #madness: number
  #next = 1
  /** Streams that have begun and not ended, as far as the speaker knows. */
  readonly #open: number[] = []

  constructor(random: Random, heads: Heads) {
    this.#random = random
    this.#heads = heads
    this.#madness = random.pick([0, 0, 3, 10, 50])
  }

  #mad(): boolean {
    return this.#random.chance(this.#madness)
  }

  /** @param preface this is a client. */
  pieces(preface: boolean): Buffer[] {
    const random = this.#random
    const said: Buffer[] = []
    if (preface) said.push(random.chance(1) ? random.bytes(random.below(30)) : PREFACE)
    if (!random.chance(1)) said.push(settingsFrame(random.chance(30) ? this.#settings() : []), settingsAck())
    const count = 1 + random.below(40)
    for (let index = 0; index < count; index += 1) {
      const piece = this.#mad() ? this.#madPiece() : this.#piece()
      said.push(this.#mad() && random.chance(20) ? this.#spoilt(piece) : piece)
    }
    return this.#cut(Buffer.concat(said))
  }

  #cut(bytes: Buffer): Buffer[] {
    const random = this.#random
    const longest = random.pick([1, 7, 50, 1_000, 100_000])
    const pieces: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      // Single bytes of long speeches take too long.
      const end = at + Math.max(1 + random.below(longest), bytes.length >> 8)
      pieces.push(bytes.subarray(at, end))
      at = end
    }
    return pieces
  }

  #spoilt(piece: Buffer): Buffer {
    const random = this.#random
    const bytes = Buffer.from(piece)
    for (let index = random.below(3); index >= 0; index -= 1) if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256)
    return random.chance(30) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes
  }

  /** A stream that is open; one that was, or never was, where the mind is lost. */
  #id(): number {
    const random = this.#random
    if (this.#mad()) return random.chance(20) ? random.uint32() : random.below(this.#next + 3)
    return this.#open.length === 0 ? 1 : random.pick(this.#open)
  }

  #piece(): Buffer {
    const random = this.#random
    const kind = this.#open.length === 0 ? 0 : random.below(100)
    if (kind < 20) return this.#opening()
    if (kind < 70) return this.#body()
    if (kind < 74) {
      const id = this.#id()
      this.#end(id)
      return this.#headers(id, [['grpc-status', String(random.below(20))]], true)
    }
    if (kind < 79) {
      const id = this.#id()
      this.#end(id)
      return rstStream(id, random.pick(codes))
    }
    if (kind < 90) return windowUpdate(random.chance(30) ? 0 : this.#id(), random.pick([1, 100, 65_535]))
    if (kind < 94) return settingsFrame(this.#settings())
    if (kind < 97) return ping()
    if (kind < 98) return priority(this.#id(), 0)
    return random.chance(30) ? goaway(0x7fff_ffff, 'NO_ERROR', 'bye') : frame(10 + random.below(200), random.below(256), this.#id(), random.bytes(20))
  }

  #madPiece(): Buffer {
    const random = this.#random
    switch (random.below(9)) {
      case 0:
        return this.#headers(this.#id(), this.#heads(random), random.chance(50))
      case 1:
        return rstStream(this.#id(), random.pick(codes))
      case 2:
        return windowUpdate(random.chance(30) ? 0 : this.#id(), random.pick(increments))
      case 3:
        return ping(random.below(2))
      case 4:
        return priority(this.#id(), random.below(9))
      case 5:
        return goaway(random.below(9), random.pick(codes))
      case 6:
        return random.bytes(random.below(40))
      default: {
        const payload = random.bytes(random.pick([0, 4, 5, 6, 8, random.below(300)]))
        return frame(random.below(12), random.below(256), random.chance(40) ? 0 : this.#id(), payload)
      }
    }
  }

  #end(id: number): void {
    const at = this.#open.indexOf(id)
    if (at !== -1) this.#open.splice(at, 1)
  }

  #settings(): (readonly [number, number])[] {
    const random = this.#random
    if (this.#mad()) return Array.from({ length: random.below(4) }, () => [1 + random.below(7), random.pick(settingValues)] as const)
    return [
      [setting.initialWindowSize, random.pick([0, 10, 65_535, 1_000_000])],
      [setting.headerTableSize, random.pick([0, 100, 4_096, 0xffff_ffff])],
      [setting.maxFrameSize, random.pick([16_384, 100_000])],
    ]
  }

  #opening(): Buffer {
    const random = this.#random
    const id = this.#next
    this.#next += 2
    const end = random.chance(15)
    if (!end) this.#open.push(id)
    return this.#headers(id, this.#heads(random), end)
  }

  #headers(id: number, fields: readonly Field[], end: boolean): Buffer {
    const random = this.#random
    const bytes = this.#mad() && random.chance(30) ? random.bytes(random.below(60)) : block(fields)
    const flags = end ? flag.endStream : 0
    const kind = random.below(20)
    if (kind === 0) {
      const padding = random.below(5)
      return frame(frameType.headers, flags | flag.endHeaders | flag.padded, id, Buffer.concat([Buffer.of(padding), bytes, Buffer.alloc(padding)]))
    }
    if (kind === 1)
      return frame(frameType.headers, flags | flag.endHeaders | flag.priority, id, Buffer.concat([uint32(random.below(9)), Buffer.of(1), bytes]))
    if (kind === 2) {
      const cut = random.below(bytes.length + 1)
      const rest = continuation(this.#mad() ? id + 2 : id, bytes.subarray(cut), !this.#mad())
      return Buffer.concat([frame(frameType.headers, flags, id, bytes.subarray(0, cut)), rest])
    }
    return frame(frameType.headers, flags | flag.endHeaders, id, bytes)
  }

  #body(): Buffer {
    const random = this.#random
    const kind = random.below(12)
    let bytes: Buffer
    if (kind < 5) bytes = message(random.bytes(random.below(200)))
    else if (kind === 5) bytes = message(random.bytes(random.below(50)), 0, random.pick([0, 10, 40_000, 45_000, 1_000_000]))
    else if (kind === 6) bytes = message(random.chance(50) ? zipped : bomb, 1)
    else if (kind < 9) bytes = Buffer.alloc(random.pick([1_000, 10_000]))
    else if (kind === 9) bytes = Buffer.alloc(0)
    else if (kind === 10) bytes = message(random.bytes(300)).subarray(0, random.below(305))
    else bytes = random.bytes(random.below(100))
    const id = this.#id()
    const end = random.chance(20)
    if (end) this.#end(id)
    if (!random.chance(10)) return data(id, bytes, end)
    const padding = random.below(20)
    const payload = Buffer.concat([Buffer.of(this.#mad() ? 255 : padding), bytes, Buffer.alloc(padding)])
    return frame(frameType.data, flag.padded | (end ? flag.endStream : 0), id, payload)
  }
}
