import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { DEFAULT_RETENTION, expiredSegments, type RetainedSegment } from './retention.ts'

const HOUR = 3_600_000
const segment = (base: number, newestStoredAt: number, sealed = true, bytes = 100): RetainedSegment => ({ base, bytes, newestStoredAt, sealed })
const keepAll = { maxAge: undefined, maxBytes: undefined }

describe('retention of segments', () => {
  it('keeps messages for 72 hours by default, to the millisecond', () => {
    const segments = [segment(0, 1_000), segment(1, 1_001), segment(2, 90 * HOUR, false)]
    assert.deepEqual(expiredSegments(segments, 1_000 + 72 * HOUR, DEFAULT_RETENTION), [])
    assert.deepEqual(expiredSegments(segments, 1_001 + 72 * HOUR, DEFAULT_RETENTION), [0])
    assert.deepEqual(expiredSegments(segments, 1_002 + 72 * HOUR, DEFAULT_RETENTION), [0, 1])
  })

  it('lets the oldest go until the rest fits', () => {
    const segments = [segment(0, 1), segment(1, 2), segment(2, 3, false)]
    assert.deepEqual(expiredSegments(segments, 5, { ...keepAll, maxBytes: 300 }), [])
    assert.deepEqual(expiredSegments(segments, 5, { ...keepAll, maxBytes: 299 }), [0])
    assert.deepEqual(expiredSegments(segments, 5, { ...keepAll, maxBytes: 1 }), [0, 1])
  })

  it('takes oldest segments only, never the one that is written, never more than it must, and everything that is due', () => {
    const one = fc.record({ bytes: fc.nat(100), newestStoredAt: fc.nat(100) })
    const limit = fc.option(fc.nat(120), { nil: undefined })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), limit, limit, (list, maxAge, maxBytes) => {
        const segments = list.map((each, base) => ({ ...each, base, sealed: base < list.length - 1 }))
        const expired = expiredSegments(segments.toReversed(), 100, { maxAge, maxBytes })
        assert.deepEqual(
          expired,
          segments.slice(0, expired.length).map(({ base }) => base),
        )
        const due = (index: number): boolean => {
          const bytes = segments.slice(index).reduce((sum, each) => sum + each.bytes, 0)
          const { newestStoredAt = 0, sealed = false } = segments[index] ?? {}
          return sealed && ((maxAge !== undefined && newestStoredAt < 100 - maxAge) || (maxBytes !== undefined && bytes > maxBytes))
        }
        for (let index = 0; index < expired.length; index += 1) assert.ok(due(index), `the segment ${index} could stay`)
        assert.ok(!due(expired.length), `the segment ${expired.length} should go`)
      }),
    )
  })
})
