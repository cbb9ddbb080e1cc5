import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import fc from 'fast-check'
import { repeated, turns } from './turns.ts'

/** How a stream of bytes is cut up: sizes of the segments and turns to wait after each, both repeated for as long as the stream lasts. */
export interface Cut {
  readonly sizes: readonly number[]
  readonly waits: readonly number[]
  /** After so many segments the rest goes as it comes. */
  readonly most: number
}

export interface Cuts {
  readonly there: Cut
  readonly back: Cut
}

/** So much may lie here before the source has to wait. */
const ROOM = 256 * 1024

/**
 * Stands between a client and a server and hands on their bytes in other segments than they came in, one by one and each with a turn of the event loop of
 * its own, so that the receiver reads them apart.
 */
export class CuttingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(target: number, cuts: Cuts) {
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ port: target, host: '127.0.0.1', noDelay: true })
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.once('close', () => this.#sockets.delete(socket))
      }
      relay(near, far, cuts.there)
      relay(far, near, cuts.back)
    })
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function relay(from: Socket, to: Socket, cut: Cut): void {
  const chunks: Buffer[] = []
  let waiting = 0
  let running = false
  let ended = false
  let segment = 0

  const next = (size: number): Buffer => {
    const first = chunks[0] as Buffer
    if (first.length > size) {
      chunks[0] = first.subarray(size)
      return first.subarray(0, size)
    }
    chunks.shift()
    return first
  }
  const run = async (): Promise<void> => {
    running = true
    while (chunks.length > 0 && !to.destroyed) {
      const cutting = segment < cut.most
      const bytes = next(cutting ? repeated(cut.sizes, segment) : ROOM)
      waiting -= bytes.length
      if (waiting < ROOM) from.resume()
      if (!to.write(bytes)) await Promise.race([once(to, 'drain'), once(to, 'close')])
      if (cutting) await turns(repeated(cut.waits, segment))
      segment += 1
    }
    running = false
    if (ended) to.end()
  }
  from.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    waiting += chunk.length
    if (waiting >= ROOM) from.pause()
    if (!running) void run().catch(() => to.destroy())
  })
  from.once('end', () => {
    ended = true
    if (!running) to.end()
  })
  from.once('close', () => {
    if (!ended) to.destroy()
  })
}

const waits = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) }), {
  minLength: 1,
  maxLength: 6,
})
/** Where frames, prefixes and headers end and begin: nine bytes of a frame's head, five of a message's, and what is beside them. */
const sizes = fc.array(fc.oneof(fc.constantFrom(1, 2, 4, 5, 8, 9, 10, 14, 24, 16_384, 16_393), fc.integer({ min: 1, max: 70_000 })), {
  minLength: 1,
  maxLength: 8,
})

const both = (cut: fc.Arbitrary<Cut>): fc.Arbitrary<Cuts> => fc.record({ there: cut, back: cut })

/** For as many bytes as one likes: at least some of the segments are large. */
export const coarseCuts: fc.Arbitrary<Cuts> = both(fc.record({ sizes: sizes.map((list) => [...list, 20_000]), waits, most: fc.constant(1_000) }))
/** For small cases alone: down to a byte at a time. */
export const fineCuts: fc.Arbitrary<Cuts> = both(
  fc.record({
    sizes: fc.oneof(fc.constant([1]), fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 })),
    waits: fc.constantFrom([1], [0, 1], [2, 0, 0]),
    most: fc.constant(10_000),
  }),
)
