import type { MessageBytes } from './contract.ts'

export function byteLengthOf(message: MessageBytes): number {
  if (message instanceof Uint8Array) return message.byteLength
  let length = 0
  for (const part of message) length += part.byteLength
  return length
}

/** The message as fresh bytes in one piece. */
export function copyOf(message: MessageBytes): Uint8Array {
  if (message instanceof Uint8Array) return Uint8Array.prototype.slice.call(message)
  const whole = new Uint8Array(byteLengthOf(message))
  let offset = 0
  for (const part of message) {
    whole.set(part, offset)
    offset += part.byteLength
  }
  return whole
}
