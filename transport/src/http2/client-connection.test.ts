import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { defaultBudgets } from './flood-guard.ts'
import { frameType, PREFACE, setting } from './protocol.ts'
import { clientEnd } from './test-kit/ends.ts'
import { turn } from './test-kit/fake-socket.ts'
import { data, frame, framesIn, goaway, headers, ping, rstStream, settingsFrame, uint32, windowUpdate } from './test-kit/frames.ts'

const head = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
] as const
const trailers = [['grpc-status', '0']] as const
const text = (value: string): Buffer => Buffer.from(value)

describe('a connection at its client', () => {
  it('begins with the preface and SETTINGS, which allow no push', async () => {
    const { socket } = clientEnd()
    await turn()
    const bytes = socket.sent()
    assert.ok(bytes.subarray(0, PREFACE.length).equals(PREFACE))
    const [first] = framesIn(bytes, true)
    assert.equal(first?.type, frameType.settings)
    assert.equal(first?.payload.readUInt16BE(0), setting.enablePush)
    assert.equal(first?.payload.readUInt32BE(2), 0)
  })

  it('opens odd streams, and hands over what comes for each', async () => {
    const { open, say } = clientEnd()
    const [first, second] = [open(), open()]
    assert.deepEqual(await say(headers(1, head), data(1, text('one')), headers(3, head), headers(1, trailers, { end: true })), [
      'headers 1',
      'headers 3',
    ])
    assert.deepEqual(first.story, ['headers :status 200 content-type application/grpc', 'data one', 'headers grpc-status 0 end', 'end'])
    assert.deepEqual(second.story, ['headers :status 200 content-type application/grpc'])
  })

  it('passes over interim responses', async () => {
    const { open, say } = clientEnd()
    const call = open()
    await say(
      headers(1, [[':status', '100']]),
      headers(1, [
        [':status', '103'],
        ['link', '<x>'],
      ]),
      headers(1, head),
    )
    assert.equal(call.story.length, 1)
  })

  it('is given up when there is no end of interim responses', async () => {
    const { connection, open, socket } = clientEnd()
    open()
    let rounds = 0
    for (; connection.state === 'open' && rounds < 1_000; rounds += 1) socket.deliver(headers(1, [[':status', '100']]))
    assert.equal(rounds, defaultBudgets.interim.burst + 1)
  })

  for (const [what, code, ...frames] of [
    ['DATA before the headers', 'PROTOCOL_ERROR', data(1, text('x'))],
    ['a response without a status', 'PROTOCOL_ERROR', headers(1, trailers, { end: true })],
    ['an interim response that ends the stream', 'PROTOCOL_ERROR', headers(1, [[':status', '100']], { end: true })],
    ['a change of protocols', 'PROTOCOL_ERROR', headers(1, [[':status', '101']])],
    ['a name in upper case', 'PROTOCOL_ERROR', headers(1, [...head, ['Server', 'x']])],
    ['a second header block that does not end it', 'PROTOCOL_ERROR', headers(1, head), headers(1, trailers)],
    ['a status in trailers', 'PROTOCOL_ERROR', headers(1, head), headers(1, head, { end: true })],
    ['headers that are too long', 'ENHANCE_YOUR_CALM', headers(1, [...head, ...Array(200).fill(['x', 'y'])])],
    ['a body longer than was promised', 'PROTOCOL_ERROR', headers(1, [...head, ['content-length', '1']]), data(1, text('long'))],
    ['a body shorter than was promised', 'PROTOCOL_ERROR', headers(1, [...head, ['content-length', '9']]), data(1, text('short'), true)],
    [
      'a body shorter than was promised, with trailers',
      'PROTOCOL_ERROR',
      headers(1, [...head, ['content-length', '9']]),
      headers(1, trailers, { end: true }),
    ],
    ['no body where one was promised', 'PROTOCOL_ERROR', headers(1, [...head, ['content-length', '9']], { end: true })],
    ['a window of 0', 'PROTOCOL_ERROR', windowUpdate(1, 0)],
  ] as const) {
    it(`resets a stream with ${code} for ${what}, tells its call, and goes on`, async () => {
      const { connection, open, events, say } = clientEnd()
      const call = open()
      await say()
      assert.deepEqual(await say(...frames, ping()), [`rstStream 1 ${code}`, 'ping ack'])
      assert.equal(call.story.at(-1), `reset ${code}`)
      assert.equal(events[0]?.name, 'stream-refused')
      assert.equal(connection.state, 'open')
    })
  }

  for (const [what, code, ...frames] of [
    ['HEADERS of a stream that nobody opened', 'PROTOCOL_ERROR', headers(5, head)],
    ['HEADERS of a stream of its own', 'PROTOCOL_ERROR', headers(2, head)],
    ['a push', 'PROTOCOL_ERROR', frame(frameType.pushPromise, 4, 1, uint32(2))],
    ['SETTINGS that allow pushes', 'PROTOCOL_ERROR', settingsFrame([[setting.enablePush, 1]])],
    ['DATA after the end of a stream', 'STREAM_CLOSED', headers(1, head), headers(1, trailers, { end: true }), data(3, text('x'))],
  ] as const) {
    it(`is given up with ${code} for ${what}`, async () => {
      const { connection, open, say } = clientEnd()
      const call = open()
      const other = open()
      other.stream.end()
      await say(headers(3, head, { end: true }))
      assert.equal((await say(...frames)).at(-1), `goaway ${code}`)
      assert.equal(connection.state, 'closed')
      assert.ok(call.story.some((line) => line === `reset ${code}` || line === 'end'))
    })
  }

  it('takes resets of its server however many there are, each of a stream that it opened', async () => {
    const { connection, open, say } = clientEnd()
    for (let id = 1; id < 10_001; id += 2) {
      const call = open()
      await say(rstStream(id, 'REFUSED_STREAM'))
      assert.deepEqual(call.story, ['reset REFUSED_STREAM by the peer'])
    }
    assert.equal(connection.state, 'open')
  })

  it('makes again what the server has not looked at before its GOAWAY, lets the rest end, and closes then', async () => {
    const { connection, open, calls, say } = clientEnd()
    const [first, second] = [open(), open()]
    await say(goaway(1))
    assert.deepEqual(second.story, ['reset REFUSED_STREAM'])
    assert.equal(connection.hasRoom, false)
    assert.ok(calls.includes('draining'))
    await say(headers(1, head), headers(1, trailers, { end: true }))
    assert.equal(first.story.at(-1), 'end')
    first.stream.end()
    await turn()
    assert.equal(connection.state, 'closed')
  })

  it('has room for as many streams as its server takes', async () => {
    const { connection, open, calls, say } = clientEnd()
    await say(settingsFrame([[setting.maxConcurrentStreams, 2]]))
    open()
    assert.equal(connection.hasRoom, true)
    const call = open()
    assert.equal(connection.hasRoom, false)
    call.stream.reset('CANCEL')
    assert.equal(connection.hasRoom, true)
    assert.equal(calls.at(-1), 'room')
    await say(settingsFrame([[setting.maxConcurrentStreams, 0]]))
    assert.equal(connection.hasRoom, false)
  })

  it('passes over what comes for a call that was cancelled, and gives it back to the connection', async () => {
    const { connection, open, socket, say } = clientEnd({ connectionWindow: 100_000 })
    const call = open()
    await say(headers(1, head))
    call.stream.reset('CANCEL')
    for (let index = 0; index < 50; index += 1) socket.deliver(data(1, Buffer.alloc(10_000)))
    await turn()
    assert.equal(connection.state, 'open')
    assert.ok(framesIn(socket.sent()).filter(({ type, id }) => type === frameType.windowUpdate && id === 0).length >= 9)
  })
})
