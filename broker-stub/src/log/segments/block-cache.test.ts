import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { type Block, BlockCache } from './block-cache.ts'
import type { Chunk } from './record.ts'
import { SEGMENT_HEAD, type Segment } from './segment-file.ts'

const KIB = 1024
const MIB = 1024 * KIB

const segment: Segment = {
  base: 0,
  capacity: 64 * MIB,
  path: 'log/0.log',
  stamp: { marker: 1, seed: 2 },
  end: 32 * MIB,
  newestStoredAt: 0,
  synced: 32 * MIB,
  sealed: true,
  bytes: 64 * MIB,
}

/** A cache with room for all, and how often it was read for. */
function counting(): { readonly cache: BlockCache; readonly reads: () => number; readonly read: (position: number) => Promise<Block> } {
  let reads = 0
  const cache = new BlockCache(64 * MIB, async (_, into) => {
    reads += 1
    return into.length
  })
  return {
    cache,
    reads: () => reads,
    async read(position) {
      if (cache.find(segment, position, KIB) === undefined) await cache.load(segment, position, KIB)
      const block = cache.find(segment, position, KIB)
      assert.ok(block !== undefined)
      return block
    },
  }
}

describe('the blocks of a log in memory', () => {
  it('go when they were read to their end, but for the last ones', async () => {
    const { cache, read } = counting()
    for (let position = SEGMENT_HEAD; position < 16 * MIB; position += KIB) await read(position)
    assert.ok(cache.bytes < MIB, `${cache.bytes} bytes`)
  })

  it('are read once for readers that are not far from each other', async () => {
    const { reads, read } = counting()
    for (let position = SEGMENT_HEAD; position < 16 * MIB; position += KIB) {
      await read(position)
      await read(Math.max(SEGMENT_HEAD, position - 200 * KIB))
    }
    assert.equal(reads(), 64)
  })

  it('stay where somebody reads in the middle of them', async () => {
    const { reads, read } = counting()
    for (let round = 0; round < 3; round += 1) {
      for (let position = 100 * KIB; position < 16 * MIB; position += 256 * KIB) await read(position)
    }
    assert.equal(reads(), 64)
  })

  it('are read into the same memory again when nothing that was read from it is needed', async () => {
    const { read } = counting()
    const memory = new Set<Chunk>()
    for (let position = SEGMENT_HEAD; position < 16 * MIB; position += KIB) memory.add((await read(position)).chunk)
    assert.ok(memory.size <= 4, `${memory.size} pieces`)
  })

  it('are never read into memory that somebody still needs', async () => {
    const { read } = counting()
    const lent = (await read(SEGMENT_HEAD)).chunk
    lent.lent += 1
    for (let position = SEGMENT_HEAD; position < 16 * MIB; position += KIB) {
      const block = await read(position)
      assert.ok(block.from === 0 || block.chunk !== lent)
    }
  })
})
