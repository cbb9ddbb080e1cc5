import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { flag, frameType, INITIAL_MAX_FRAME, PREFACE, setting } from '../protocol.ts'
import {
  continuation,
  data,
  frame,
  goaway,
  greeting,
  headers,
  message,
  ping,
  rstStream,
  settingsFrame,
  uint32,
  windowUpdate,
} from '../test-kit/frames.ts'
import { echoFields, turns, underAttack, waitFields } from './test-kit/stage.ts'

const EMPTY = Buffer.alloc(0)

/** What ends the connection, and with what. */
const fatal: readonly (readonly [title: string, code: string, ...bytes: readonly Uint8Array[]])[] = [
  ['opens an even stream', 'PROTOCOL_ERROR', headers(2, echoFields)],
  ['opens the stream 0', 'PROTOCOL_ERROR', headers(0, echoFields)],
  ['opens a stream lower than its last', 'STREAM_CLOSED', headers(7, waitFields), headers(5, waitFields)],
  ['sends DATA to a stream that nobody opened', 'PROTOCOL_ERROR', data(1, Buffer.from('x'))],
  ['sends DATA to a stream that both ends have ended', 'STREAM_CLOSED', headers(1, waitFields), rstStream(1), data(1, Buffer.from('x'))],
  ['resets a stream that nobody opened', 'PROTOCOL_ERROR', rstStream(1)],
  ['widens a stream that nobody opened', 'PROTOCOL_ERROR', windowUpdate(1, 1)],
  ['widens the connection by 0', 'PROTOCOL_ERROR', windowUpdate(0, 0)],
  ['widens the connection beyond 2^31-1', 'FLOW_CONTROL_ERROR', windowUpdate(0, 0x7fff_ffff)],
  [
    'widens all streams beyond 2^31-1 by SETTINGS',
    'FLOW_CONTROL_ERROR',
    headers(1, waitFields),
    windowUpdate(1, 0x7fff_ffff - 65_535),
    settingsFrame([[setting.initialWindowSize, 65_536]]),
  ],
  ['asks for windows beyond 2^31-1', 'FLOW_CONTROL_ERROR', settingsFrame([[setting.initialWindowSize, 0x8000_0000]])],
  ['asks for frames shorter than may be', 'PROTOCOL_ERROR', settingsFrame([[setting.maxFrameSize, 100]])],
  ['sends a frame longer than it may', 'FRAME_SIZE_ERROR', headers(1, waitFields), frame(frameType.data, 0, 1, Buffer.alloc(INITIAL_MAX_FRAME + 1))],
  ['promises a frame longer than it may', 'FRAME_SIZE_ERROR', Buffer.of(0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1)],
  ['interrupts a header block', 'PROTOCOL_ERROR', headers(1, EMPTY, { endHeaders: false }), ping()],
  ['interrupts a header block by another', 'PROTOCOL_ERROR', headers(1, EMPTY, { endHeaders: false }), headers(3, echoFields)],
  ['goes on with a header block that there is not', 'PROTOCOL_ERROR', continuation(1, EMPTY, true)],
  ['pads with more than there is', 'PROTOCOL_ERROR', headers(1, waitFields), frame(frameType.data, flag.padded, 1, Buffer.of(9, 0, 0))],
  ['promises to push', 'PROTOCOL_ERROR', frame(frameType.pushPromise, flag.endHeaders, 1, uint32(2))],
  ['sends PING of 9 bytes', 'FRAME_SIZE_ERROR', ping(0, Buffer.alloc(9))],
  ['sends SETTINGS to a stream', 'PROTOCOL_ERROR', frame(frameType.settings, 0, 1)],
]

describe('a server hangs up on somebody who', () => {
  for (const [title, code, ...bytes] of fatal) {
    it(`${title}, says ${code}, and looks at nothing that follows`, async () => {
      await underAttack(async (stage) => {
        const attacker = await stage.attacker()
        attacker.say(...bytes, headers(101, waitFields), ping(0, Buffer.from('after it')))
        assert.equal(await attacker.end(), code)
        assert.deepEqual(stage.refused, [code])
        assert.ok(attacker.frames.every(({ type, flags }) => type !== frameType.ping || (flags & flag.ack) === 0))
      })
    })
  }

  const strangers: readonly (readonly [title: string, speech: Uint8Array])[] = [
    ['speaks HTTP/1', Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n')],
    ['begins with another version', Buffer.from('PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n')],
    ['does not say SETTINGS first', Buffer.concat([PREFACE, ping()])],
    ['acknowledges SETTINGS first', Buffer.concat([PREFACE, settingsFrame([], flag.ack)])],
    ['says the preface twice', Buffer.concat([PREFACE, greeting()])],
  ]
  for (const [title, speech] of strangers) {
    it(title, async () => {
      await underAttack(async (stage) => {
        const attacker = await stage.connect()
        attacker.say(speech)
        assert.notEqual(await attacker.end(), 'NO_ERROR')
        assert.equal(stage.refused.length, 1)
      })
    })
  }

  it('sends more than its connection may, to a handler that does not take it', async () => {
    const reading: { pause(): void }[] = []
    await underAttack(
      async (stage) => {
        const attacker = await stage.attacker()
        // Each stream within its window, all together above that of the connection: 16 MiB.
        const piece = Buffer.alloc(16_384)
        let most = 0
        for (let id = 1; id < 400 && !attacker.closed; id += 2) {
          attacker.say(headers(id, waitFields), data(id, message(EMPTY, 0, 1)), ...Array(7).fill(data(id, piece)))
          await turns(2)
          most = Math.max(most, stage.held.streams)
        }
        assert.equal(await attacker.end(), 'FLOW_CONTROL_ERROR')
        assert.ok(most > 100 && most < 160, String(most))
      },
      {
        wait: {
          onStart: (call) => {
            reading.push(call)
            call.pause()
          },
          onMessage() {},
        },
      },
    )
    assert.ok(reading.length > 100)
  })
})

describe('a server resets no more than the stream of somebody who', () => {
  it('sends more than a stream may, and goes on with the others', async () => {
    await underAttack(
      async (stage) => {
        const attacker = await stage.attacker()
        attacker.say(headers(1, waitFields), ...Array(9).fill(data(1, Buffer.alloc(16_384))))
        attacker.say(headers(3, echoFields), data(3, message(Buffer.from('on')), true))
        await attacker.find(({ type, id }) => type === frameType.data && id === 3)
        assert.deepEqual(attacker.resets, ['FLOW_CONTROL_ERROR'])
        assert.deepEqual(stage.refused, [])
        assert.equal(stage.events[0]?.name, 'stream-refused')
        attacker.close()
      },
      { wait: { onStart: (call) => call.pause(), onMessage() {} } },
    )
  })

  it('says GOAWAY and goes on calling: what it has open is served', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      attacker.say(headers(1, echoFields), goaway(0, 'NO_ERROR'), data(1, message(Buffer.from('last')), true))
      const answer = await attacker.find(({ type }) => type === frameType.data)
      assert.equal(answer.payload.subarray(5).toString(), 'last')
      attacker.close()
    })
  })
})
