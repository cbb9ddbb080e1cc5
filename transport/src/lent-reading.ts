import type { OnReadOpts } from 'node:net'

/**
 * Where all connections of this process read to. What is read is only lent, and looked at before anything else is read; a buffer for each reading, which is
 * how sockets read otherwise, costs an allocation of 64 KiB each time, and has V8 collect garbage for more time than the messages take.
 */
const lent: Buffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Takes what a socket has read: the bytes are good until this returns. */
export type Taker = (bytes: Buffer, stop: number) => void

/** How a socket is told to read there. It has no `data` events then. */
export function lentReading(take: Taker): OnReadOpts {
  return {
    buffer: lent,
    callback: (count) => {
      take(lent, count)
      return true
    },
  }
}
