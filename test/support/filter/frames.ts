const prefixLength = 5

/** A gRPC message with its five-byte prefix. `compressed` only sets the flag. */
export function frame(message: Uint8Array, compressed = false): Buffer {
  const framed = Buffer.alloc(prefixLength + message.length)
  framed[0] = compressed ? 1 : 0
  framed.writeUInt32BE(message.length, 1)
  framed.set(message, prefixLength)
  return framed
}

/** The messages of a complete gRPC stream, without their prefixes. @throws when the stream ends inside one. */
export function messagesOf(stream: Buffer): Buffer[] {
  const messages: Buffer[] = []
  let at = 0
  while (at < stream.length) {
    const end = at + prefixLength + (stream.length - at < prefixLength ? prefixLength : stream.readUInt32BE(at + 1))
    if (end > stream.length) throw new Error(`the stream ends inside a message: ${stream.length} bytes, ${end} expected`)
    messages.push(stream.subarray(at + prefixLength, end))
    at = end
  }
  return messages
}
