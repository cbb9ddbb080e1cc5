import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { frameType, PREFACE, setting } from './protocol.ts'
import { serverEnd } from './test-kit/ends.ts'
import { turn } from './test-kit/fake-socket.ts'
import {
  block,
  continuation,
  data,
  frame,
  framesIn,
  goaway,
  headers,
  ping,
  requestFields,
  rstStream,
  settingsFrame,
  uint32,
  windowUpdate,
} from './test-kit/frames.ts'

const path = '/a.B/C'
const fields = requestFields(path)
const text = (value: string): Buffer => Buffer.from(value)

describe('a connection at its server', () => {
  it('hands requests over, and answers on their streams', async () => {
    const { requests, heads, say } = serverEnd()
    await say(headers(1, fields), data(1, text('body')), headers(3, fields, { end: true }))
    assert.equal(heads[0]?.path, path)
    assert.deepEqual(
      requests.map(({ story }) => story),
      [['data body'], ['end']],
    )
    requests[1]?.stream.sendHeaders((sink) => sink.field(':status', '200', 'index'))
    requests[1]?.stream.end((sink) => sink.field('grpc-status', '0', 'index'))
    assert.deepEqual(await say(data(1, text(''), true)), ['headers 3', 'headers 3 end'])
    assert.deepEqual(requests[0]?.story, ['data body', 'end'])
  })

  it('takes the preface in any pieces, and nothing else in its place', async () => {
    for (let cut = 0; cut <= PREFACE.length; cut += 1) {
      const { socket, connection } = freshEnd()
      socket.deliver(PREFACE.subarray(0, cut))
      socket.deliver(Buffer.concat([PREFACE.subarray(cut), settingsFrame()]))
      assert.equal(connection.state, 'open')

      const wrong = freshEnd()
      const spoilt = Buffer.from(PREFACE)
      spoilt[Math.min(cut, PREFACE.length - 1)] = 0x21
      wrong.socket.deliver(spoilt.subarray(0, Math.min(cut, PREFACE.length - 1)))
      assert.equal(wrong.connection.state, 'greeting')
      wrong.socket.deliver(spoilt.subarray(Math.min(cut, PREFACE.length - 1)))
      assert.equal(wrong.connection.state, 'closed')
      await turn()
    }
  })

  it('goes on with the others while one stream is refused', async () => {
    const { requests, say } = serverEnd()
    assert.deepEqual(await say(headers(1, fields), headers(3, [...fields, ['Upper', 'case']]), data(1, text('on'))), ['rstStream 3 PROTOCOL_ERROR'])
    assert.deepEqual(requests[0]?.story, ['data on'])
    assert.equal(requests.length, 1)
  })

  it('passes over what comes for streams that were opened after its GOAWAY, and lets the others go on', async () => {
    const { connection, requests, say } = serverEnd()
    await say(headers(1, fields))
    connection.drain()
    assert.deepEqual(await say(), ['goaway NO_ERROR'])
    const late = [headers(3, fields), data(3, text('late')), windowUpdate(3, 5), headers(5, fields, { end: true }), rstStream(3)]
    assert.deepEqual(await say(...late, headers(3, [['x', 'y']], { end: true }), data(1, text('on'))), [])
    assert.deepEqual(
      requests.map(({ story }) => story),
      [['data on']],
    )
    assert.equal(connection.state, 'draining')
  })

  it('gives back to the connection what came for a stream that is passed over', async () => {
    const { connection, socket } = serverEnd({ connectionWindow: 100_000 })
    connection.drain()
    socket.deliver(headers(1, fields))
    for (let index = 0; index < 50; index += 1) socket.deliver(data(1, Buffer.alloc(10_000)))
    await turn()
    assert.equal(connection.state, 'draining')
    const given = framesIn(socket.sent()).filter(({ type, id }) => type === frameType.windowUpdate && id === 0)
    assert.ok(given.length >= 9)
  })

  it('takes the end of a stream from a client that does not know yet that it was reset', async () => {
    const { connection, say } = serverEnd({ maxConcurrentStreams: 1 })
    await say(headers(1, fields))
    const opened = Array.from({ length: 3_000 }, (_, index) => headers(3 + index * 2, fields))
    assert.equal((await say(...opened)).length, 3_000)
    const ended = Array.from({ length: 3_000 }, (_, index) => data(3 + index * 2, text('x'), true))
    assert.deepEqual(await say(...ended), [])
    assert.equal(connection.state, 'open')
  })

  it('breaks off when the peer goes on with a stream that both have ended', async () => {
    const { requests, events, say } = serverEnd()
    await say(headers(1, fields, { end: true }))
    requests[0]?.stream.end()
    assert.deepEqual(await say(data(1, text('more'))), ['data 1 0 bytes end', 'goaway STREAM_CLOSED'])
    assert.deepEqual(
      events.map(({ name, code }) => `${name} ${code}`),
      ['connection-refused STREAM_CLOSED'],
    )
  })

  for (const [what, frames] of [
    ['an even stream', [headers(2, fields)]],
    ['DATA of a stream that nobody opened', [data(1, text('x'))]],
    ['RST_STREAM of a stream that nobody opened', [rstStream(1)]],
    ['WINDOW_UPDATE of a stream that nobody opened', [windowUpdate(1, 1)]],
    ['WINDOW_UPDATE of an even stream', [headers(1, fields), windowUpdate(2, 1)]],
    ['a window of 0', [windowUpdate(0, 0)]],
  ] as const) {
    it(`breaks off for ${what}`, async () => {
      const { say } = serverEnd()
      assert.deepEqual(await say(...frames), ['goaway PROTOCOL_ERROR'])
    })
  }

  it('breaks off for a stream lower than the last', async () => {
    const { say } = serverEnd()
    assert.deepEqual(await say(headers(5, fields), headers(3, fields)), ['goaway STREAM_CLOSED'])
  })

  for (const [what, code, ...frames] of [
    ['DATA after the end', 'STREAM_CLOSED', headers(1, fields, { end: true }), data(1, text('x'))],
    ['HEADERS after the end', 'STREAM_CLOSED', headers(1, fields, { end: true }), headers(1, [['x', 'y']], { end: true })],
    ['a second header block that does not end it', 'PROTOCOL_ERROR', headers(1, fields), headers(1, [['x', 'y']])],
    ['pseudo fields in trailers', 'PROTOCOL_ERROR', headers(1, fields), headers(1, [[':path', '/']], { end: true })],
    ['a body longer than was promised', 'PROTOCOL_ERROR', headers(1, [...fields, ['content-length', '3']]), data(1, text('long'))],
    ['a body shorter than was promised', 'PROTOCOL_ERROR', headers(1, [...fields, ['content-length', '3']]), data(1, text('no'), true)],
    ['a body shorter than was promised, with trailers', 'PROTOCOL_ERROR', ...shortWithTrailers()],
    ['no body where one was promised', 'PROTOCOL_ERROR', headers(1, [...fields, ['content-length', '3']], { end: true })],
    ['more DATA than the window', 'FLOW_CONTROL_ERROR', headers(1, fields), ...Array(5).fill(data(1, Buffer.alloc(16_384)))],
    ['a window of 0', 'PROTOCOL_ERROR', headers(1, fields), windowUpdate(1, 0)],
    ['a window above 2^31-1', 'FLOW_CONTROL_ERROR', headers(1, fields), windowUpdate(1, 0x7fff_ffff)],
    ['PRIORITY of 4 bytes', 'FRAME_SIZE_ERROR', headers(1, fields), frame(frameType.priority, 0, 1, Buffer.alloc(4))],
    ['a dependency on itself', 'PROTOCOL_ERROR', headers(1, fields), frame(frameType.priority, 0, 1, Buffer.concat([uint32(1), Buffer.of(0)]))],
  ] as const) {
    it(`refuses a stream with ${code} for ${what}, and no other`, async () => {
      const { connection, events, say } = serverEnd({}, (stream) => {
        const { release } = stream
        // A reader that takes its time.
        stream.release = (count) => (stream.state === 'closed' ? release.call(stream, count) : undefined)
      })
      assert.deepEqual(await say(...frames, ping()), [`rstStream 1 ${code}`, 'ping ack'])
      assert.deepEqual(
        events.map((event) => `${event.name} ${event.code}`),
        [`stream-refused ${code}`],
      )
      assert.equal(connection.openStreams, 0)
      assert.deepEqual(await say(data(1, text('on the way'))), [])
    })
  }

  it('refuses streams over its limit, and takes the next one when there is room', async () => {
    const { requests, say } = serverEnd({ maxConcurrentStreams: 2 })
    assert.deepEqual(await say(headers(1, fields), headers(3, fields), headers(5, fields)), ['rstStream 5 REFUSED_STREAM'])
    await say(rstStream(1), headers(7, fields))
    assert.equal(requests.length, 3)
  })

  it('refuses streams whose headers are too much together with those that are open, and takes the next one when there is room', async () => {
    const large = [...fields, ['x', 'y'.repeat(1_000)]] as const
    const { requests, say } = serverEnd({ maxOpenBlockBytes: 3_000 })
    assert.deepEqual(await say(headers(1, large), headers(3, large), headers(5, large)), ['rstStream 5 ENHANCE_YOUR_CALM'])
    await say(rstStream(1), headers(7, large))
    assert.equal(requests.length, 3)
  })

  it('refuses streams whose headers are too many or too long, and reads those that follow by the same table', async () => {
    const { requests, say } = serverEnd({ maxHeaderFields: 10, maxHeaderListBytes: 2_000 })
    const entry = block([['x', 'of the table']])
    entry[0] = 0x40
    const many = Buffer.concat([block(fields), entry, Buffer.alloc(10, 0xbe)])
    assert.deepEqual(await say(headers(1, many), headers(3, [...fields, ['x', 'y'.repeat(1_800)]])), [
      'rstStream 1 ENHANCE_YOUR_CALM',
      'rstStream 3 ENHANCE_YOUR_CALM',
    ])
    assert.deepEqual(await say(headers(5, Buffer.concat([block(fields), Buffer.of(0xbe)]))), [])
    assert.equal(requests.length, 1)
  })

  it('reads a header block that came in pieces', async () => {
    const { heads, say } = serverEnd()
    const whole = headers(1, fields, { end: true }).subarray(9)
    await say(headers(1, whole.subarray(0, 10), { end: true, endHeaders: false }), continuation(1, whole.subarray(10), true))
    assert.equal(heads[0]?.path, path)
  })

  it('does not use the windows of a peer that makes them smaller, and uses those that it makes larger', async () => {
    const { requests, say } = serverEnd()
    await say(headers(1, fields, { end: true }), settingsFrame([[setting.initialWindowSize, 10]]))
    requests[0]?.stream.sendBytes(Buffer.alloc(30))
    assert.deepEqual(await say(), ['data 1 10 bytes'])
    assert.deepEqual(await say(settingsFrame([[setting.initialWindowSize, 25]])), ['data 1 15 bytes'])
    assert.deepEqual(await say(windowUpdate(1, 100)), ['data 1 5 bytes'])
  })

  it('breaks off when SETTINGS make a window too large', async () => {
    const { say } = serverEnd()
    const [first, second] = [settingsFrame([[setting.initialWindowSize, 0]]), settingsFrame([[setting.initialWindowSize, 1]])]
    assert.deepEqual(await say(first, headers(1, fields), windowUpdate(1, 0x7fff_ffff), second), ['goaway FLOW_CONTROL_ERROR'])
  })

  it('takes note of a GOAWAY of its client, and goes on', async () => {
    const { requests, events, say } = serverEnd()
    await say(headers(1, fields), goaway(0, 'NO_ERROR', 'bye'), data(1, text('last')))
    assert.deepEqual(requests[0]?.story, ['data last'])
    assert.deepEqual(events, [{ name: 'goaway', code: 'NO_ERROR', reason: 'bye' }])
  })

  it('tells every open stream when the connection ends, once', async () => {
    for (const end of ['end', 'close', 'error'] as const) {
      const { socket, connection, requests, closed, say } = serverEnd()
      await say(headers(1, fields), headers(3, fields, { end: true }))
      if (end === 'end') socket.emit('end')
      else if (end === 'close') socket.destroy()
      else socket.destroy(new Error('read ECONNRESET'))
      await turn()
      assert.deepEqual(
        requests.map(({ story }) => story.at(-1)),
        ['reset CANCEL', 'reset CANCEL'],
      )
      assert.equal(closed.length, 1)
      assert.equal(connection.openStreams, 0)
      assert.equal(connection.waitingBytes, 0)
    }
  })

  it('leaves nothing behind when it is closed: no timer, no stream, no waiting byte', async () => {
    const { socket, connection, clock, requests, say } = serverEnd()
    await say(headers(1, fields), headers(3, fields, { endHeaders: false }))
    requests[0]?.stream.sendBytes(Buffer.alloc(200_000))
    connection.ping(1_000, () => {})
    assert.ok(clock.armed > 0)
    assert.ok(connection.waitingBytes > 0)
    connection.close('enough')
    await turn()
    socket.destroy()
    await turn()
    assert.equal(clock.armed, 0)
    assert.equal(connection.openStreams, 0)
    assert.equal(connection.waitingBytes, 0)
  })
})

function freshEnd(): ReturnType<typeof serverEnd> {
  return serverEnd({}, undefined, false)
}

function shortWithTrailers(): Buffer[] {
  return [headers(1, [...fields, ['content-length', '3']]), data(1, text('no')), headers(1, [['x', 'y']], { end: true })]
}
