import { strict as assert } from 'node:assert'
import type { Connection } from '../../connection.ts'
import { Output } from '../../output.ts'
import { FRAME_HEAD, PREFACE } from '../../protocol.ts'
import { type FakeSocket, turn } from '../../test-kit/fake-socket.ts'
import { framesIn } from '../../test-kit/frames.ts'
import type { ManualClock } from '../../test-kit/manual-clock.ts'
import type { Random } from '../../test-kit/random.ts'

const LARGEST_FRAME = 64 * 1024

/** Runs `one` for every seed: 10,000 of them, with FEATHERMQ_LONG a million, with FEATHERMQ_CASE that one. */
export async function forSeeds(one: (seed: number) => Promise<void> | void): Promise<void> {
  const only = process.env['FEATHERMQ_CASE']
  const count = process.env['FEATHERMQ_LONG'] === '1' ? 1_000_000 : 10_000
  const [first, last] = only === undefined ? [0, count] : [Number(only), Number(only) + 1]
  for (let seed = first; seed < last; seed += 1) {
    try {
      await one(seed)
    } catch (error) {
      throw new Error(`FEATHERMQ_CASE=${seed} brings it back`, { cause: error })
    }
    if (seed % 100 === 0) await turn()
  }
}

export interface Played {
  readonly connection: Connection
  readonly socket: FakeSocket
  readonly clock: ManualClock
  readonly random: Random
  readonly pieces: readonly Buffer[]
  /** What this end does of its own accord now and then. */
  act(): void
}

/** Says all of it to the connection, while this end does something as well, time passes, and the peer stops reading. Then everything ends somehow. */
export async function play({ connection, socket, clock, random, pieces, act }: Played): Promise<void> {
  const output = Reflect.get(connection, 'output') as unknown
  assert.ok(output instanceof Output)
  // Most cases stay within one turn of the event loop, which is faster.
  const turns = random.chance(5)
  for (const piece of pieces) {
    if (socket.destroyed) break
    socket.deliver(piece)
    if (random.chance(20)) act()
    if (random.chance(3)) clock.advance(random.pick([1, 100, 10_000, 70_000]))
    if (random.chance(2)) socket.stall()
    if (random.chance(2)) socket.drain()
    if (random.chance(10)) output.flush()
    if (turns && random.chance(30)) await turn()
  }
  act()
  if (connection.state !== 'closed' && random.chance(20)) clock.advance(30_000)
  switch (random.below(5)) {
    case 0:
      socket.emit('end')
      break
    case 1:
      connection.close('enough')
      break
    case 2:
      connection.drain()
      break
    default:
  }
  output.flush()
  socket.drain()
  if (turns) await turn()
  socket.destroy(random.chance(30) ? new Error('read ECONNRESET') : undefined)
  // The socket tells in a tick of its own.
  await new Promise(process.nextTick)
  await null
  act()
}

/** Everything is over, and nothing is left. */
export function assertOver({ connection, socket, clock }: Played): void {
  assert.equal(connection.state, 'closed')
  assert.equal(connection.openStreams, 0)
  assert.equal(connection.keptBytes, 0)
  assert.equal(connection.sender.queued, 0)
  assert.equal(connection.sender.inLine, 0)
  clock.advance(1_000)
  assert.equal(clock.armed, 0)
  assert.ok(socket.destroyed)
}

/** What was said back is whole frames and nothing else, none longer than we ever send; unless it is the answer to HTTP/1. `preface`: it was a client. */
export function assertFrames(socket: FakeSocket, preface: boolean): void {
  const said = socket.sent()
  if (said.length === 0 || said.toString('latin1', 0, 7) === 'HTTP/1.') return
  let bytes = preface ? PREFACE.length : 0
  for (const { payload } of framesIn(said, preface)) {
    assert.ok(payload.length <= LARGEST_FRAME, `a frame of ${payload.length} bytes`)
    bytes += FRAME_HEAD + payload.length
  }
  assert.equal(bytes, said.length)
}
