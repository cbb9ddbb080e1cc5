import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { messageLogConformance, sampleMessage } from './conformance.ts'
import { DEFAULT_MAX_BYTES, MemoryLog } from './memory-log.ts'
import type { LogPosition } from './message-log.ts'

messageLogConformance('in memory', (maxBytes) => new MemoryLog(maxBytes), { describe, it })

/** What a message costs in memory beside its bytes. */
function overhead(): number {
  const log = new MemoryLog()
  log.append(sampleMessage('probe', 100))
  return log.stats.bytes - 100
}

type Step =
  | { readonly kind: 'append'; readonly size: number }
  | { readonly kind: 'settle'; readonly pick: number }
  | { readonly kind: 'unsettle'; readonly pick: number }

const pick = fc.nat(100)
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('append' as const), size: fc.integer({ min: 10, max: 4_000 }) }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('settle' as const), pick }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('unsettle' as const), pick }), weight: 1 },
)

/** A list of what is kept, and a list of what is settled, oldest first. */
class Model {
  readonly kept = new Map<LogPosition, number>()
  readonly removed: LogPosition[] = []
  settled: LogPosition[] = []
  readonly #maxBytes: number
  readonly #overhead: number

  constructor(maxBytes: number, overhead: number) {
    this.#maxBytes = maxBytes
    this.#overhead = overhead
  }

  get bytes(): number {
    return [...this.kept.values()].reduce((sum, size) => sum + size + this.#overhead, 0)
  }

  append(position: LogPosition, size: number): boolean {
    const cost = size + this.#overhead
    if (cost > this.#maxBytes) return false
    while (this.bytes + cost > this.#maxBytes) {
      const oldest = this.settled.shift()
      if (oldest === undefined) return false
      this.kept.delete(oldest)
      this.removed.push(oldest)
    }
    this.kept.set(position, size)
    return true
  }

  settle(position: LogPosition): void {
    if (this.kept.has(position) && !this.settled.includes(position)) this.settled.push(position)
  }

  unsettle(position: LogPosition): void {
    this.settled = this.settled.filter((other) => other !== position)
  }
}

describe('the log in memory', () => {
  it('keeps within its bounds and never drops what is unsettled, whatever is appended and settled', () => {
    const cost = overhead()
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 20_000 }), fc.array(step, { maxLength: 150, size: 'max' }), (maxBytes, steps) => {
        const log = new MemoryLog(maxBytes)
        const model = new Model(maxBytes, cost)
        const removed: LogPosition[] = []
        log.onRemoved((_, position) => removed.push(position))
        let next: LogPosition = 0
        for (const each of steps) {
          if (each.kind === 'append') {
            const result = log.append(sampleMessage(String(next), each.size))
            assert.equal(result.kind, model.append(next, each.size) ? 'appended' : 'full')
            if (result.kind === 'appended') assert.equal(result.position, next++)
          } else {
            // Positions of the future and of the removed among them.
            const position = each.pick % (next + 2)
            log[each.kind](position)
            model[each.kind](position)
          }
          assert.deepEqual(removed, model.removed)
          assert.deepEqual(log.stats, { messages: model.kept.size, bytes: model.bytes, maxBytes })
          assert.ok(log.stats.bytes <= maxBytes)
        }
        for (let position = 0; position < next; position++) {
          assert.equal(log.read(position)?.messageId, model.kept.has(position) ? String(position) : undefined)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('drops in the order of settling; a message that was needed again goes to the end of the line', () => {
    const cost = 1_000 + overhead()
    const log = new MemoryLog(4 * cost)
    const removed: LogPosition[] = []
    log.onRemoved((_, position) => removed.push(position))
    for (let index = 0; index < 4; index++) log.append(sampleMessage(String(index), 1_000))
    for (const position of [2, 0, 3, 1]) log.settle(position)
    log.settle(2)
    log.unsettle(0)
    log.settle(0)
    for (let index = 4; index < 8; index++) assert.equal(log.append(sampleMessage(String(index), 1_000)).kind, 'appended')
    assert.deepEqual(removed, [2, 3, 1, 0])
  })

  it('drops no more than the new message needs', () => {
    const cost = 1_000 + overhead()
    const log = new MemoryLog(4 * cost)
    for (let index = 0; index < 4; index++) log.append(sampleMessage(String(index), 1_000))
    for (let index = 0; index < 4; index++) log.settle(index)
    log.append(sampleMessage('one more', 1_000))
    assert.equal(log.stats.messages, 4)
    assert.equal(log.read(0), undefined)
    assert.notEqual(log.read(1), undefined)
  })

  it('counts what a message costs beside its bytes, so that the smallest ones fill it too', () => {
    const log = new MemoryLog(100_000)
    let count = 0
    while (log.append(sampleMessage('tiny', 10)).kind === 'appended') count++
    // A record of sixteen fields and its places in two maps and a queue take more than 200 bytes on any engine.
    assert.ok(count < 100_000 / 200, `${count} messages in 100,000 bytes`)
  })

  it('survives nothing, so that an append is as durable at once as it will ever be', () => {
    const result = new MemoryLog().append(sampleMessage('a'))
    assert.deepEqual(result, { kind: 'appended', position: 0, durable: undefined })
  })

  it('bounds itself to half a gigabyte when nobody says otherwise, and holds nothing once it is closed', async () => {
    const log = new MemoryLog()
    assert.equal(log.stats.maxBytes, DEFAULT_MAX_BYTES)
    log.append(sampleMessage('a'))
    await log.close()
    assert.equal(log.read(0), undefined)
    assert.deepEqual(log.stats, { messages: 0, bytes: 0, maxBytes: DEFAULT_MAX_BYTES })
  })
})
