import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { flag, frameType } from '../protocol.ts'
import { data, greeting, headers, message, ping, requestFields, settingsFrame, uint32, windowUpdate } from '../test-kit/frames.ts'
import { type Attacker, echoFields, fillFields, type Stage, turns, underAttack, waitFields } from './test-kit/stage.ts'

const EMPTY = Buffer.alloc(0)
const MIB = 1024 * 1024

/** Waits until the server has read so many bytes of all that were said. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turns()
}

/** A call whose answer has so many bytes. */
const fill = (id: number, bytes: number): Buffer => Buffer.concat([headers(id, fillFields), data(id, message(uint32(bytes)), true)])

describe('a server does not wait for ever for', () => {
  const begun: readonly (readonly [title: string, code: string, speech: Uint8Array])[] = [
    ['nothing at all', 'SETTINGS_TIMEOUT', EMPTY],
    ['half a preface', 'SETTINGS_TIMEOUT', greeting().subarray(0, 12)],
    ['a preface without SETTINGS', 'SETTINGS_TIMEOUT', greeting().subarray(0, 24)],
    ['half of the first SETTINGS', 'SETTINGS_TIMEOUT', greeting().subarray(0, 28)],
  ]
  for (const [title, code, speech] of begun) {
    it(`${title}`, async () => {
      await underAttack(async (stage) => {
        const attackers: Attacker[] = []
        for (let index = 0; index < 20; index += 1) attackers.push(await stage.connect())
        for (const attacker of attackers) attacker.say(speech)
        await until(() => stage.held.connections === 21)
        stage.clock.advance(19_999)
        await turns(5)
        assert.deepEqual(stage.refused, [])
        stage.clock.advance(1)
        for (const attacker of attackers) assert.equal(await attacker.end(), code)
        assert.deepEqual(stage.refused, Array(20).fill(code))
      })
    })
  }

  const unfinished: readonly (readonly [title: string, speech: Uint8Array, kept: number])[] = [
    ['the head of a frame', ping().subarray(0, 5), 9],
    ['the rest of a frame', data(1, Buffer.alloc(16_000)).subarray(0, 100), 16_009],
    ['the rest of a header block', headers(1, Buffer.alloc(10, 0x82), { endHeaders: false }), 10],
  ]
  for (const [title, speech, kept] of unfinished) {
    it(`${title}, be it said byte by byte`, async () => {
      await underAttack(async (stage) => {
        const attacker = await stage.attacker()
        stage.clock.advance(20_000)
        for (const byte of speech) attacker.say(Buffer.of(byte))
        await until(() => stage.held.keptBytes === kept)
        stage.clock.advance(19_999)
        await turns(5)
        assert.deepEqual(stage.refused, [])
        stage.clock.advance(1)
        assert.equal(await attacker.end(), 'ENHANCE_YOUR_CALM')
        assert.deepEqual(stage.refused, ['ENHANCE_YOUR_CALM'])
      })
    })
  }

  it('the answer to a PING, from a peer that has gone without a word', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      attacker.say(headers(1, waitFields))
      await until(() => stage.held.calls >= 1)
      // From here on it says nothing, and its socket stays open.
      stage.clock.advance(120_000)
      stage.clock.advance(120_000)
      await attacker.find(({ type, flags }) => type === frameType.ping && (flags & flag.ack) === 0)
      assert.deepEqual(stage.refused, [])
      // The honest one has answered meanwhile.
      await turns(10)
      stage.clock.advance(30_000)
      await attacker.end()
      assert.deepEqual(stage.refused, ['KEEPALIVE_TIMEOUT'])
    })
  })

  it('a request that never ends, once its deadline has passed', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      attacker.say(headers(1, [...echoFields, ['grpc-timeout', '1000m']]), data(1, message(Buffer.from('x'))))
      await until(() => stage.held.streams >= 1)
      stage.clock.advance(1_100)
      await attacker.find(({ type, id, flags }) => type === frameType.headers && id === 1 && (flags & flag.endStream) !== 0)
      attacker.close()
    })
  })
})

describe('a peer that does not read', () => {
  /** Asks for answers until the server lets no more of them wait; the attacker has stopped reading. */
  async function stalled(stage: Stage, attacker: Attacker, ask: (round: number) => Uint8Array, enough: () => boolean): Promise<void> {
    attacker.socket.pause()
    for (let round = 0; round < 5_000 && !enough() && !attacker.closed; round += 1) {
      attacker.say(ask(round))
      await turns(2)
      assert.ok(stage.held.waitingBytes < 400 * MIB)
    }
  }

  it('is given up after a minute, whatever it goes on saying', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      attacker.say(windowUpdate(0, 2 ** 30))
      await stalled(
        stage,
        attacker,
        (round) => Buffer.concat([fill(round * 2 + 1, MIB), windowUpdate(round * 2 + 1, 2 ** 30)]),
        () => stage.held.waitingBytes > 4 * MIB,
      )
      assert.ok(stage.held.waitingBytes > 4 * MIB)
      for (let second = 0; second < 60; second += 1) {
        attacker.say(ping())
        await turns(2)
        stage.clock.advance(1_000)
      }
      await until(() => stage.refused.length > 0)
      assert.deepEqual(stage.refused, ['ENHANCE_YOUR_CALM'])
      attacker.socket.resume()
      await attacker.end()
    })
  })

  it('and gives no window has no more than 256 MiB waiting, then it is given up', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker([[4, 0]])
      await stalled(
        stage,
        attacker,
        (round) => fill(round * 2 + 1, 8 * MIB),
        () => false,
      )
      await until(() => stage.refused.length > 0)
      assert.deepEqual(stage.refused, ['ENHANCE_YOUR_CALM'])
      attacker.socket.resume()
      await attacker.end()
    })
  })

  it('is given up when answers without a body pile up to 8 MiB', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      let most = 0
      const unknown = requestFields(`/no.Such/${'x'.repeat(3_000)}`)
      const lot = (round: number): Buffer =>
        Buffer.concat(Array.from({ length: 100 }, (_, index) => headers((round * 100 + index) * 2 + 1, unknown, { end: true })))
      await stalled(stage, attacker, lot, () => {
        most = Math.max(most, stage.held.waitingBytes)
        return stage.refused.length > 0
      })
      assert.deepEqual(stage.refused, ['ENHANCE_YOUR_CALM'])
      assert.ok(most > MIB && most < 9 * MIB, String(most))
      attacker.socket.resume()
      await attacker.end()
    })
  })

  it('makes the windows of its streams as small as they may be, again and again: that is slow, and allowed', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker([[4, 1]])
      attacker.say(fill(1, 100))
      for (let index = 0; index < 104; index += 1) attacker.say(windowUpdate(1, 1))
      await attacker.find(({ type, flags }) => type === frameType.headers && (flags & flag.endStream) !== 0)
      const bytes = attacker.frames.filter(({ type }) => type === frameType.data).reduce((sum, { payload }) => sum + payload.length, 0)
      assert.equal(bytes, 105)
      assert.deepEqual(stage.refused, [])
      attacker.say(settingsFrame([[4, 0]]))
      attacker.close()
    })
  })
})
