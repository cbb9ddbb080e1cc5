import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { ENTRY_BYTES, type IndexEntry, readEntry } from './entry.ts'
import { OpenSegment } from './open-segment.ts'

const BASE = 2 ** 40

describe('segment in memory', () => {
  it('answers as a sorted map does, whatever the order and the repetitions in which it was told', () => {
    const add = fc.record({ slot: fc.nat(3), offset: fc.nat(60), length: fc.nat(1000) })
    const question = fc.record({ slot: fc.nat(3), offset: fc.nat(70) })
    fc.assert(
      fc.property(fc.array(add, { maxLength: 400 }), fc.array(question, { maxLength: 30 }), fc.nat(400), fc.nat(400), (adds, questions, a, b) => {
        const segment = new OpenSegment(BASE, 1)
        const model = [0, 1, 2, 3].map(() => new Map<number, { position: number; length: number }>())
        adds.forEach(({ slot, offset, length }, i) => {
          const run = segment.find(slot) < 0 ? segment.begin(slot, 0) : segment.find(slot)
          segment.add(run, offset, BASE + i * 1000, length, offset * 10, i)
          model[slot]?.set(offset, { position: BASE + i * 1000, length })
        })
        const [from, to] = [BASE + Math.min(a, b) * 1000, BASE + Math.max(a, b) * 1000]
        for (let run = 0; run < segment.runs; run++) segment.forget(run, from, to)
        for (const queue of model) for (const [offset, { position }] of queue) if (position >= from && position < to) queue.delete(offset)
        for (const { slot, offset } of questions) {
          const run = segment.find(slot)
          const expected = [...(model[slot] ?? [])].filter(([other]) => other >= offset).sort(([x], [y]) => x - y)[0]
          const at = run < 0 ? 0 : segment.firstFrom(run, offset)
          const found = run < 0 || at === segment.count(run) ? undefined : segment.read(run, at)
          assert.deepEqual(found && [found.offset, { position: found.position, length: found.length }], expected)
        }
      }),
    )
  })

  it('keeps what each of 5,000 entries of a queue says, and copies it as a file has it', () => {
    const segment = new OpenSegment(BASE, 1)
    const run = segment.begin(7, 2 ** 47)
    const expected: IndexEntry[] = []
    for (let i = 0; i < 5000; i++) {
      const entry = { offset: 2 ** 47 + i * 3, position: BASE + i * 100, length: 100 + i, storedAt: 1.7e12 + i, tagHash: (i * 0x9e3779b1) >>> 0 }
      segment.add(run, entry.offset, entry.position, entry.length, entry.storedAt, entry.tagHash)
      expected.push(entry)
    }
    const bytes = new Uint8Array(5000 * ENTRY_BYTES)
    for (let i = 0; i < 5000; ) i += segment.copy(run, i, 5000 - i, bytes, i * ENTRY_BYTES)
    const view = new DataView(bytes.buffer)
    for (let i = 0; i < 5000; i++) {
      assert.deepEqual(segment.read(run, i), expected[i])
      assert.deepEqual(readEntry(view, i * ENTRY_BYTES, BASE), expected[i])
    }
    assert.equal(segment.firstFrom(run, 2 ** 47 + 4000), 1334)
    assert.equal(segment.firstSince(run, 1.7e12 + 777), 777)
    assert.equal(segment.firstSince(run, 1.8e12), 5000)
    assert.ok(segment.bytes < 2 * 5000 * ENTRY_BYTES + 300_000)
  })

  it('can be searched by time where the clock went back', () => {
    const segment = new OpenSegment(0, 1)
    const run = segment.begin(0, 0)
    const times = [10, 20, 5, 15, 30]
    times.forEach((time, i) => {
      segment.add(run, i, i, 1, time, 0)
    })
    for (let time = 0; time < 40; time++) {
      const expected = times.findIndex((stored) => stored >= time)
      assert.equal(segment.firstSince(run, time), expected < 0 ? times.length : expected)
    }
  })

  it('can be searched by time where a message comes late, between two others', () => {
    const segment = new OpenSegment(0, 1)
    const run = segment.begin(0, 0)
    segment.add(run, 1, 0, 1, 10, 0)
    segment.add(run, 3, 1, 1, 20, 0)
    segment.add(run, 2, 2, 1, 99, 0)
    assert.deepEqual(
      [0, 1, 2].map((i) => segment.read(run, i).storedAt),
      [10, 20, 20],
    )
  })
})
