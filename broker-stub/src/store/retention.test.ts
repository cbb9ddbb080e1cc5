import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { QueueIndex } from '../index/queue-index.ts'
import type { SegmentLog } from '../log/segments/segment-log.ts'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import { Retention } from './retention.ts'

describe('retention', () => {
  it('leaves a segment of which the index has no file, though all that it could seal is sealed: else nobody would know how far idle queues had come', async () => {
    const clock = fixedClock()
    const removed: number[] = []
    const old = { bytes: 100, newestStoredAt: 0, sealed: true }
    const segments = [
      { base: 0, end: 100, ...old },
      { base: 100, end: 150, ...old, newestStoredAt: clock.now(), sealed: false },
    ]
    const log = { segments: () => segments.filter(({ base }) => !removed.includes(base)), remove: async (base: number) => void removed.push(base) }
    // The next segment was begun, and the index has not heard of it.
    const index = { unsealed: [0], drop: async () => {} }
    let seals = 0
    const retention = new Retention({
      log: log as unknown as SegmentLog,
      index: index as unknown as QueueIndex,
      clock,
      policy: { maxAge: 72 * 3_600_000, maxBytes: undefined },
      keeper: undefined,
      pieces: [0, 100],
      relocate: () => assert.fail('nothing is needed'),
      room: async () => {},
      roll: async () => {},
      seal: async () => {
        seals++
        return true
      },
      onEvent: () => {},
    })
    await retention.run()
    assert.deepEqual([removed, seals], [[], 1])
    index.unsealed = [100]
    await retention.run()
    assert.deepEqual([removed, seals], [[0], 1])
  })
})
