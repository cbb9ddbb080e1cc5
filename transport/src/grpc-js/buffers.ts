import type { MessageBytes } from '../contract.ts'

/** How many bytes of a call may wait in grpc-js before its sender is told to wait, and below how many it may go on. */
export const HIGH_WATER: number = 64 * 1024
export const LOW_WATER: number = HIGH_WATER / 2

/** grpc-js wants one Buffer, which it copies behind the five bytes of the frame's head. */
export function bufferOf(message: MessageBytes): Buffer {
  return message instanceof Uint8Array ? Buffer.from(message.buffer, message.byteOffset, message.byteLength) : Buffer.concat(message)
}
