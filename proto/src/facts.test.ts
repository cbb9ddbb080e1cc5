import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import {
  authorizationHeader,
  checkDigest,
  checkGroup,
  checkKey,
  checkMessageGroup,
  checkProperty,
  checkTag,
  checkTopic,
  type DigestAlgorithm,
  digest,
  durationFromMs,
  isMessageId,
  messageIds,
  msFromDuration,
  msFromTimestamp,
  parseAuthorization,
  queueHash,
  queueOf,
  signingDate,
  timestampFromMs,
  verifySignature,
} from './index.ts'

function vectors<Vector>(name: string): readonly Vector[] {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as readonly Vector[]
}

describe('the queue of a message group', () => {
  it('is that of the golden vectors', () => {
    for (const { messageGroup, hash, queues } of vectors<{ messageGroup: string; hash: string; queues: Record<string, number> }>('queue-hash')) {
      assert.equal(queueHash(messageGroup), BigInt(hash), messageGroup)
      for (const [count, queue] of Object.entries(queues)) assert.equal(queueOf(messageGroup, Number(count)), queue, `${messageGroup} of ${count}`)
    }
  })

  it('comes from the same hash as that of the npm package siphash24', () => {
    const siphash24 = createRequire(import.meta.url)('siphash24') as (data: Uint8Array, key: Uint8Array) => Uint8Array
    const key = Uint8Array.from({ length: 16 }, (_, index) => index)
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 70 }), (messageGroup) => {
        const theirs = Buffer.from(siphash24(Buffer.from(messageGroup), key))
        assert.equal(queueHash(messageGroup), theirs.readBigInt64LE())
      }),
    )
  })

  it('is always one of the queues', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), (messageGroup, count) => {
        const queue = queueOf(messageGroup, count)
        assert.ok(Number.isInteger(queue) && queue >= 0 && queue < count)
      }),
    )
  })
})

describe('a message id', () => {
  it('is that of the golden vectors, and the sequence wraps', () => {
    for (const { mac, pid, ms, firstSequence, ids } of vectors<{ mac: string; pid: number; ms: number; firstSequence: number; ids: string[] }>(
      'message-ids',
    )) {
      const made = messageIds({ mac: Buffer.from(mac, 'hex'), pid, now: () => ms, firstSequence })
      assert.deepEqual([made.next(), made.next()], ids)
    }
  })

  it('takes the time anew for each, and is told by its form', () => {
    let now = Date.UTC(2021, 0, 1)
    const ids = messageIds({ now: () => now })
    const first = ids.next()
    now += 1000
    const second = ids.next()
    assert.ok(isMessageId(first) && isMessageId(second))
    assert.equal(Number.parseInt(second.slice(18, 26), 16) - Number.parseInt(first.slice(18, 26), 16), 1)
    for (const other of ['', first.toLowerCase(), first.slice(1), `${first}0`, `02${first.slice(2)}`]) assert.equal(isMessageId(other), false, other)
  })

  it('needs a MAC address of six bytes', () => {
    assert.throws(() => messageIds({ mac: new Uint8Array(5), now: () => 0 }), /6 bytes, not 5/)
  })
})

describe('a signature', () => {
  const signed = vectors<{ accessKey: string; secretKey: string; ms: number; date: string; authorization: string }>('signatures')

  it('is that of the golden vectors', () => {
    for (const { accessKey, secretKey, ms, date, authorization } of signed) {
      assert.equal(signingDate(ms), date)
      assert.equal(authorizationHeader({ accessKey, secretKey, date }), authorization)
    }
  })

  it('is taken apart and verified, in either case, and only with the right secret and date', () => {
    for (const { accessKey, secretKey, date, authorization } of signed) {
      const parsed = parseAuthorization(authorization)
      assert.equal(parsed?.accessKey, accessKey)
      const { signature } = parsed
      assert.equal(verifySignature(secretKey, date, signature), true)
      assert.equal(verifySignature(secretKey, date, signature.toLowerCase()), true)
      assert.equal(verifySignature(`${secretKey}x`, date, signature), false)
      assert.equal(verifySignature(secretKey, `${date}x`, signature), false)
      assert.equal(verifySignature(secretKey, date, signature.slice(2)), false)
      assert.equal(verifySignature(secretKey, date, `zz${signature.slice(2)}`), false)
    }
  })

  it('is none where a part is missing or the scheme is another', () => {
    for (const header of [
      '',
      'Basic abc',
      'MQv2-HMAC-SHA1',
      'MQv2-HMAC-SHA1 Credential=a',
      'MQv2-HMAC-SHA1 Signature=00',
      'MQv2-HMAC-SHA1 Credential=, Signature=00',
    ]) {
      assert.equal(parseAuthorization(header), undefined, header)
    }
    assert.equal(parseAuthorization('MQv2-HMAC-SHA1 Credential=ak/region/RocketMQ, SignedHeaders=x-mq-date-time, Signature=00')?.accessKey, 'ak')
  })
})

describe('a body digest', () => {
  it('is that of the golden vectors, and damage is seen', () => {
    for (const { body, ...checksums } of vectors<{ body: string } & Record<DigestAlgorithm, string>>('body-digests')) {
      const bytes = Buffer.from(body, 'hex')
      for (const type of ['CRC32', 'MD5', 'SHA1'] as const) {
        assert.equal(digest(type, bytes), checksums[type])
        assert.equal(checkDigest(bytes, { type, checksum: checksums[type] }), 'intact')
        assert.equal(checkDigest(bytes, { type, checksum: checksums[type].toLowerCase() }), 'intact')
        assert.equal(checkDigest(Buffer.concat([bytes, Buffer.of(1)]), { type, checksum: checksums[type] }), 'damaged')
      }
    }
  })

  it('by CRC32 is compared by value: other clients pad it, or write it in decimal', () => {
    const bytes = Buffer.from('codding')
    const value = Number.parseInt(digest('CRC32', bytes), 16)
    assert.equal(checkDigest(bytes, { type: 'CRC32', checksum: digest('CRC32', bytes).padStart(8, '0') }), 'intact')
    assert.equal(checkDigest(bytes, { type: 'CRC32', checksum: String(value) }), 'intact')
    assert.equal(checkDigest(bytes, { type: 'CRC32', checksum: String(value + 1) }), 'damaged')
    assert.equal(checkDigest(bytes, { type: 'CRC32', checksum: 'no number' }), 'damaged')
  })

  it('that is missing or of an unknown kind is no damage', () => {
    assert.equal(checkDigest(Buffer.from('x'), undefined), 'unknown')
    assert.equal(checkDigest(Buffer.from('x'), { type: 'MD5', checksum: '' }), 'unknown')
    assert.equal(checkDigest(Buffer.from('x'), { type: 99, checksum: 'AA' }), 'unknown')
  })
})

describe('names', () => {
  const checks: Readonly<Record<string, (name: string) => { readonly code: unknown; readonly message: string } | undefined>> = {
    topic: checkTopic,
    group: checkGroup,
    tag: checkTag,
    key: checkKey,
    messageGroup: checkMessageGroup,
    propertyKey: (key) => checkProperty(key, 'value'),
  }

  it('are legal or refused as the golden vectors say', () => {
    for (const { kind, name, code } of vectors<{ kind: string; name: string; code: string | null }>('names')) {
      const problem = checks[kind]?.(name)
      assert.equal(problem?.code ?? null, code, `${kind} "${name}": ${problem?.message}`)
    }
  })

  it('of topics are legal for every text of legal characters that is short enough and no system topic', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9_-]{1,127}$/), (name) => {
        fc.pre(!name.startsWith('rmq_sys_'))
        assert.equal(checkTopic(name), undefined)
      }),
    )
  })

  it('of properties may hold control characters in neither key nor value', () => {
    assert.equal(checkProperty('tenant', 'a')?.code, undefined)
    assert.equal(checkProperty('tenant', 'a\u0000')?.code, 'ILLEGAL_MESSAGE_PROPERTY_KEY')
  })
})

describe('times', () => {
  it('survive the way through the protocol to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: -8.64e15, max: 8.64e15 }), (ms) => {
        const timestamp = timestampFromMs(ms)
        assert.ok(timestamp.nanos >= 0 && timestamp.nanos < 1e9)
        assert.equal(msFromTimestamp(timestamp), ms)
        const duration = durationFromMs(ms)
        assert.ok(duration.seconds * duration.nanos >= 0, 'seconds and nanoseconds carry the same sign')
        assert.equal(msFromDuration(duration), ms)
      }),
    )
  })

  it('lose what is below a millisecond', () => {
    assert.equal(msFromTimestamp({ seconds: 1, nanos: 999_999 }), 1000)
    assert.equal(msFromTimestamp({ seconds: -1, nanos: 1 }), -1000)
    assert.equal(msFromDuration({ seconds: -1, nanos: -999_999 }), -1000)
  })
})
