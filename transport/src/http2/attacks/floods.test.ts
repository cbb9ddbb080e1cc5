import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { defaultBudgets } from '../flood-guard.ts'
import { frameType } from '../protocol.ts'
import {
  continuation,
  data,
  frame,
  goaway,
  headers,
  message,
  ping,
  priority,
  rstStream,
  settingsAck,
  settingsFrame,
  windowUpdate,
} from '../test-kit/frames.ts'
import { echoFields, laterFields, turns, underAttack, waitFields } from './test-kit/stage.ts'

const EMPTY = Buffer.alloc(0)
const own = (round: number): number => round * 2 + 1

const floods: readonly (readonly [title: string, burst: number, bytes: (round: number) => Uint8Array, first?: Uint8Array])[] = [
  [
    'resets streams as soon as it has opened them',
    defaultBudgets.reset.burst,
    (round) => Buffer.concat([headers(own(round), waitFields), rstStream(own(round))]),
  ],
  [
    'makes the server reset streams, by windows of 0',
    defaultBudgets.fault.burst,
    (round) => Buffer.concat([headers(own(round), waitFields), windowUpdate(own(round), 0)]),
  ],
  [
    'makes the server reset streams, by windows too large',
    defaultBudgets.fault.burst,
    (round) => Buffer.concat([headers(own(round), waitFields), windowUpdate(own(round), 0x7fff_ffff)]),
  ],
  [
    'makes the server reset streams, by DATA after their end',
    defaultBudgets.fault.burst,
    (round) => Buffer.concat([headers(own(round), waitFields, { end: true }), data(own(round), Buffer.from('more'))]),
  ],
  [
    'makes the server reset streams, by streams that depend on themselves',
    defaultBudgets.fault.burst,
    (round) => Buffer.concat([headers(own(round), waitFields), priority(own(round), own(round))]),
  ],
  ['sends malformed requests', defaultBudgets.fault.burst, (round) => headers(own(round), [['no', 'path']])],
  [
    'resets a stream that is over, again and again',
    defaultBudgets.stray.burst,
    () => rstStream(1),
    Buffer.concat([headers(1, waitFields), rstStream(1)]),
  ],
  ['sends PINGs', defaultBudgets.ping.burst, () => ping()],
  ['answers PINGs that nobody sent', defaultBudgets.ping.burst, () => ping(1)],
  ['sends SETTINGS', defaultBudgets.settings.burst, () => settingsFrame()],
  ['sends SETTINGS with many values', defaultBudgets.settings.burst, () => settingsFrame(Array.from({ length: 2_000 }, () => [4, 65_535] as const))],
  ['acknowledges SETTINGS that nobody sent', defaultBudgets.settings.burst, () => settingsAck()],
  ['sends empty DATA', defaultBudgets.empty.burst, () => data(1, EMPTY), headers(1, waitFields)],
  [
    'sends DATA of nothing but padding',
    defaultBudgets.empty.burst,
    () => frame(frameType.data, 8, 1, Buffer.alloc(256, 255).fill(0, 1)),
    headers(1, waitFields),
  ],
  ['sends WINDOW_UPDATEs', defaultBudgets['window-update'].burst, () => windowUpdate(0, 1)],
  ['sends PRIORITY', defaultBudgets.priority.burst, (round) => priority(own(round))],
  ['sends frames that nobody knows', defaultBudgets.unknown.burst, () => frame(0xbe, 0xff, 0, Buffer.alloc(1_000))],
  ['says GOAWAY again and again', defaultBudgets.goaway.burst, () => goaway(0)],
]

describe('a server keeps calm when somebody', () => {
  for (const [title, burst, bytes, first = EMPTY] of floods) {
    it(title, async () => {
      await underAttack(async (stage) => {
        const attacker = await stage.attacker()
        attacker.say(first)
        let most = 0
        const rounds = await attacker.flood(bytes, burst * 3 + 5_000, () => {
          most = Math.max(most, stage.held.streams)
          assert.ok(stage.held.waitingBytes < 2 * 1024 * 1024, `${stage.held.waitingBytes} bytes wait`)
        })
        assert.equal(await attacker.end(), 'ENHANCE_YOUR_CALM')
        assert.ok(rounds > burst, 'a burst is allowed')
        assert.deepEqual(stage.refused, ['ENHANCE_YOUR_CALM'])
        assert.ok(most <= 1_001)
      })
    })
  }

  it('resets whole requests as soon as it has sent them: not much more than a burst is worked on', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      const request = message(Buffer.from('work'))
      await attacker.flood(
        (round) => Buffer.concat([headers(own(round), laterFields), data(own(round), request, true), rstStream(own(round))]),
        10_000,
        () => assert.ok(stage.held.streams <= 1_001),
      )
      assert.equal(await attacker.end(), 'ENHANCE_YOUR_CALM')
      assert.deepEqual(stage.refused, ['ENHANCE_YOUR_CALM'])
      assert.ok(stage.later >= 500 && stage.later <= defaultBudgets.reset.burst + 1_000, String(stage.later))
    })
  })

  it('never ends a header block, be its frames empty or full', async () => {
    for (const piece of [EMPTY, Buffer.of(0), Buffer.alloc(16_384)]) {
      await underAttack(async (stage) => {
        const attacker = await stage.attacker()
        attacker.say(headers(1, EMPTY, { endHeaders: false }))
        await attacker.flood(
          () => continuation(1, piece),
          10_000,
          () => assert.ok(stage.held.keptBytes <= 100_000),
        )
        assert.equal(await attacker.end(), 'ENHANCE_YOUR_CALM')
        assert.deepEqual(stage.refused, ['ENHANCE_YOUR_CALM'])
      })
    }
  })

  it('opens streams without end: those beyond the limit are refused, and then the connection is', async () => {
    await underAttack(
      async (stage) => {
        const attacker = await stage.attacker()
        await attacker.flood(
          (round) => headers(own(round), waitFields),
          40_000,
          () => assert.ok(stage.held.streams <= 101 && stage.held.calls <= 101),
        )
        assert.equal(await attacker.end(), 'ENHANCE_YOUR_CALM')
        assert.ok(attacker.resets.every((code) => code === 'REFUSED_STREAM'))
        assert.deepEqual(stage.refused, ['ENHANCE_YOUR_CALM'])
      },
      { server: { maxConcurrentStreams: 100 } },
    )
  })

  it('sends bytes one by one, each in a frame of its own: that is slow, and allowed', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      attacker.say(headers(1, echoFields))
      const body = message(Buffer.alloc(2_000, 'x'))
      for (let at = 0; at < body.length; at += 1) attacker.say(data(1, body.subarray(at, at + 1), at === body.length - 1))
      const answer = await attacker.find(({ type, id }) => type === frameType.data && id === 1)
      assert.ok(answer.payload.equals(body))
      await turns()
      assert.deepEqual(stage.refused, [])
      attacker.close()
    })
  })
})
