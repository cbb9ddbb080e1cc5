import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { type FrameHandler, IncomingFrames } from './incoming-frames.ts'
import { ConnectionError, type ErrorCode, flag, frameType } from './protocol.ts'
import {
  continuation,
  data,
  frame,
  goaway,
  headers,
  ping,
  priority,
  rstStream,
  settingsAck,
  settingsFrame,
  uint32,
  windowUpdate,
} from './test-kit/frames.ts'

const MAX_FRAME = 16_384
const MAX_BLOCK = 40_000

/** Writes down what it is told. */
class Told implements FrameHandler {
  readonly story: string[] = []
  isClosed = false

  onDataFrame(id: number, bytes: Buffer, start: number, end: number, counted: number, ended: boolean): void {
    this.story.push(`data ${id} "${bytes.toString('latin1', start, end)}" of ${counted}${ended ? ' end' : ''}`)
  }

  onHeaderBlock(id: number, ended: boolean, bytes: Buffer, start: number, end: number): void {
    this.story.push(`headers ${id} "${bytes.toString('latin1', start, end)}"${ended ? ' end' : ''}`)
  }

  onPriority(id: number, problem: { readonly code: ErrorCode } | undefined): void {
    this.story.push(`priority ${id} ${problem?.code}`)
  }

  onRstStream(id: number, code: ErrorCode): void {
    this.story.push(`reset ${id} ${code}`)
  }

  onSettings(_bytes: Buffer, start: number, end: number): void {
    this.story.push(`settings of ${end - start}`)
  }

  onSettingsAck(): void {
    this.story.push('settings ack')
  }

  onPing(bytes: Buffer, start: number, end: number): void {
    this.story.push(`ping "${bytes.toString('latin1', start, end)}"`)
  }

  onPingAck(bytes: Buffer, start: number, end: number): void {
    this.story.push(`ping ack "${bytes.toString('latin1', start, end)}"`)
  }

  onGoaway(lastStream: number, code: ErrorCode, debug: string): void {
    this.story.push(`goaway ${lastStream} ${code} "${debug}"`)
  }

  onWindowUpdate(id: number, increment: number): void {
    this.story.push(`window ${id} ${increment}`)
  }

  onUnknownFrame(): void {
    this.story.push('unknown')
  }
}

function reading(): { readonly told: Told; readonly frames: IncomingFrames; readonly push: (...frames: readonly Buffer[]) => string[] } {
  const told = new Told()
  const frames = new IncomingFrames(told, MAX_FRAME, MAX_BLOCK)
  frames.push(settingsFrame())
  told.story.length = 0
  return {
    told,
    frames,
    push(...all) {
      frames.push(Buffer.concat(all))
      return told.story.splice(0)
    },
  }
}

const text = (value: string): Buffer => Buffer.from(value)
const padded = (type: number, id: number, pad: number, payload: string, flags = 0): Buffer =>
  frame(type, flag.padded | flags, id, Buffer.concat([Buffer.of(pad), text(payload)]))
const fromItself = Buffer.concat([uint32(5), Buffer.of(16)])

describe('IncomingFrames', () => {
  it('tells what every frame means', () => {
    const { push } = reading()
    assert.deepEqual(
      push(
        data(1, text('body'), true),
        padded(frameType.data, 1, 3, 'body...'),
        headers(3, text('block'), { end: true }),
        padded(frameType.headers, 3, 2, 'block..', flag.endHeaders),
        frame(frameType.headers, flag.priority | flag.endHeaders, 3, Buffer.concat([uint32(0), Buffer.of(16), text('block')])),
        frame(
          frameType.headers,
          flag.padded | flag.priority | flag.endHeaders,
          3,
          Buffer.concat([Buffer.of(1), uint32(0), Buffer.of(16), text('b.')]),
        ),
        priority(5),
        rstStream(5, 'CANCEL'),
        frame(frameType.rstStream, 0, 5, uint32(4_711)),
        settingsFrame([[3, 100]]),
        settingsAck(),
        ping(0, text('12345678')),
        ping(flag.ack, text('12345678')),
        goaway(7, 'ENHANCE_YOUR_CALM', 'too_many_pings'),
        windowUpdate(0, 5),
        windowUpdate(3, 0x7fff_ffff),
        frame(0x0a, 0xff, 9, text('who knows')),
      ),
      [
        'data 1 "body" of 4 end',
        'data 1 "body" of 8',
        'headers 3 "block" end',
        'headers 3 "block"',
        'headers 3 "block"',
        'headers 3 "b"',
        'priority 5 undefined',
        'reset 5 CANCEL',
        'reset 5 INTERNAL_ERROR',
        'settings of 6',
        'settings ack',
        'ping "12345678"',
        'ping ack "12345678"',
        'goaway 7 ENHANCE_YOUR_CALM "too_many_pings"',
        'window 0 5',
        'window 3 2147483647',
        'unknown',
      ],
    )
  })

  it('puts a header block together from its frames', () => {
    const { push, frames } = reading()
    assert.deepEqual(push(headers(1, text('one '), { end: true, endHeaders: false }), continuation(1, text('two '))), [])
    assert.equal(frames.unfinished, 'a header block')
    assert.deepEqual(push(continuation(1, text('three'), true)), ['headers 1 "one two three" end'])
    assert.equal(frames.unfinished, undefined)
  })

  it('does not look at the reserved bits of an increment and of a last stream', () => {
    const { push } = reading()
    assert.deepEqual(push(frame(frameType.windowUpdate, 0, 0, uint32(0x8000_0001)), frame(frameType.goaway, 0, 0, uint32(0x8000_0003, 0))), [
      'window 0 1',
      'goaway 3 NO_ERROR ""',
    ])
  })

  it('reads no more than the beginning of what a GOAWAY says', () => {
    const { push } = reading()
    assert.deepEqual(push(goaway(0, 'NO_ERROR', 'x'.repeat(10_000))), [`goaway 0 NO_ERROR "${'x'.repeat(256)}"`])
  })

  it('tells nothing more once the connection is closed', () => {
    const { told, push } = reading()
    told.isClosed = true
    assert.deepEqual(push(ping(), ping()), ['ping "8 octets"'])
  })

  it('takes SETTINGS alone as the first frame', () => {
    for (const first of [ping(), settingsAck(), headers(1, text('block')), frame(0x0a), goaway(0)]) {
      const frames = new IncomingFrames(new Told(), MAX_FRAME, MAX_BLOCK)
      assert.equal(frames.greeted, false)
      assert.throws(
        () => frames.push(first),
        (error) => error instanceof ConnectionError && error.code === 'PROTOCOL_ERROR',
      )
    }
    const frames = new IncomingFrames(new Told(), MAX_FRAME, MAX_BLOCK)
    frames.push(settingsFrame())
    assert.equal(frames.greeted, true)
  })

  const wrong: readonly (readonly [title: string, code: ErrorCode, ...frames: readonly Buffer[]])[] = [
    ['a frame longer than was allowed', 'FRAME_SIZE_ERROR', data(1, Buffer.alloc(MAX_FRAME + 1))],
    ['DATA without a stream', 'PROTOCOL_ERROR', data(0, text('body'))],
    ['padded DATA without the length of its padding', 'FRAME_SIZE_ERROR', frame(frameType.data, flag.padded, 1)],
    ['DATA with as much padding as payload', 'PROTOCOL_ERROR', padded(frameType.data, 1, 5, 'body')],
    ['HEADERS without a stream', 'PROTOCOL_ERROR', headers(0, text('block'))],
    ['padded HEADERS without the length of their padding', 'FRAME_SIZE_ERROR', frame(frameType.headers, flag.padded | flag.endHeaders, 1)],
    ['HEADERS with more padding than payload', 'PROTOCOL_ERROR', padded(frameType.headers, 1, 6, 'block', flag.endHeaders)],
    ['HEADERS without room for their priority', 'FRAME_SIZE_ERROR', frame(frameType.headers, flag.priority | flag.endHeaders, 1, Buffer.alloc(4))],
    [
      'HEADERS whose padding leaves no room for their priority',
      'PROTOCOL_ERROR',
      padded(frameType.headers, 1, 2, '12345.', flag.priority | flag.endHeaders),
    ],
    ['HEADERS that depend on themselves', 'PROTOCOL_ERROR', frame(frameType.headers, flag.priority | flag.endHeaders, 5, fromItself)],
    ['PRIORITY without a stream', 'PROTOCOL_ERROR', priority(0)],
    ['RST_STREAM without a stream', 'PROTOCOL_ERROR', rstStream(0)],
    ['RST_STREAM of 3 bytes', 'FRAME_SIZE_ERROR', frame(frameType.rstStream, 0, 1, Buffer.alloc(3))],
    ['SETTINGS on a stream', 'PROTOCOL_ERROR', frame(frameType.settings, 0, 1)],
    ['SETTINGS of 7 bytes', 'FRAME_SIZE_ERROR', frame(frameType.settings, 0, 0, Buffer.alloc(7))],
    ['an acknowledgement of SETTINGS with a payload', 'FRAME_SIZE_ERROR', settingsFrame([[1, 1]], flag.ack)],
    ['PUSH_PROMISE', 'PROTOCOL_ERROR', frame(frameType.pushPromise, flag.endHeaders, 1, uint32(2))],
    ['PING on a stream', 'PROTOCOL_ERROR', frame(frameType.ping, 0, 1, Buffer.alloc(8))],
    ['PING of 7 bytes', 'FRAME_SIZE_ERROR', frame(frameType.ping, 0, 0, Buffer.alloc(7))],
    ['GOAWAY on a stream', 'PROTOCOL_ERROR', frame(frameType.goaway, 0, 1, Buffer.alloc(8))],
    ['GOAWAY of 7 bytes', 'FRAME_SIZE_ERROR', frame(frameType.goaway, 0, 0, Buffer.alloc(7))],
    ['WINDOW_UPDATE of 5 bytes', 'FRAME_SIZE_ERROR', frame(frameType.windowUpdate, 0, 1, Buffer.alloc(5))],
    ['CONTINUATION without HEADERS', 'PROTOCOL_ERROR', continuation(1, text('block'))],
    ['CONTINUATION after the end of its block', 'PROTOCOL_ERROR', headers(1, text('block')), continuation(1, text('more'))],
    ['a header block of more bytes than was allowed', 'ENHANCE_YOUR_CALM', ...longBlock()],
    ['a header block of 33 frames', 'ENHANCE_YOUR_CALM', headers(1, text(''), { endHeaders: false }), ...Array(32).fill(continuation(1, text('')))],
  ]
  for (const [title, code, ...frames] of wrong) {
    it(`answers ${code} to ${title}`, () => {
      const { push } = reading()
      assert.throws(
        () => push(...frames),
        (error) => error instanceof ConnectionError && error.code === code,
      )
    })
  }

  const interrupting: readonly (readonly [what: string, frame: Buffer])[] = [
    ['DATA of its stream', data(1, text('body'))],
    ['PING', ping()],
    ['SETTINGS', settingsFrame()],
    ['other HEADERS', headers(3, text('block'))],
    ['CONTINUATION of another stream', continuation(3, text('block'))],
    ['a frame nobody knows', frame(0x0a)],
  ]
  for (const [what, other] of interrupting) {
    it(`lets no header block be interrupted by ${what}`, () => {
      const { push } = reading()
      push(headers(1, text('begin'), { endHeaders: false }))
      assert.throws(
        () => push(other),
        (error) => error instanceof ConnectionError && error.code === 'PROTOCOL_ERROR',
      )
    })
  }

  it('leaves what is wrong with PRIORITY to its stream', () => {
    const { push } = reading()
    assert.deepEqual(push(frame(frameType.priority, 0, 1, Buffer.alloc(4)), frame(frameType.priority, 0, 5, fromItself)), [
      'priority 1 FRAME_SIZE_ERROR',
      'priority 5 PROTOCOL_ERROR',
    ])
  })
})

function longBlock(): Buffer[] {
  const piece = Buffer.alloc(MAX_FRAME)
  return [headers(1, piece, { endHeaders: false }), continuation(1, piece), continuation(1, piece, true)]
}
