import { strict as assert } from 'node:assert'
import { type Code, codeInfo, codeNames, codeNumber } from '@feathermq/protocol'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { type Backoff, backoffDelay, defaultDeliveryPolicy, jittered } from './backoff.ts'
import { mayBeStored, nextSend, type SendPolicy } from './send-retry.ts'
import { nextSettle } from './settle-retry.ts'

const backoffs: fc.Arbitrary<Backoff> = fc.oneof(
  fc.record({
    kind: fc.constant('exponential' as const),
    initial: fc.integer({ min: -10, max: 10 ** 6 }),
    max: fc.integer({ min: -10, max: 10 ** 7 }),
    multiplier: fc.double(),
  }),
  fc.record({ kind: fc.constant('customized' as const), delays: fc.array(fc.integer({ min: -5, max: 10 ** 7 })) }),
)

describe('back-off', () => {
  it('grows from the initial delay to the maximum when exponential, in ms', () => {
    const backoff = { kind: 'exponential', initial: 5_000, max: 7_200_000, multiplier: 2 } as const
    assert.deepEqual(
      [1, 2, 3, 4, 12].map((attempt) => backoffDelay(backoff, attempt)),
      [5_000, 10_000, 20_000, 40_000, 7_200_000],
    )
  })

  it('goes along the list when customized, and stays at its last step', () => {
    assert.deepEqual(
      [1, 2, 3, 17, 18, 99].map((attempt) => backoffDelay(defaultDeliveryPolicy.backoff, attempt)),
      [1_000, 5_000, 10_000, 3_600_000, 7_200_000, 7_200_000],
    )
  })

  it('is a finite delay that is not negative, whatever a server pushes', () => {
    fc.assert(
      fc.property(backoffs, fc.integer({ min: -3, max: 10 ** 6 }), (backoff, attempt) => {
        const delay = backoffDelay(backoff, attempt)
        assert.ok(Number.isFinite(delay) && delay >= 0, String(delay))
      }),
    )
  })

  it('never shrinks with the attempts when exponential', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.nat(10 ** 7),
        fc.double({ min: 1, max: 10, noNaN: true }),
        fc.integer({ min: 1, max: 100 }),
        (initial, max, multiplier, n) => {
          const backoff = { kind: 'exponential', initial, max, multiplier } as const
          return backoffDelay(backoff, n) <= backoffDelay(backoff, n + 1)
        },
      ),
    )
  })

  it('is spread by a quarter to both sides', () => {
    assert.equal(
      jittered(1_000, () => 0),
      750,
    )
    assert.equal(
      jittered(1_000, () => 1),
      1_250,
    )
  })
})

describe('the decision to send again', () => {
  const policy: SendPolicy = {
    maxAttempts: 3,
    backoff: { kind: 'exponential', initial: 10, max: 1_000, multiplier: 2 },
    retryMaybeStored: true,
  }
  const middle = () => 0.5
  const of = (code: string, retryable: boolean) => ({ code, retryable, status: undefined, message: '' })
  const answered = (name: Code) => ({
    code: name,
    retryable: codeInfo(name)?.retryable ?? false,
    status: { code: codeNumber(name), name, message: '' },
    message: '',
  })
  const throttled = answered('TOO_MANY_REQUESTS')

  it('is no for what the server refused, whatever the attempt', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        (attempt, elsewhere) => !nextSend(answered('ILLEGAL_TOPIC'), attempt, policy, elsewhere, middle).again,
      ),
    )
  })

  it('waits by the pushed back-off when throttled, also on another endpoint', () => {
    assert.deepEqual(nextSend(throttled, 1, policy, true, middle), { again: true, after: 10 })
    assert.deepEqual(nextSend(throttled, 2, policy, false, middle), { again: true, after: 20 })
  })

  it('spreads the wait, so that clients that were throttled together come back one by one', () => {
    const slow: SendPolicy = { ...policy, backoff: { kind: 'customized', delays: [1_000] } }
    assert.deepEqual(
      nextSend(throttled, 1, slow, true, () => 0),
      { again: true, after: 750 },
    )
    assert.deepEqual(
      nextSend(throttled, 1, slow, true, () => 1),
      { again: true, after: 1_250 },
    )
  })

  it('is at once on another endpoint, and after the back-off on the same one', () => {
    assert.deepEqual(nextSend(of('UNREACHABLE', true), 1, policy, true, middle), { again: true, after: 0 })
    assert.deepEqual(nextSend(of('UNREACHABLE', true), 1, policy, false, middle), { again: true, after: 10 })
  })

  it('never makes more attempts than allowed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.boolean(), (maxAttempts, elsewhere) => {
        let attempts = 1
        while (nextSend(of('INTERNAL_ERROR', true), attempts, { ...policy, maxAttempts }, elsewhere, middle).again) attempts += 1
        return attempts === maxAttempts
      }),
    )
  })

  it('is no for what may be stored, where the policy has no duplicates', () => {
    const once: SendPolicy = { ...policy, retryMaybeStored: false }
    for (const failure of [
      of('NO_ANSWER', true),
      of('UNREACHABLE', true),
      answered('INTERNAL_SERVER_ERROR'),
      answered('SLAVE_PERSISTENCE_TIMEOUT'),
    ]) {
      assert.deepEqual(
        [nextSend(failure, 1, once, true, middle).again, nextSend(failure, 1, policy, true, middle).again],
        [false, true],
        failure.code,
      )
    }
    const refused = { ...of('UNREACHABLE', true), message: 'SendMessage failed: UNAVAILABLE connect ECONNREFUSED 127.0.0.1:1' }
    assert.equal(nextSend(refused, 1, once, true, middle).again, true)
    assert.equal(nextSend(throttled, 1, once, true, middle).again, true)
  })
})

describe('whether a failed message may be stored', () => {
  it('is decided by what the server says, for every code of the protocol', () => {
    const stored = codeNames.flatMap(([name, code]) =>
      mayBeStored({ code: name, retryable: true, status: { code, name, message: '' }, message: '' }) ? [name] : [],
    )
    assert.deepEqual([...stored].sort(), [
      'FAILED_TO_CONSUME_MESSAGE',
      'HA_NOT_AVAILABLE',
      'INTERNAL_ERROR',
      'INTERNAL_SERVER_ERROR',
      'MASTER_PERSISTENCE_TIMEOUT',
      'PROXY_TIMEOUT',
      'REQUEST_TIMEOUT',
      'SLAVE_PERSISTENCE_TIMEOUT',
      'VERIFY_FIFO_MESSAGE_UNSUPPORTED',
    ])
  })

  it('is yes when the answer got lost, and no when there never was a connection', () => {
    const lost = (code: string, message = '') => mayBeStored({ code, retryable: true, status: undefined, message })
    assert.deepEqual([lost('NO_ANSWER'), lost('CALL_FAILED'), lost('UNREACHABLE', 'the connection was reset')], [true, true, true])
    assert.deepEqual([lost('UNREACHABLE', 'connect ECONNREFUSED 127.0.0.1:1'), lost('TLS_MISMATCH'), lost('NOT_A_BROKER')], [false, false, false])
  })
})

describe('the decision to settle again', () => {
  it('is yes, every second, while the failure may pass and the lease lives', () => {
    assert.deepEqual(nextSettle({ retryable: true }, 60_000), { again: true, after: 1_000 })
    assert.deepEqual(nextSettle({ retryable: true }, 900), { again: false })
    assert.deepEqual(nextSettle({ retryable: false }, 60_000), { again: false })
  })
})
