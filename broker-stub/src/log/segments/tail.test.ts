import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { stored } from '../test-kit/stored.ts'
import { type Chunk, headBound, putRecord } from './record.ts'
import { Tail } from './tail.ts'

const stamp = { marker: 7, seed: 11 }

/** A tail that holds 1 MiB, with records that follow each other. */
function filling(): {
  readonly tail: Tail
  readonly add: (fill: string) => { readonly chunk: Chunk; readonly position: number; readonly length: number }
} {
  const tail = new Tail(1024 * 1024)
  let end = 0
  return {
    tail,
    add(fill) {
      const message = stored({ topic: 't', messageId: 'm', bytes: new Uint8Array(60_000).fill(fill.charCodeAt(0)) })
      const chunk = tail.room(headBound(message) + message.bytes.length)
      const position = end
      const length = putRecord(chunk, tail.used, { topicId: 1, queueId: 0, offset: 0, message }, position, 0, stamp, true)
      tail.add(position, length, undefined, stamp)
      end += length
      return { chunk, position, length }
    },
  }
}

describe('the tail of a log', () => {
  it('uses the same memory for ever while nobody reads from it', () => {
    const { tail, add } = filling()
    const chunks = new Set<Chunk>()
    for (let n = 0; n < 1000; n += 1) {
      const { chunk, position, length } = add('a')
      chunks.add(chunk)
      tail.shrink(position + length)
    }
    assert.ok(chunks.size <= 8, `${chunks.size} chunks`)
  })

  it('never writes again into memory of which a reader gave nothing back, whatever another did', () => {
    const { tail, add } = filling()
    const { position, length } = add('a')
    const read = tail.read(position, length)
    assert.ok(typeof read === 'object')
    const before = Buffer.from(read.bytes)
    const other = read.again()
    other.release()
    other.release()
    for (let n = 0; n < 100; n += 1) {
      const last = add('b')
      tail.shrink(last.position + last.length)
    }
    assert.equal(tail.read(position, length), undefined)
    assert.ok(before.equals(read.bytes))
  })

  it('writes again into memory when what was read from it was given back', () => {
    const { tail, add } = filling()
    const chunks = new Set<Chunk>()
    for (let n = 0; n < 1000; n += 1) {
      const { chunk, position, length } = add('a')
      chunks.add(chunk)
      const readers = [tail.read(position, length), tail.read(position, length)]
      for (const read of readers) {
        assert.ok(typeof read === 'object')
        read.release()
        read.release()
      }
      tail.shrink(position + length)
    }
    assert.ok(chunks.size <= 8, `${chunks.size} chunks`)
  })

  it('never writes again into memory whose write failed: it may still be under way', () => {
    const { tail, add } = filling()
    const { chunk, position } = add('a')
    add('a')
    tail.cut(position)
    const later = new Set<Chunk>()
    for (let n = 0; n < 100; n += 1) {
      const last = add('b')
      later.add(last.chunk)
      tail.shrink(last.position + last.length)
    }
    assert.ok(!later.has(chunk))
  })
})
