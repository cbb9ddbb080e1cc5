const PREFIX = 5
/** The limit that the others have as well: gRPC's own default. */
const LONGEST = 4 * 1024 * 1024

/** A message with its prefix (gRPC over HTTP/2, Length-Prefixed-Message). */
export function prefixed(message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX + message.length)
  bytes[0] = 0
  bytes.writeUInt32BE(message.length, 1)
  message.copy(bytes, PREFIX)
  return bytes
}

/** Cuts what comes into messages. */
export class Messages {
  readonly #onMessage: (message: Buffer) => void
  #rest: Buffer | undefined

  constructor(onMessage: (message: Buffer) => void) {
    this.#onMessage = onMessage
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    while (bytes.length - at >= PREFIX) {
      const length = bytes.readUInt32BE(at + 1)
      if (bytes[at] !== 0 || length > LONGEST) throw new Error(`a message of ${length} bytes with flags ${bytes[at]}`)
      if (bytes.length - at < PREFIX + length) break
      this.#onMessage(bytes.subarray(at + PREFIX, at + PREFIX + length))
      at += PREFIX + length
    }
    this.#rest = at === bytes.length ? undefined : bytes.subarray(at)
  }
}
