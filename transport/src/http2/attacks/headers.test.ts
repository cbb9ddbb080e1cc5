import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { frameType, setting } from '../protocol.ts'
import { BlockReader, block, continuation, data, headers, message, settingsFrame } from '../test-kit/frames.ts'
import { type Attacker, echoFields, type Stage, turns, underAttack, waitFields } from './test-kit/stage.ts'

/** gRPC's RESOURCE_EXHAUSTED. */
const EXHAUSTED = '8'

/** A literal that becomes an entry of the table (RFC 7541, 6.2.1): 62 from now on. */
function entry(name: string, value: string): Buffer {
  const plain = block([[name, value]])
  plain[0] = 0x40
  return plain
}

const REFERENCE = 0xbe
const start = block(echoFields)

/** What the headers of a stream's answer say. */
async function answerOf(attacker: Attacker, id: number): Promise<Record<string, string>> {
  const frame = await attacker.find((one) => one.type === frameType.headers && one.id === id)
  return new BlockReader().read(frame)
}

async function stillServed(stage: Stage, attacker: Attacker, id: number): Promise<void> {
  attacker.say(headers(id, start), data(id, message(Buffer.from('fine')), true))
  const answer = await attacker.find((one) => one.type === frameType.data && one.id === id)
  assert.equal(answer.payload.subarray(5).toString(), 'fine')
  assert.deepEqual(stage.refused, [])
  attacker.close()
}

describe('a server keeps calm when headers', () => {
  it('are a bomb: few bytes that refer to a large field again and again', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      const bomb = Buffer.concat([start, entry('a', 'x'.repeat(4_000)), Buffer.alloc(12_000, REFERENCE)])
      attacker.say(headers(1, bomb, { end: true }))
      assert.equal((await answerOf(attacker, 1))['grpc-status'], EXHAUSTED)
      for (let id = 3; id < 600; id += 2) attacker.say(headers(id, bomb, { end: true }))
      await attacker.find(({ type, id }) => type === frameType.headers && id === 599)
      assert.ok(stage.held.keptBytes === 0 && stage.held.calls <= 1)
      await stillServed(stage, attacker, 601)
    })
  })

  it('are too many', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      attacker.say(headers(1, [...echoFields, ...Array.from({ length: 200 }, (_, index) => [`x-${index}`, ''] as const)], { end: true }))
      assert.equal((await answerOf(attacker, 1))['grpc-status'], EXHAUSTED)
      await stillServed(stage, attacker, 3)
    })
  })

  it('are too long, but came in frames that are allowed', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      // 190 fields of 310 bytes, which count 32 more each.
      const long = block([...echoFields, ...Array.from({ length: 190 }, (_, index) => [`x-${index}`, 'y'.repeat(310)] as const)])
      assert.ok(long.length < 64 * 1024)
      attacker.say(headers(1, long.subarray(0, 16_000), { end: true, endHeaders: false }))
      for (let at = 16_000; at < long.length; at += 16_000) attacker.say(continuation(1, long.subarray(at, at + 16_000), at + 16_000 >= long.length))
      assert.equal((await answerOf(attacker, 1))['grpc-status'], EXHAUSTED)
      await stillServed(stage, attacker, 3)
    })
  })

  it('are longer than the longest block', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      const piece = Buffer.alloc(16_384, start)
      attacker.say(headers(1, piece, { endHeaders: false }), ...Array(4).fill(continuation(1, piece)))
      assert.equal(await attacker.end(), 'ENHANCE_YOUR_CALM')
    })
  })

  it('are long on thousands of streams: together they may have 32 MiB', async () => {
    await underAttack(
      async (stage) => {
        const attacker = await stage.attacker()
        const long = block([...waitFields, ...Array.from({ length: 50 }, (_, index) => [`x-${index}`, 'y'.repeat(300)] as const)])
        assert.ok(long.length < 16_384)
        for (let id = 1; id < 6_000; id += 2) {
          attacker.say(headers(id, long))
          if (id % 100 === 1) await turns(2)
        }
        await attacker.find(({ type, id }) => type === frameType.headers && id === 5_999)
        const open = Math.floor((32 * 1024 * 1024) / long.length)
        assert.ok(stage.held.calls >= open && stage.held.calls <= open + 1, `${stage.held.calls} of ${open}`)
        assert.deepEqual(stage.refused, [])
        attacker.close()
      },
      { server: { maxConcurrentStreams: 10_000 } },
    )
  })

  const broken: readonly (readonly [title: string, bytes: Uint8Array])[] = [
    ['refer to the index 0', Buffer.of(0x80)],
    ['refer to an entry that there is not', Buffer.of(REFERENCE)],
    ['refer to an endless index', Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ['end in the middle of a name', Buffer.of(0x00, 0x0a, 0x61)],
    ['promise a string of 4 GiB', Buffer.of(0x00, 0x7f, 0x80, 0xff, 0xff, 0xff, 0x0f)],
    ['hold a code of Huffman that is none', Buffer.of(0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00)],
    ['make the table larger than was allowed', Buffer.of(0x3f, 0xe2, 0x1f)],
    ['change the size of the table at their end', Buffer.concat([start, Buffer.of(0x20)])],
  ]
  for (const [title, bytes] of broken) {
    it(`${title}`, async () => {
      await underAttack(async (stage) => {
        const attacker = await stage.attacker()
        attacker.say(headers(1, bytes, { end: true }))
        assert.equal(await attacker.end(), 'COMPRESSION_ERROR')
        assert.deepEqual(stage.refused, ['COMPRESSION_ERROR'])
      })
    })
  }

  it('change the size of the table thousands of times', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      const changes = Buffer.alloc(12_000, Buffer.of(0x20, 0x3f, 0xe1, 0x1f))
      attacker.say(headers(1, Buffer.concat([changes, start])), data(1, message(Buffer.from('x')), true))
      await attacker.find(({ type, id }) => type === frameType.data && id === 1)
      await stillServed(stage, attacker, 3)
    })
  })

  it('fill the table with every request', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      for (let id = 1; id < 1_000; id += 2) {
        const filling = Array.from({ length: 100 }, (_, index) => entry(`x-${id}-${index}`, 'y'.repeat(20)))
        attacker.say(headers(id, Buffer.concat([start, ...filling])), data(id, message(Buffer.from('x')), true))
      }
      await attacker.find(({ type, id }) => type === frameType.data && id === 999)
      await stillServed(stage, attacker, 1_001)
    })
  })

  it('of answers may be compressed with a table of 4 GiB, or none', async () => {
    for (const size of [0, 0xffff_ffff]) {
      await underAttack(async (stage) => {
        const attacker = await stage.attacker([[setting.headerTableSize, size]])
        attacker.say(settingsFrame([[setting.headerTableSize, 4_096]]), settingsFrame([[setting.headerTableSize, size]]))
        await stillServed(stage, attacker, 1)
      })
    }
  })
})
