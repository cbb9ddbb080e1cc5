import { strict as assert } from 'node:assert'
import { gzipSync } from 'node:zlib'
import { describe, it } from 'mocha'
import { flag, frameType } from '../protocol.ts'
import { BlockReader, data, headers, message } from '../test-kit/frames.ts'
import { type Attacker, echoFields, laterFields, type Stage, turns, underAttack, waitFields } from './test-kit/stage.ts'

const MIB = 1024 * 1024
const EMPTY = Buffer.alloc(0)
/** The longest message that servers take by default. */
const LONGEST = 4 * MIB
const WINDOW = 128 * 1024
const RESERVED = 64 * MIB
const gzipped = [...echoFields, ['grpc-encoding', 'gzip']] as const

/** Sends as much of a body as the server's windows let it; answers how much that was. */
class Upload {
  readonly #attacker: Attacker
  readonly id: number
  sent = 0

  constructor(attacker: Attacker, id: number) {
    this.#attacker = attacker
    this.id = id
  }

  get allowed(): number {
    return WINDOW + this.#attacker.given(this.id)
  }

  /** @param connection what all streams may still send. */
  push(bytes: number, connection: number): number {
    const count = Math.min(bytes - this.sent, this.allowed - this.sent, connection)
    for (let left = count; left > 0; left -= 16_384) this.#attacker.say(data(this.id, Buffer.alloc(Math.min(left, 16_384))))
    this.sent += count
    return count
  }
}

const connectionWindow = (attacker: Attacker): number => 65_535 + attacker.given(0)

/** Sends whatever the windows allow on all streams until that comes to nothing. */
async function pushAll(stage: Stage, attacker: Attacker, uploads: readonly Upload[], bytes: number): Promise<number> {
  let [total, most, idle] = [0, 0, 0]
  while (idle < 30 && !attacker.closed) {
    let pushed = 0
    for (const upload of uploads) pushed += upload.push(bytes, connectionWindow(attacker) - total - pushed)
    total += pushed
    await turns(3)
    most = Math.max(most, stage.held.keptBytes)
    idle = pushed === 0 ? idle + 1 : 0
  }
  return most
}

/** Statuses of the calls that have ended. */
function statuses(attacker: Attacker): Record<string, number> {
  const found: Record<string, number> = {}
  const reader = new BlockReader()
  for (const frame of attacker.frames) {
    if (frame.type !== frameType.headers) continue
    const status = reader.read(frame)['grpc-status']
    if (status !== undefined && (frame.flags & flag.endStream) !== 0) found[status] = (found[status] ?? 0) + 1
  }
  return found
}

describe('a server has bounded room for', () => {
  it('long messages on hundreds of streams, none of which is ever whole', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      const uploads = Array.from({ length: 200 }, (_, index) => new Upload(attacker, index * 2 + 1))
      const begin = message(EMPTY, 0, LONGEST)
      for (const upload of uploads) {
        attacker.say(headers(upload.id, waitFields), data(upload.id, begin))
        upload.sent = begin.length
      }
      const most = await pushAll(stage, attacker, uploads, LONGEST)
      const bound = 200 * WINDOW + RESERVED
      assert.ok(most >= bound - LONGEST && most <= bound + 20_000, `${most / MIB} MiB`)
      const long = uploads.filter(({ sent }) => sent > WINDOW).length
      assert.ok(long >= 15 && long <= 17, `${long} of them have a reservation`)
      assert.deepEqual(stage.refused, [])
      attacker.close()
    })
  })

  it('lengths that are promised on a thousand streams: they cost nothing', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      for (let id = 1; id < 2_000; id += 2) attacker.say(headers(id, waitFields), data(id, message(EMPTY, 0, 0xffff_ffff)))
      await attacker.find(({ type, id }) => type === frameType.headers && id === 1_999)
      assert.equal(stage.held.keptBytes, 0)
      assert.deepEqual(statuses(attacker), { 8: 1_000 })
      attacker.close()
    })
  })

  it('whole requests that wait for the end of their streams: they count as long as they wait', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      const request = message(Buffer.alloc(100_000))
      const uploads = Array.from({ length: 50 }, (_, index) => new Upload(attacker, index * 2 + 1))
      for (const { id } of uploads) attacker.say(headers(id, echoFields))
      for (const upload of uploads) {
        attacker.say(data(upload.id, request.subarray(0, 16_384)))
        upload.sent = 16_384
      }
      await pushAll(stage, attacker, uploads, request.length)
      assert.equal(stage.held.keptBytes, 50 * 100_000)
      attacker.say(data(1, EMPTY, true))
      const answer = await attacker.find(({ type, id }) => type === frameType.data && id === 1)
      assert.ok(answer.payload.length > 5)
      assert.equal(stage.held.keptBytes, 49 * 100_000)
      attacker.close()
    })
  })

  it('whole requests: they count no more once they are handed over, however long that takes', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      const request = message(Buffer.alloc(20_000))
      attacker.say(headers(1, laterFields), data(1, request.subarray(0, 16_000)), data(1, request.subarray(16_000)))
      while (stage.held.keptBytes < 20_000) await turns()
      attacker.say(data(1, EMPTY, true))
      while (stage.later === 0) await turns()
      assert.ok(stage.held.streams >= 1)
      assert.equal(stage.held.keptBytes, 0)
      await attacker.find(({ type, id }) => type === frameType.data && id === 1)
      attacker.close()
    })
  })

  it('requests that are small and unpack to the longest there may be, and wait', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      const bomb = message(gzipSync(Buffer.alloc(LONGEST)), 1)
      assert.ok(bomb.length < 5_000)
      let most = 0
      for (let id = 1; id < 200; id += 2) {
        attacker.say(headers(id, gzipped), data(id, bomb))
        await turns(2)
        most = Math.max(most, stage.held.keptBytes)
      }
      await attacker.find(({ type, id }) => type === frameType.headers && id === 199)
      // After 64 MiB they are unpacked no further than what people write would be.
      assert.equal(most, 64 * MIB)
      assert.deepEqual(statuses(attacker), { 8: 100 - 16 })
      attacker.close()
    })
  })

  it('requests that unpack to more than there may be: they are not unpacked to their end', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      const bomb = message(gzipSync(Buffer.alloc(200 * MIB)), 1)
      for (let id = 1; id < 20; id += 2) {
        attacker.say(headers(id, gzipped))
        for (let at = 0; at < bomb.length; at += 16_384) attacker.say(data(id, bomb.subarray(at, at + 16_384), at + 16_384 >= bomb.length))
      }
      await attacker.find(({ type, id }) => type === frameType.headers && id === 19)
      assert.deepEqual(statuses(attacker), { 8: 10 })
      assert.equal(stage.held.keptBytes, 0)
      attacker.close()
    })
  })

  it('connections: the next ones are closed at once and counted, and those that stand go on', async () => {
    await underAttack(
      async (stage) => {
        const attackers: Attacker[] = []
        for (let index = 0; index < 40; index += 1) attackers.push(await stage.connect())
        while (stage.refused.length < 21) await turns()
        assert.deepEqual(stage.refused, Array(21).fill('TOO_MANY_CONNECTIONS'))
        assert.equal(stage.held.connections, 20)
        for (const attacker of attackers) attacker.close()
      },
      { server: { maxConnections: 20 } },
    )
  })
})

describe('a message that waits for room', () => {
  it('gets it when another one becomes whole, and arrives', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      const whole = message(Buffer.alloc(LONGEST))
      const uploads = Array.from({ length: 40 }, (_, index) => new Upload(attacker, index * 2 + 1))
      for (const upload of uploads) {
        attacker.say(headers(upload.id, echoFields), data(upload.id, whole.subarray(0, 5)))
        upload.sent = 5
      }
      let total = 0
      const ended = new Set<Upload>()
      while (ended.size < uploads.length) {
        assert.equal(attacker.closed, false)
        // Round robin, as a well-behaved client sends.
        for (const upload of uploads) total += upload.push(whole.length, connectionWindow(attacker) - total)
        for (const upload of uploads) {
          if (upload.sent < whole.length || ended.has(upload)) continue
          attacker.say(data(upload.id, EMPTY, true))
          ended.add(upload)
        }
        await turns(2)
        assert.ok(stage.held.keptBytes <= 192 * MIB)
      }
      await turns(5)
      assert.deepEqual(stage.refused, [])
      assert.deepEqual(statuses(attacker), {})
      attacker.close()
    })
  })

  it('gets it in the end from others that never become whole: these lose their calls', async () => {
    await underAttack(async (stage) => {
      const attacker = await stage.attacker()
      for (let id = 1; id < 40; id += 2) attacker.say(headers(id, waitFields), data(id, message(EMPTY, 0, LONGEST)))
      await turns(20)
      const late = new Upload(attacker, 39)
      assert.equal(late.allowed, WINDOW)
      for (let round = 0; round < 10 && late.allowed === WINDOW; round += 1) {
        stage.clock.advance(20_000)
        await turns(20)
      }
      assert.equal(late.allowed, LONGEST)
      const { 8: exhausted = 0 } = statuses(attacker)
      assert.ok(exhausted >= 1 && exhausted <= 4, String(exhausted))
      attacker.close()
    })
  })
})
