import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { defaultBudgets, type FloodKind } from './flood-guard.ts'
import { frameType } from './protocol.ts'
import { clientEnd, type ServerEnd, serverEnd } from './test-kit/ends.ts'
import { turn } from './test-kit/fake-socket.ts'
import {
  continuation,
  data,
  frame,
  framesIn,
  goaway,
  greeting,
  headers,
  ping,
  priority,
  requestFields,
  rstStream,
  settingsAck,
  settingsFrame,
  windowUpdate,
} from './test-kit/frames.ts'

const fields = requestFields('/a.B/C')
const EMPTY = Buffer.alloc(0)

/** Says the frame until the connection is over; answers how often. */
function flood({ socket, connection }: ServerEnd, bytes: (round: number) => Uint8Array, most: number): number {
  let rounds = 0
  while (connection.state !== 'closed' && rounds < most) {
    socket.deliver(bytes(rounds))
    rounds += 1
  }
  return rounds
}

const floods: readonly (readonly [
  title: string,
  kind: FloodKind,
  first: readonly Uint8Array[],
  frame: (round: number) => Uint8Array,
  spent?: number,
])[] = [
  ['PING', 'ping', [], () => ping()],
  ['answers to PINGs that nobody sent', 'ping', [], () => ping(1)],
  ['SETTINGS', 'settings', [], () => settingsFrame(), 1],
  ['acknowledgements of SETTINGS', 'settings', [], () => settingsAck(), 1],
  ['resets of open streams', 'reset', [], (round) => Buffer.concat([headers(round * 2 + 1, fields), rstStream(round * 2 + 1)])],
  ['resets of streams that are over', 'stray', [headers(1, fields), rstStream(1)], () => rstStream(1)],
  [
    'what makes us reset streams: a window of 0',
    'fault',
    [],
    (round) => Buffer.concat([headers(round * 2 + 1, fields), windowUpdate(round * 2 + 1, 0)]),
  ],
  ['what makes us reset streams: malformed requests', 'fault', [], (round) => headers(round * 2 + 1, [['x', 'y']])],
  ['DATA of a stream that we have reset', 'stray', [headers(1, fields), windowUpdate(1, 0)], () => data(1, Buffer.from('x'))],
  ['trailers of a stream that we have reset', 'stray', [headers(1, fields), windowUpdate(1, 0)], () => headers(1, [['x', 'y']], { end: true })],
  ['empty DATA', 'empty', [headers(1, fields)], () => data(1, EMPTY)],
  ['DATA of padding', 'empty', [headers(1, fields)], () => frame(frameType.data, 8, 1, Buffer.of(3, 0, 0, 0))],
  ['WINDOW_UPDATE of the connection', 'window-update', [], () => windowUpdate(0, 1)],
  ['WINDOW_UPDATE of a stream', 'window-update', [headers(1, fields)], () => windowUpdate(1, 1)],
  ['PRIORITY', 'priority', [], () => priority(1)],
  ['GOAWAY', 'goaway', [], () => goaway(0)],
  ['frames that nobody knows', 'unknown', [], () => frame(0xfa)],
]

describe('a connection under a flood', () => {
  for (const [title, kind, first, bytes, spent = 0] of floods) {
    it(`of ${title} is given up when its budget is used up, and not before`, async () => {
      const end = serverEnd()
      for (const frame of first) end.socket.deliver(frame)
      const { burst } = defaultBudgets[kind]
      assert.equal(flood(end, bytes, burst + 10), burst + 1 - spent)
      assert.equal((await end.say()).at(-1), 'goaway ENHANCE_YOUR_CALM')
      assert.equal(end.events.at(-1)?.name, 'connection-refused')
      assert.match(end.events.at(-1)?.reason ?? '', new RegExp(`: ${kind}$`))
      assert.equal(end.connection.openStreams, 0)
    })

    it(`of ${title} is not given up when that comes slowly`, () => {
      const end = serverEnd()
      for (const frame of first) end.socket.deliver(frame)
      const { burst, perSecond } = defaultBudgets[kind]
      const rounds = Math.min(burst * 2, 3_000)
      for (let round = 0; round < rounds; round += 1) {
        end.socket.deliver(bytes(round))
        end.clock.advance(1_001 / perSecond)
      }
      assert.equal(end.connection.state, 'open')
    })
  }

  it('of streams beyond its limit is given up', async () => {
    const end = serverEnd({ maxConcurrentStreams: 1 })
    end.socket.deliver(headers(1, fields))
    const { burst } = defaultBudgets.refusal
    assert.equal(
      flood(end, (round) => headers(round * 2 + 3, fields), burst + 10),
      burst + 1,
    )
    assert.equal((await end.say()).at(-1), 'goaway ENHANCE_YOUR_CALM')
  })

  it('of streams after its GOAWAY is given up', () => {
    const end = serverEnd()
    end.connection.drain()
    const { burst } = defaultBudgets.refusal
    assert.equal(
      flood(end, (round) => headers(round * 2 + 1, fields), burst + 10),
      burst + 1,
    )
  })

  it('of a header block that never ends is given up, and keeps none of it', async () => {
    for (const piece of [0, 1, 16_384]) {
      const end = serverEnd()
      end.socket.deliver(headers(1, EMPTY, { endHeaders: false }))
      const rounds = flood(end, () => continuation(1, Buffer.alloc(piece)), 100)
      assert.ok(rounds <= 32, String(rounds))
      assert.deepEqual(await end.say(), ['goaway ENHANCE_YOUR_CALM'])
      assert.equal(end.connection.keptBytes, 0)
    }
  })

  it('of PINGs is not given up while each answers a frame of a response', async () => {
    const end = serverEnd()
    for (let round = 0; round < 3_000; round += 1) {
      const id = round * 2 + 1
      end.socket.deliver(headers(id, fields, { end: true }))
      end.requests.at(-1)?.stream.sendBytes(Buffer.from('answer'))
      end.requests.at(-1)?.stream.end()
      end.socket.deliver(ping())
      if (round % 100 === 0) await turn()
    }
    assert.equal(end.connection.state, 'open')
  })
})

describe('WINDOW_UPDATEs', () => {
  it('are free for what was sent: one for the stream and one for the connection with each frame', () => {
    const end = serverEnd({ budgets: { ...defaultBudgets, 'window-update': { burst: 10, perSecond: 0 } } })
    for (let round = 0; round < 500; round += 1) {
      const id = round * 2 + 1
      end.socket.deliver(headers(id, fields, { end: true }))
      end.requests.at(-1)?.stream.sendBytes(Buffer.from('answer'))
      end.socket.deliver(Buffer.concat([windowUpdate(0, 6), windowUpdate(id, 6)]))
      end.requests.at(-1)?.stream.end()
    }
    assert.equal(end.connection.state, 'open')
    assert.ok(flood(end, () => windowUpdate(0, 1), 100) <= 11)
  })
})

describe('the time that a connection gives', () => {
  const greeted = Buffer.concat([greeting(), settingsAck()])
  const slow: readonly (readonly [title: string, code: string, before: Uint8Array, bytes: Uint8Array])[] = [
    ['the preface', 'SETTINGS_TIMEOUT', EMPTY, greeting().subarray(0, 10)],
    ['the first SETTINGS', 'SETTINGS_TIMEOUT', EMPTY, greeting().subarray(0, 30)],
    ['a frame', 'ENHANCE_YOUR_CALM', greeted, ping().subarray(0, 16)],
    ['the head of a frame', 'ENHANCE_YOUR_CALM', greeted, ping().subarray(0, 1)],
    ['a header block', 'ENHANCE_YOUR_CALM', greeted, headers(1, fields, { endHeaders: false })],
  ]
  for (const [title, code, before, bytes] of slow) {
    it(`for ${title} is 20 s, however slowly it trickles`, async () => {
      const end = serverEnd({}, undefined, false)
      end.socket.deliver(before)
      if (before !== EMPTY) end.clock.advance(20_000)
      for (const byte of bytes) end.socket.deliver(Buffer.of(byte))
      end.clock.advance(19_999)
      assert.notEqual(end.connection.state, 'closed')
      end.clock.advance(1)
      assert.equal(end.connection.state, 'closed')
      assert.equal((await end.say()).at(-1), `goaway ${code}`)
      assert.equal(end.events[0]?.code, code)
      assert.equal(end.connection.keptBytes, 0)
    })
  }

  it('is not used up by frames that come one after the other, each cut by the reads', () => {
    const end = serverEnd({ connectionWindow: 100_000_000 })
    end.socket.deliver(headers(1, fields))
    const frames = Buffer.concat(Array.from({ length: 100 }, () => data(1, Buffer.alloc(1_000))))
    for (let at = 0; at < frames.length; at += 1_000) {
      end.socket.deliver(frames.subarray(at, at + 1_000))
      end.clock.advance(1_000)
    }
    assert.equal(end.connection.state, 'open')
  })

  it('is not used up by silence between frames', () => {
    const end = serverEnd()
    end.clock.advance(10 * 3_600_000)
    assert.equal(end.connection.state, 'open')
    assert.equal(end.clock.armed, 0)
  })

  it('is ended by header blocks that begin and never end, with frames trickling in between', () => {
    const end = serverEnd()
    end.clock.advance(20_000)
    end.socket.deliver(headers(1, EMPTY, { endHeaders: false }))
    for (let round = 0; round < 10; round += 1) {
      end.clock.advance(1_999)
      end.socket.deliver(continuation(1, EMPTY))
    }
    assert.equal(end.connection.state, 'open')
    end.clock.advance(11)
    assert.equal(end.connection.state, 'closed')
  })
})

describe('a peer that does not read', () => {
  it('is given up after a minute in which nothing of what was sent has gone', async () => {
    const end = serverEnd()
    await turn()
    end.socket.stall()
    end.socket.deliver(ping())
    await turn()
    end.clock.advance(59_999)
    assert.equal(end.connection.state, 'open')
    end.clock.advance(1)
    assert.equal(end.connection.state, 'closed')
    assert.ok(end.socket.destroyed)
    assert.match(end.events[0]?.reason ?? '', /did not read for 60000 ms/)
  })

  it('is kept while it reads slowly', async () => {
    const end = serverEnd()
    await turn()
    end.socket.stall()
    for (let round = 0; round < 20; round += 1) {
      end.socket.deliver(ping())
      await turn()
      end.clock.advance(40_000)
      end.socket.drain(false)
      await turn()
    }
    assert.equal(end.connection.state, 'open')
  })

  it('is given up when so many answers wait that DATA is none of it', async () => {
    const end = serverEnd({ maxWaitingBytes: 10_000, budgets: { ...defaultBudgets, ping: { burst: 10_000, perSecond: 0 } } })
    await turn()
    end.socket.stall()
    let rounds = 0
    for (; end.connection.state === 'open' && rounds < 2_000; rounds += 1) {
      end.socket.deliver(ping())
      await turn()
    }
    assert.equal(rounds, Math.floor(10_000 / 17) + 1)
    assert.ok(end.socket.destroyed)
    assert.deepEqual(end.closed, ['too much waits for a peer that does not read'])
  })

  it('gets DATA up to 512 KiB and the trailers of answers, not more', async () => {
    const end = serverEnd()
    await turn()
    end.socket.stall()
    end.socket.deliver(windowUpdate(0, 2 ** 30))
    for (let id = 1; id <= 101; id += 2) {
      end.socket.deliver(Buffer.concat([headers(id, fields, { end: true }), windowUpdate(id, 2 ** 30)]))
      end.requests.at(-1)?.stream.sendBytes(Buffer.alloc(60_000))
    }
    await turn()
    assert.equal(end.connection.state, 'open')
    assert.ok(end.connection.waitingBytes > 3_000_000)
    assert.ok(end.socket.writableLength < 600_000)
  })

  it('is given up when streams hold too much for it', async () => {
    const end = serverEnd({ maxQueuedBytes: 1_000_000 })
    end.socket.deliver(settingsFrame([[4, 0]]))
    for (let id = 1; end.connection.state === 'open' && id < 200; id += 2) {
      end.socket.deliver(headers(id, fields, { end: true }))
      end.requests.at(-1)?.stream.sendBytes(Buffer.alloc(50_000))
      await turn()
    }
    assert.equal(end.requests.length, 21)
    assert.deepEqual(end.closed, ['too much waits for a peer that gives no window'])
    assert.equal(end.connection.waitingBytes, 0)
  })
})

describe('a PING of ours', () => {
  it('is answered by its own number alone', async () => {
    const { connection, socket } = clientEnd()
    const story: boolean[] = []
    connection.ping(1_000, (alive) => story.push(alive))
    await turn()
    const asked = framesIn(socket.sent(), true).find(({ type }) => type === frameType.ping)
    assert.ok(asked !== undefined)
    socket.deliver(ping(1, Buffer.from('whatever')))
    assert.deepEqual(story, [])
    socket.deliver(ping(1, asked.payload))
    assert.deepEqual(story, [true])
  })

  it('is not answered by a connection that is closed', () => {
    const { connection } = clientEnd()
    const story: boolean[] = []
    connection.ping(1_000, (alive) => story.push(alive))
    connection.close('enough')
    connection.ping(1_000, (alive) => story.push(alive))
    assert.deepEqual(story, [false, false])
  })
})
