import assert from 'node:assert/strict'
import type { LogPosition, MessageLog, StoredMessage } from './message-log.ts'

/** `{ describe, it }` of mocha, given so that the package needs no test runner. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => void | Promise<void>): unknown
}

/** An empty log that keeps at most `maxBytes`. */
export type MakeLog = (maxBytes: number) => MessageLog | Promise<MessageLog>

const MAX_BYTES = 256 * 1024

/** A stored message of `size` bytes, which tell it from others. */
export function sampleMessage(messageId: string, size = 1024, fields: Partial<StoredMessage> = {}): StoredMessage {
  const bytes = new Uint8Array(size)
  new TextEncoder().encodeInto(messageId, bytes)
  return {
    topic: 'orders',
    bytes,
    systemPropertiesStart: 0,
    systemPropertiesEnd: 0,
    bodyStart: 0,
    bodyEnd: size,
    digest: 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709',
    messageId,
    type: 'NORMAL',
    tag: undefined,
    messageGroup: undefined,
    deliverAt: undefined,
    bornHost: '127.0.0.1:1',
    storedAt: 0,
    deadLetter: undefined,
    ...fields,
  }
}

/** Appends, waits until that is durable, and answers the position; undefined when the log is full. */
async function append(log: MessageLog, message: StoredMessage): Promise<LogPosition | undefined> {
  const result = log.append(message)
  if (result.kind === 'full') return undefined
  await result.durable
  return result.position
}

/** Appends until the log is full. */
async function fill(log: MessageLog, size = 1024): Promise<LogPosition[]> {
  const positions: LogPosition[] = []
  for (let position = await append(log, sampleMessage('fill-0', size)); position !== undefined; ) {
    positions.push(position)
    assert.ok(positions.length * size <= MAX_BYTES, 'more was appended than the log may keep')
    position = await append(log, sampleMessage(`fill-${positions.length}`, size))
  }
  assert.ok(positions.length > 0)
  return positions
}

/** What {@link MessageLog} says, as tests. A case that needs more than the interface promises belongs into the tests of its implementation. */
export function messageLogConformance(name: string, make: MakeLog, { describe, it }: Runner): void {
  const test = (title: string, body: (log: MessageLog) => Promise<void>): void => {
    it(title, async () => {
      const log = await make(MAX_BYTES)
      await body(log)
      await log.close()
    })
  }

  describe(`message log, ${name}`, () => {
    describe('append and read', () => {
      test('gives back a message as it was appended, every field of it', async (log) => {
        const plain = sampleMessage('plain')
        const full = sampleMessage('full', 300, {
          topic: '%DLQ%billing',
          systemPropertiesStart: 2,
          systemPropertiesEnd: 40,
          bodyStart: 44,
          bodyEnd: 299,
          type: 'DELAY',
          tag: 'a',
          messageGroup: 'customer 1',
          deliverAt: 1_700_000_000_123,
          bornHost: '[::1]:65535',
          storedAt: 1_700_000_000_000,
          deadLetter: { topic: 'orders', messageId: 'origin' },
        })
        const positions = [await append(log, plain), await append(log, full)]
        assert.deepEqual(
          positions.map((position) => log.read(position ?? -1)),
          [plain, full],
        )
      })

      test('numbers messages one by one, over all topics', async (log) => {
        const first = log.append(sampleMessage('0', 100))
        assert.equal(first.kind, 'appended')
        const start = first.kind === 'appended' ? first.position : Number.NaN
        for (let index = 1; index < 50; index++) {
          assert.equal(await append(log, sampleMessage(String(index), 100, { topic: `topic-${index % 3}` })), start + index)
        }
      })

      test('knows nothing at positions that no message has', async (log) => {
        const position = (await append(log, sampleMessage('only'))) ?? 0
        for (const other of [position + 1, position - 1, -1, 0.5, 2 ** 40]) assert.equal(log.read(other), undefined, String(other))
      })

      test('keeps what it was given in hand when one batch is appended before anything is durable', async (log) => {
        const results = Array.from({ length: 20 }, (_, index) => log.append(sampleMessage(String(index), 200)))
        const ids = results.map((result) => (result.kind === 'appended' ? log.read(result.position)?.messageId : 'full'))
        assert.deepEqual(
          ids,
          results.map((_, index) => String(index)),
        )
        for (const result of results) if (result.kind === 'appended') await result.durable
      })
    })

    describe('bounds', () => {
      test('counts messages and bytes, and never more bytes than it may keep', async (log) => {
        assert.equal(log.stats.messages, 0)
        assert.equal(log.stats.maxBytes, MAX_BYTES)
        let before = log.stats.bytes
        const count = (await fill(log, 2_000)).length
        assert.equal(log.stats.messages, count)
        assert.ok(log.stats.bytes >= before + count * 2_000)
        assert.ok(log.stats.bytes <= MAX_BYTES)
        before = log.stats.bytes
        assert.equal(log.append(sampleMessage('too many', 2_000)).kind, 'full')
        assert.equal(log.stats.bytes, before)
        assert.equal(log.stats.messages, count)
      })

      test('is full rather than that it drops a message which a group may still need', async (log) => {
        const removed: LogPosition[] = []
        log.onRemoved((_, position) => removed.push(position))
        const positions = await fill(log)
        for (let attempt = 0; attempt < 5; attempt++) assert.equal(log.append(sampleMessage('more')).kind, 'full')
        assert.deepEqual(removed, [])
        for (const [index, position] of positions.entries()) assert.equal(log.read(position)?.messageId, `fill-${index}`)
      })

      test('takes no message that is larger than all of it, and loses nothing for that', async (log) => {
        const position = (await append(log, sampleMessage('small'))) ?? -1
        log.settle(position)
        assert.equal(log.append(sampleMessage('huge', MAX_BYTES + 1)).kind, 'full')
        assert.equal(log.read(position)?.messageId, 'small')
      })

      test('goes on with new positions after it was full', async (log) => {
        const positions = await fill(log)
        for (const position of positions) log.settle(position)
        const next = await append(log, sampleMessage('next'))
        assert.ok(next !== undefined && next > (positions.at(-1) ?? Number.NaN))
        assert.equal(log.read(next)?.messageId, 'next')
      })
    })

    describe('settle and unsettle', () => {
      test('makes room by what is settled, and by nothing else', async (log) => {
        const positions = await fill(log)
        const removed = new Set<LogPosition>()
        log.onRemoved((_, position) => removed.add(position))
        const settled = new Set(positions.filter((_, index) => index % 2 === 0))
        for (const position of settled) log.settle(position)
        while ((await append(log, sampleMessage('next'))) !== undefined) assert.ok(log.stats.bytes <= MAX_BYTES)
        assert.ok(removed.size > 0)
        for (const position of removed) assert.ok(settled.has(position), `${position} was not settled`)
        for (const position of positions) assert.equal(log.read(position) === undefined, removed.has(position))
      })

      test('keeps a settled message readable for as long as there is room', async (log) => {
        const position = (await append(log, sampleMessage('settled'))) ?? -1
        log.settle(position)
        log.settle(position)
        await append(log, sampleMessage('other'))
        assert.equal(log.read(position)?.messageId, 'settled')
        assert.equal(log.stats.messages, 2)
      })

      test('keeps what is needed again', async (log) => {
        const positions = await fill(log)
        for (const position of positions) log.settle(position)
        for (const position of positions) log.unsettle(position)
        assert.equal(log.append(sampleMessage('next')).kind, 'full')
        for (const position of positions) assert.notEqual(log.read(position), undefined)
      })

      test('takes settling and its taking back for messages that are gone or never were, as nothing', async (log) => {
        const positions = await fill(log)
        const first = positions[0] ?? -1
        log.settle(first)
        while ((await append(log, sampleMessage('next'))) !== undefined);
        assert.equal(log.read(first), undefined)
        const { messages } = log.stats
        for (const position of [first, (positions.at(-1) ?? 0) + 1_000, -1]) {
          log.unsettle(position)
          log.settle(position)
        }
        assert.equal(log.append(sampleMessage('more')).kind, 'full')
        assert.equal(log.stats.messages, messages)
      })
    })

    describe('removal', () => {
      test('tells every listener of each message once, while it can still be read', async (log) => {
        const told: string[] = []
        for (const listener of ['a', 'b']) {
          log.onRemoved((message, position) => {
            assert.equal(log.read(position)?.messageId, message.messageId)
            told.push(`${listener} ${position}`)
          })
        }
        const positions = await fill(log)
        for (const position of positions) log.settle(position)
        await fill(log)
        const gone = positions.filter((position) => log.read(position) === undefined)
        assert.ok(gone.length > 0)
        assert.deepEqual(told.toSorted(), ['a', 'b'].flatMap((listener) => gone.map((position) => `${listener} ${position}`)).toSorted())
      })

      test('gives the bytes of removed messages back', async (log) => {
        const positions = await fill(log)
        for (let round = 0; round < 3; round++) {
          for (const position of positions) log.settle(position)
          positions.splice(0, positions.length, ...(await fill(log)))
          assert.ok(log.stats.bytes <= MAX_BYTES)
          assert.ok(log.stats.messages * 1024 <= log.stats.bytes)
        }
      })
    })
  })
}
