import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { MessageRoom } from './message-room.ts'
import { Output } from './output.ts'
import { flag } from './protocol.ts'
import { Sender } from './sender.ts'
import { Stream, type StreamHandler, type StreamOwner } from './stream.ts'
import { limits } from './test-kit/ends.ts'
import { FakeSocket, turn } from './test-kit/fake-socket.ts'
import { describeFrame, framesIn } from './test-kit/frames.ts'
import { ManualClock } from './test-kit/manual-clock.ts'

const silent: StreamHandler = { onHeaders() {}, onData() {}, onEnd() {}, onReset() {}, onDrain() {} }

/** A sender with what it needs: windows of streams as asked, that of the connection with its first size. */
function sending(): {
  readonly socket: FakeSocket
  readonly sender: Sender
  readonly output: Output
  readonly open: (window: number, handler?: StreamHandler) => Stream
  readonly sent: () => Promise<string[]>
} {
  const socket = new FakeSocket()
  const output: Output = new Output(socket, () => sender.pump())
  const sender = new Sender(output)
  const owner: StreamOwner = {
    sender,
    room: new MessageRoom(new ManualClock(), limits),
    writeHeaders: (stream, _fields, end) => output.frame(0, 1, end ? flag.endStream : 0, stream.id),
    writeReset: (stream) => {
      output.frame(4, 3, 0, stream.id)
      output.uint32(8)
    },
    writeWindowUpdate() {},
    release() {},
    closed() {},
    onFault() {},
  }
  let next = 1
  return {
    socket,
    sender,
    output,
    open(window, handler = silent) {
      next += 2
      return new Stream(next - 2, owner, handler, window, 65_535)
    },
    async sent() {
      await turn()
      return framesIn(socket.sent()).map(describeFrame)
    },
  }
}

const KIB = 1_024

describe('Sender', () => {
  it('writes a message that fits in one frame at once', async () => {
    const { open, sent } = sending()
    open(65_535).sendMessage([Buffer.from('a'), Buffer.from('bc')], 3)
    assert.deepEqual(await sent(), ['data 1 8 bytes'])
  })

  it('lets streams that wait take turns, one frame each', async () => {
    const { sender, open, sent } = sending()
    sender.widen(1_000_000)
    const first = open(1_000_000)
    const second = open(1_000_000)
    const third = open(1_000_000)
    sender.window = 0
    first.sendBytes(Buffer.alloc(40 * KIB))
    second.sendBytes(Buffer.alloc(20 * KIB))
    third.sendBytes(Buffer.alloc(16 * KIB))
    sender.widen(1_000_000)
    const [full, small] = [16 * KIB, 4 * KIB]
    assert.deepEqual(await sent(), [
      `data 1 ${full} bytes`,
      `data 3 ${full} bytes`,
      `data 5 ${full} bytes`,
      `data 1 ${full} bytes`,
      `data 3 ${small} bytes`,
      `data 1 ${8 * KIB} bytes`,
    ])
  })

  it('lets nobody overtake those who wait for the connection', async () => {
    const { sender, open, sent } = sending()
    sender.window = 10
    const first = open(100)
    const second = open(100)
    first.sendBytes(Buffer.alloc(20))
    second.sendMessage(Buffer.alloc(5), 5)
    sender.widen(100)
    assert.deepEqual(await sent(), ['data 1 10 bytes', 'data 1 10 bytes', 'data 3 10 bytes'])
  })

  it('lets nobody overtake who begins while another is told to go on', async () => {
    const { sender, open, sent } = sending()
    sender.window = 0
    const third: Stream = open(100)
    const first = open(1_000_000, { ...silent, onDrain: () => void third.sendMessage(Buffer.alloc(5), 5) })
    first.sendBytes(Buffer.alloc(64 * KIB))
    open(1_000_000).sendBytes(Buffer.alloc(64 * KIB))
    sender.widen(1_000_000)
    const ids = (await sent()).map((line) => line.split(' ')[1])
    // The third frame of the first takes it below the mark; then it is the other one's turn.
    assert.deepEqual(ids, ['3', '5', '3', '5', '3', '5', '3', '1', '5'])
  })

  it('lets others pass a stream whose own window is used up', async () => {
    const { open, sent, sender } = sending()
    const blocked = open(5)
    blocked.sendBytes(Buffer.alloc(20))
    open(100).sendBytes(Buffer.alloc(20))
    assert.deepEqual(await sent(), ['data 1 5 bytes', 'data 3 20 bytes'])
    blocked.sendWindow += 100
    sender.enlist(blocked)
    assert.deepEqual(await sent(), ['data 1 15 bytes'])
  })

  it('sends frames as long as the peer takes, up to 64 KiB', async () => {
    const { sender, open, sent } = sending()
    sender.widen(10_000_000)
    sender.setMaxFrame(20_000)
    open(1_000_000).sendBytes(Buffer.alloc(40_000))
    sender.setMaxFrame(2 ** 24 - 1)
    open(1_000_000).sendMessage(Buffer.alloc(100_000), 100_000)
    assert.deepEqual(await sent(), ['data 1 20000 bytes', 'data 1 20000 bytes', 'data 3 65536 bytes', 'data 3 34469 bytes'])
  })

  it('waits while the socket has enough, and goes on when that is gone', async () => {
    const { socket, sender, output, open, sent } = sending()
    sender.widen(100_000_000)
    socket.stall()
    const stream = open(100_000_000)
    stream.sendBytes(Buffer.alloc(10 * KIB * KIB))
    await turn()
    assert.ok(output.pressure >= 512 * KIB && output.pressure < 600 * KIB, String(output.pressure))
    assert.ok(stream.queued > 9 * KIB * KIB)
    for (let round = 0; round < 100 && stream.queued > 0; round += 1) {
      socket.drain()
      await turn()
    }
    const bytes = (await sent()).map((line) => Number(/ (\d+) bytes/.exec(line)?.[1])).reduce((sum, count) => sum + count)
    assert.equal(bytes, 10 * KIB * KIB)
    assert.equal(sender.queued, 0)
  })

  it('sets the end on the last frame of a stream, or sends an empty one', async () => {
    const { sender, open, sent } = sending()
    const first = open(100)
    first.sendBytes(Buffer.alloc(5))
    first.end()
    const second = open(100)
    second.sendBytes(Buffer.alloc(5))
    open(100).sendBytes(Buffer.alloc(5))
    second.end()
    const waiting = open(100)
    sender.window = 0
    waiting.sendBytes(Buffer.alloc(5))
    waiting.end()
    assert.deepEqual(await sent(), ['data 1 5 bytes end', 'data 3 5 bytes', 'data 5 5 bytes', 'data 3 0 bytes end'])
    sender.widen(100)
    assert.deepEqual(await sent(), ['data 7 5 bytes end'])
  })

  it('sends an end without data although no window is left', async () => {
    const { sender, open, sent } = sending()
    sender.window = 0
    open(0).end()
    assert.deepEqual(await sent(), ['data 1 0 bytes end'])
  })

  it('counts what waits, and forgets a stream that is reset while there is no window', async () => {
    const { sender, open, sent } = sending()
    sender.window = 0
    for (let index = 0; index < 1_000; index += 1) {
      const stream = open(100)
      stream.sendBytes(Buffer.alloc(50))
      stream.reset('CANCEL')
    }
    assert.equal(sender.queued, 0)
    assert.equal(sender.inLine, 0)
    const last = open(100)
    last.sendBytes(Buffer.alloc(50))
    assert.deepEqual([sender.queued, sender.inLine], [50, 1])
    await sent()
  })

  it('tells a writer to wait at 64 KiB, and to go on below half of it', () => {
    const { sender, open } = sending()
    sender.window = 0
    let drains = 0
    const stream = open(1_000_000, {
      ...silent,
      onDrain: () => {
        drains += 1
      },
    })
    assert.equal(stream.sendBytes(Buffer.alloc(64 * KIB - 1)), true)
    assert.equal(stream.sendBytes(Buffer.alloc(1)), false)
    sender.widen(32 * KIB)
    assert.equal(drains, 0)
    sender.widen(1)
    assert.equal(drains, 1)
  })

  it('refuses a window that becomes too large, of the connection or of a stream', () => {
    const { sender, open } = sending()
    assert.equal(sender.widen(2 ** 31 - 1 - 65_535), true)
    assert.equal(sender.widen(1), false)
    const stream = open(2 ** 31 - 2)
    assert.equal(sender.widenAll([stream], 1), true)
    assert.equal(sender.widenAll([stream], 1), false)
  })

  it('takes a smaller initial window from streams that are open, below zero if need be', async () => {
    const { sender, open, sent } = sending()
    const stream = open(100)
    stream.sendBytes(Buffer.alloc(150))
    sender.widenAll([stream], -60)
    assert.equal(stream.sendWindow, -60)
    sender.widenAll([stream], 70)
    assert.deepEqual(await sent(), ['data 1 100 bytes', 'data 1 10 bytes'])
  })

  it('never sends more than any window allows, and all of it in order once they do', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('send' as const), which: fc.nat(2), count: fc.integer({ min: 1, max: 20_000 }) }),
      fc.record({ kind: fc.constant('widen stream' as const), which: fc.nat(2), count: fc.integer({ min: 1, max: 20_000 }) }),
      fc.record({ kind: fc.constant('widen connection' as const), which: fc.constant(0), count: fc.integer({ min: 1, max: 20_000 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { socket, sender, open } = sending()
        const streams = Array.from({ length: 3 }, () => ({ stream: open(10_000), window: 10_000, sent: [] as Buffer[], got: [] as Buffer[] }))
        let window = 65_535
        const check = (): void => {
          for (const { id, payload } of framesIn(socket.sent())) {
            const one = streams.find(({ stream }) => stream.id === id)
            assert.ok(one !== undefined)
            one.got.push(payload)
            one.window -= payload.length
            window -= payload.length
            assert.ok(one.window >= 0 && window >= 0)
          }
        }
        for (const [index, { kind, which, count }] of steps.entries()) {
          const one = streams[which]
          if (one === undefined) continue
          if (kind === 'send') {
            const bytes = Buffer.alloc(count, index)
            one.sent.push(bytes)
            one.stream.sendBytes(bytes)
          } else if (kind === 'widen stream') {
            one.window += count
            one.stream.sendWindow += count
            sender.enlist(one.stream)
          } else {
            window += count
            sender.widen(count)
          }
          await turn()
          check()
        }
        window += 10_000_000
        sender.widen(10_000_000)
        for (const one of streams) {
          one.window += 10_000_000
          one.stream.sendWindow += 10_000_000
          sender.enlist(one.stream)
        }
        await turn()
        check()
        for (const { sent, got } of streams) assert.ok(Buffer.concat(sent).equals(Buffer.concat(got)))
        assert.equal(sender.queued, 0)
      }),
      { numRuns: 40 },
    )
  })
})
