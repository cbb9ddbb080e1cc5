import type { WasmMemory } from './web-assembly.ts'

/** The linear memory of a VM, with every access checked as Envoy checks it. Nothing here throws for a bad pointer. */
export class GuestMemory {
  readonly #memory: WasmMemory
  #bytes: Buffer
  #growths = 0
  #copied = 0

  constructor(memory: WasmMemory) {
    this.#memory = memory
    this.#bytes = Buffer.from(memory.buffer)
  }

  /** Bytes of memory that the VM has; it never shrinks. */
  get size(): number {
    return this.#view().length
  }

  /** How often the memory was seen to have grown. */
  get growths(): number {
    this.#view()
    return this.#growths
  }

  /** Bytes that were read out of it and written into it, numbers aside. */
  get copied(): number {
    return this.#copied
  }

  // A memory that has grown stands in a new buffer, and the old one has length 0.
  #view(): Buffer {
    if (this.#bytes.length === 0) {
      this.#bytes = Buffer.from(this.#memory.buffer)
      this.#growths++
    }
    return this.#bytes
  }

  has(at: number, length: number): boolean {
    return at + length <= this.#view().length
  }

  /** One character per byte. The range must have been checked with `has`. */
  text(at: number, length: number): string {
    this.#copied += length
    if (length > 40) return this.#view().toString('latin1', at, at + length)
    // Names and short values; a call into Node costs more than this loop.
    const bytes = this.#view()
    let text = ''
    for (let index = at; index < at + length; index++) text += String.fromCharCode(bytes[index] ?? 0)
    return text
  }

  utf8(at: number, length: number): string {
    this.#copied += length
    return this.#view().toString('utf8', at, at + length)
  }

  /** A copy. The range must have been checked with `has`. */
  copy(at: number, length: number): Buffer {
    this.#copied += length
    return Buffer.from(this.#view().subarray(at, at + length))
  }

  u32(at: number): number {
    return this.#view().readUInt32LE(at)
  }

  setU32(at: number, value: number): boolean {
    if (!this.has(at, 4)) return false
    this.#view().writeUInt32LE(value, at)
    return true
  }

  setU64(at: number, value: bigint): boolean {
    if (!this.has(at, 8)) return false
    this.#view().writeBigUInt64LE(value, at)
    return true
  }

  set(at: number, bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    if (!this.has(at, end - start)) return false
    this.#copied += end - start
    const view = this.#view()
    if (bytes instanceof Buffer) bytes.copy(view, at, start, end)
    else view.set(bytes.subarray(start, end), at)
    return true
  }

  /** One byte per character. The range must have been checked with `has`. @throws for a character that is no byte. */
  setText(at: number, text: string): void {
    this.#copied += text.length
    const bytes = this.#view()
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 255) throw new TypeError(`"${text}" has characters that are no bytes: headers and properties have one character per byte`)
      bytes[at + index] = code
    }
  }
}
