import { strict as assert } from 'node:assert'
import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { inflatedBody, plainBody } from './body.ts'
import type { ReceivedFields } from './received.ts'

function fields(body: Uint8Array, more: Partial<ReceivedFields> = {}): ReceivedFields {
  return {
    topic: 'orders',
    messageId: 'm1',
    receiptHandle: 'h',
    tag: undefined,
    keys: [],
    properties: new Map(),
    messageGroup: undefined,
    attempt: 1,
    bornAt: undefined,
    bornHost: '',
    storedAt: undefined,
    deliveryAt: undefined,
    queueId: 0,
    offset: 0n,
    invisible: undefined,
    traceContext: undefined,
    origin: undefined,
    kind: 'NORMAL',
    body,
    encoding: 'compressed',
    intact: true,
    bytes: body.length,
    ...more,
  }
}

describe('bodies', () => {
  it('come as they are when they are not compressed, without a promise', () => {
    const body = Buffer.from('hello')
    assert.deepEqual(plainBody(fields(body, { encoding: 'identity' })), { ok: true, bytes: body })
  })

  it('are inflated from gzip and from the zlib of older producers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), async (bytes) => {
        for (const compressed of [gzipSync(bytes), deflateSync(bytes)]) {
          const body = await inflatedBody(fields(compressed), 4_000)
          assert.ok(body.ok)
          assert.deepEqual(Uint8Array.from(body.bytes), bytes)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('that would grow over the limit are given up', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000))
    const body = await inflatedBody(fields(bomb), 1_000)
    assert.ok(!body.ok && body.error.code === 'BODY_TOO_LARGE')
  })

  it('that are damaged are an error, never a throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (noise) => {
        for (const head of [[], [0x1f, 0x8b], [0x78, 0x9c]]) {
          const body = await inflatedBody(fields(Uint8Array.from([...head, ...noise])), 1_000)
          assert.ok(body.ok || body.error.code === 'BODY_CORRUPTED')
        }
      }),
    )
    const damaged = plainBody(fields(Buffer.from('x'), { intact: false }))
    assert.ok(damaged !== undefined && !damaged.ok && damaged.error.code === 'BODY_CORRUPTED')
  })
})
