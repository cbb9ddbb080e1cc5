import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import type { Credentials } from '../options.ts'
import { bench, LogBook } from '../testing-internal/bench.ts'
import { gate } from '../testing-internal/expect.ts'
import { ManualClock, turns } from '../testing-internal/manual-clock.ts'
import { CredentialSource } from './credential-source.ts'

const keys = (accessKey: string, sessionToken?: string): Credentials => ({ accessKey, secretKey: 'sk', sessionToken })
const hello = { topic: 'orders', body: 'hello' }

/** Who signed the sends that came, and with which token. */
function signers(test: Awaited<ReturnType<typeof bench>>): readonly string[] {
  return test.server.sends.all.map(
    ({ headers }) => `${/Credential=(\w+)/.exec(headers['authorization'] ?? '')?.[1]} ${headers['x-mq-session-token']}`,
  )
}

const options = (clock = new ManualClock()) => ({ clock, logger: new LogBook(), timeout: 2_000 })

describe('a provider of credentials', () => {
  it('is waited for by the first calls, once for all of them, and never before', async () => {
    const given = gate()
    let asked = 0
    await using test = await bench({
      credentials: async () => {
        asked += 1
        await given.passed
        return keys('ak', 'token')
      },
    })
    assert.equal(asked, 0)
    const producer = test.mq.producer()
    const sends = [producer.send(hello), producer.send(hello)]
    await turns()
    assert.deepEqual([asked, test.server.routes.all.length], [1, 0])
    given.open()
    await Promise.all(sends)
    assert.deepEqual(signers(test), ['ak token', 'ak token'])
    assert.equal(asked, 1)
  })

  it('is asked again a minute later, while calls go on with what it gave before', async () => {
    const answers = [keys('first', 'one'), keys('second', 'two')]
    await using test = await bench({ credentials: () => answers.shift() ?? keys('third') })
    const producer = test.mq.producer()
    await producer.send(hello)
    await test.clock.advance(59_000)
    await producer.send(hello)
    await test.clock.advance(1_000)
    await producer.send(hello)
    await producer.send(hello)
    assert.deepEqual(signers(test), ['first one', 'first one', 'first one', 'second two'])
  })

  it('that fails for a while fails no call whose keys still hold, and is logged without them', async () => {
    let fails = false
    await using test = await bench({
      credentials: () => {
        if (fails) throw new Error('the vault is sealed')
        return keys('ak')
      },
    })
    const producer = test.mq.producer()
    await producer.send(hello)
    fails = true
    await test.clock.advance(60_000)
    await producer.send(hello)
    assert.deepEqual(signers(test), ['ak undefined', 'ak undefined'])
    const [line] = test.log.of('credentials-not-renewed')
    assert.match(line?.message ?? '', /the vault is sealed.*; calls go on with what it gave before/)
  })

  it('whose first answers are none fails calls by name, and is asked by each that waits until it gives something', async () => {
    const answers: (() => unknown)[] = [() => assert.fail('the vault is sealed'), () => ({ accessKey: 'ak' }), () => keys('ak')]
    const source = new CredentialSource(() => answers.shift()?.() as Credentials, options())
    await assert.rejects(async () => source.missing(), { code: 'CREDENTIALS_UNAVAILABLE', retryable: true, message: /the vault is sealed/ })
    await assert.rejects(async () => source.missing(), { code: 'CREDENTIALS_UNAVAILABLE', message: /options\.credentials\(\)\.secretKey must be/ })
    await source.missing()
    assert.equal(source.missing(), undefined)
    assert.equal(source.latest()?.accessKey, 'ak')
  })

  it('that never answers holds up no call for longer than a call may take', async () => {
    const clock = new ManualClock()
    const source = new CredentialSource(() => new Promise<Credentials>(() => {}), options(clock))
    const refused = assert.rejects(async () => source.missing(), { code: 'CREDENTIALS_UNAVAILABLE', message: /gave nothing within 2000 ms/ })
    await clock.advance(2_000)
    await refused
  })

  it('is asked when a server refuses what it gave, and the call made again if it gives something else', async () => {
    const answers = [keys('revoked'), keys('fresh')]
    await using test = await bench({ credentials: () => answers.shift() ?? keys('fresh') })
    let refusals = 1
    test.server.fault = (rpc) => (rpc === 'QueryRoute' && refusals-- > 0 ? { kind: 'code', code: 'UNAUTHORIZED' } : undefined)
    await test.mq.producer().send(hello)
    assert.deepEqual(signers(test), ['fresh undefined'])
  })
})
