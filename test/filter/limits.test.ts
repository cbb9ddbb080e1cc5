import assert from 'node:assert/strict'
import type { Limit, MeshConfig } from '@feathermq/mesh-filter'
import type { FilterStream, Plugin } from '@feathermq/mesh-filter/host'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { callHeaders, cut, loadFilter, startFilter, startPlugin, twoClusters } from './support/filter.ts'

function limited(...limits: readonly Limit[]): Partial<MeshConfig> {
  return { limits }
}

/** A send of one client, all of it in one piece. */
function send(plugin: Plugin, client = 'c', bytes: Uint8Array = requests.send({ topic: 'orders' })): FilterStream {
  const stream = plugin.request({ headers: callHeaders('SendMessage', [['x-mq-client-id', client]]) })
  stream.body(bytes, true)
  return stream
}

/** True when the call reached the broker. It is over then. */
function passes(stream: FilterStream): boolean {
  const passed = stream.localReply === undefined
  if (passed) stream.reset()
  else stream.end()
  return passed
}

/** What a limit promises, counted exactly: the cell is full `spanNs` after all that was charged. */
class Model {
  #fullAt = 0n
  readonly #spanNs: bigint
  constructor(spanNs: bigint) {
    this.#spanNs = spanNs
  }

  hasRoom(nowNs: bigint, costNs: bigint): boolean {
    const from = this.#fullAt > nowNs ? this.#fullAt : nowNs
    return from + costNs <= nowNs + this.#spanNs
  }

  charge(nowNs: bigint, costNs: bigint): void {
    this.#fullAt = (this.#fullAt > nowNs ? this.#fullAt : nowNs) + costNs
  }
}

const second = 1_000_000_000n
const ceil = (a: bigint, b: bigint) => (a + b - 1n) / b
const startMs = 1_700_000_000_000

describe('a limit', () => {
  it('lets a burst pass, then as many as its rate gives back, to the millisecond', async () => {
    let now = startMs
    const limit: Limit = { name: 'l', when: { op: 'send' }, messages: { rate: 100, burst: 5 } }
    const { host, plugin } = await startFilter(limited(limit), { clock: () => now })
    const admitted = () => Array.from({ length: 8 }, () => passes(send(plugin))).filter(Boolean).length
    assert.equal(admitted(), 5)
    now += 9
    assert.equal(admitted(), 0)
    now += 1
    assert.equal(admitted(), 1)
    now += 25
    assert.equal(admitted(), 2)
    now += 100_000
    assert.equal(admitted(), 5)
    assert.deepEqual(host.faults, [])
  })

  it('admits exactly what a model of it does, in messages and bytes, whatever comes when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rate: fc.integer({ min: 1, max: 5000 }),
          burst: fc.integer({ min: 1, max: 20 }),
          byteRate: fc.integer({ min: 100, max: 100_000 }),
          byteBurst: fc.integer({ min: 100, max: 5000 }),
        }),
        fc.array(fc.record({ wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })), size: fc.integer({ min: 0, max: 900 }) }), {
          minLength: 1,
          maxLength: 60,
        }),
        async ({ rate, burst, byteRate, byteBurst }, calls) => {
          let now = startMs
          const limit: Limit = {
            name: 'l',
            when: { topic: 'orders' },
            messages: { rate, burst },
            bytes: { rate: byteRate, burst: byteBurst },
          }
          const { host, plugin } = await startFilter(limited(limit), { clock: () => now })
          const perMessage = ceil(second, BigInt(rate))
          const messages = new Model(perMessage * BigInt(burst))
          const bytes = new Model((BigInt(byteBurst) * second) / BigInt(byteRate))
          for (const { wait, size } of calls) {
            now += wait
            const nowNs = BigInt(now) * 1_000_000n
            const request = requests.send({ topic: 'orders', body: Buffer.alloc(size) })
            const byteCost = ceil(BigInt(request.length - 5) * second, BigInt(byteRate))
            const expected = messages.hasRoom(nowNs, perMessage) && bytes.hasRoom(nowNs, byteCost)
            if (expected) {
              messages.charge(nowNs, perMessage)
              bytes.charge(nowNs, byteCost)
            }
            assert.equal(passes(send(plugin, 'c', request)), expected)
          }
          assert.deepEqual(host.faults, [])
        },
      ),
      { numRuns: 40 },
    )
  })

  it('charges a call in all limits that apply or in none', async () => {
    let now = startMs
    const { host, plugin } = await startFilter(
      limited(
        { name: 'wide', when: {}, messages: { rate: 1, burst: 4 } },
        { name: 'narrow', when: { topic: 'orders' }, messages: { rate: 1, burst: 2 } },
        { name: 'bytes', when: { topic: 'big' }, bytes: { rate: 1, burst: 10 } },
      ),
      { clock: () => now },
    )
    const topic = (name: string) => passes(send(plugin, 'c', requests.send({ topic: name })))
    assert.deepEqual([topic('orders'), topic('orders'), topic('orders'), topic('orders')], [true, true, false, false])
    assert.deepEqual([topic('big'), topic('big')], [false, false])
    assert.deepEqual([topic('other'), topic('other'), topic('other')], [true, true, false], 'those that were refused were not charged')
    now += 1000
    assert.equal(topic('other'), true)
    assert.equal(host.metrics.counter('fmq.rules.section.limits.outcome.acted.rule.narrow.end'), 2)
    assert.equal(host.metrics.counter('fmq.rules.section.limits.outcome.acted.rule.bytes.end'), 2)
    assert.equal(host.metrics.counter('fmq.rules.section.limits.outcome.acted.rule.wide.end'), 1)
    assert.deepEqual(host.faults, [])
  })

  it('says which rule it was, with the code that makes clients wait', async () => {
    const { plugin } = await startFilter(limited({ name: 'few', when: {}, messages: { rate: 7, burst: 1 } }))
    passes(send(plugin))
    const refused = send(plugin)
    assert.equal(refused.localReply?.grpcStatus, 8)
    assert.match(refused.localReply?.body.toString() ?? '', /limits\/few.*7/)
    refused.end()
  })

  it('counts each message of a batch, and ends a batch that has too many before the broker has all of it', async () => {
    const { host, plugin } = await startFilter(limited({ name: 'l', when: { op: 'send' }, messages: { rate: 1, burst: 5 } }), {
      clock: () => startMs,
    })
    const batch = (count: number) => requests.send(...Array.from({ length: count }, () => ({ topic: 'orders' })))
    assert.equal(passes(send(plugin, 'c', batch(3))), true)
    assert.equal(passes(send(plugin, 'c', batch(3))), false)
    const stream = plugin.request({ headers: callHeaders('SendMessage') })
    const [head = Buffer.alloc(0), rest = Buffer.alloc(0)] = cut(batch(2), 40)
    stream.body(head)
    stream.body(rest, true)
    assert.equal(stream.upstream.ended, false)
    stream.end()
    assert.deepEqual(host.faults, [])
  })

  it('of its own per client, topic or group leaves others alone', async () => {
    const { host, plugin } = await startFilter(
      limited({ name: 'l', when: { op: ['send', 'receive'] }, per: ['client', 'topic'], messages: { rate: 1, burst: 2 } }),
      { clock: () => startMs },
    )
    const tries = (client: string, topic: string) =>
      Array.from({ length: 3 }, () => passes(send(plugin, client, requests.send({ topic })))).filter(Boolean).length
    for (const client of ['a', 'b', 'c']) for (const topic of ['x', 'y']) assert.equal(tries(client, topic), 2, `${client} ${topic}`)
    assert.equal(tries('a', 'x'), 0)
    assert.deepEqual(host.faults, [])
  })

  it('that is a shadow refuses nobody and counts whom it would have refused', async () => {
    const shadow = { name: 'l', when: {}, messages: { rate: 1, burst: 3 }, shadow: true }
    const { host, plugin } = await startFilter(limited(shadow), { clock: () => startMs })
    for (let index = 0; index < 10; index++) assert.equal(passes(send(plugin)), true)
    assert.equal(host.metrics.counter('fmq.rules.section.limits.outcome.shadow.rule.l.end'), 7)
    assert.equal(host.metrics.counter('fmq.rules.section.limits.outcome.acted.rule.l.end'), 0)
  })

  it('is as empty after a new configuration as before it, and follows one that is narrower at once', async () => {
    let now = startMs
    const host = await loadFilter({ clock: () => now })
    const vm = host.startVm()
    const configured = (rate: number, burst: number) =>
      startPlugin(vm, { ...twoClusters, ...limited({ name: 'l', when: {}, messages: { rate, burst } }) })
    const first = configured(1, 1000)
    for (let index = 0; index < 1000; index++) assert.equal(passes(send(first)), true)
    assert.equal(passes(send(first)), false)
    const second = configured(1, 1000)
    assert.equal(passes(send(second)), false, 'what was spent is spent')
    const third = configured(100, 10)
    assert.equal(passes(send(third)), false)
    now += 10
    assert.equal(passes(send(third)), true, 'the debt of a thousand seconds is no debt of this limit')
    assert.deepEqual(host.faults, [])
  })

  it('survives a clock that is set back, without a burst for it', async () => {
    let now = startMs
    const { plugin } = await startFilter(limited({ name: 'l', when: {}, messages: { rate: 10, burst: 10 } }), { clock: () => now })
    for (let index = 0; index < 10; index++) passes(send(plugin))
    now -= 3_600_000
    assert.equal(passes(send(plugin)), false)
    now += 100
    assert.equal(passes(send(plugin)), true)
    assert.equal(passes(send(plugin)), false)
  })
})

describe('the cells of limits', () => {
  it('are as many as configured, whoever comes, and too few of them make a limit stricter, never wider', async () => {
    for (const keys of [1, 3, 8, 20]) {
      let now = startMs
      const { host, plugin } = await startFilter(limited({ name: 'l', when: {}, per: ['client'], messages: { rate: 10, burst: 3 }, keys }), {
        clock: () => now,
      })
      const models = new Map<string, Model>()
      let admitted = 0
      for (let index = 0; index < 4000; index++) {
        const client = `client-${(index * 7919) % 60}`
        if (index % 3 === 0) now += 7
        const model = models.get(client) ?? new Model(3n * 100_000_000n)
        models.set(client, model)
        if (!passes(send(plugin, client))) continue
        admitted++
        const nowNs = BigInt(now) * 1_000_000n
        assert.ok(model.hasRoom(nowNs, 100_000_000n), `${client} got more than its limit, with ${keys} cells`)
        model.charge(nowNs, 100_000_000n)
      }
      assert.ok(admitted > 90, `${admitted}`)
      const cells = host.sharedKeys().filter((key) => key.startsWith('fmq.limit.'))
      assert.equal(cells.length, Math.ceil(keys / 8))
      assert.deepEqual(host.faults, [])
    }
  })

  it('begin with what was spent while there was none: who had to share does not get another burst for a cell of his own', async () => {
    let now = startMs
    const { plugin } = await startFilter(limited({ name: 'l', when: {}, per: ['client'], messages: { rate: 10, burst: 3 }, keys: 1 }), {
      clock: () => now,
    })
    const admitted = (client: string) => Array.from({ length: 5 }, () => passes(send(plugin, client))).filter(Boolean).length
    assert.equal(passes(send(plugin, 'first')), true)
    assert.equal(admitted('second'), 3, 'shared with nobody yet')
    assert.equal(admitted('third'), 0, 'what the second has spent')
    // The first one's cell has filled up, and the second takes it.
    now += 100
    assert.equal(admitted('second'), 1)
    now += 300
    assert.equal(admitted('second'), 3)
  })

  it('go to others when they have filled up again: with enough of them at any time everybody has his own', async () => {
    let now = startMs
    const { plugin } = await startFilter(limited({ name: 'l', when: {}, per: ['client'], messages: { rate: 10, burst: 3 }, keys: 8 }), {
      clock: () => now,
    })
    for (let round = 0; round < 100; round++) {
      // Eight others each time, one after the other.
      for (let index = 0; index < 8; index++) {
        const got = Array.from({ length: 4 }, () => passes(send(plugin, `client-${round}-${index}`))).filter(Boolean).length
        assert.equal(got, 3)
      }
      now += 300
    }
  })

  /** Several workers, each of which may be interrupted by the others after any read of shared data. */
  it('are drawn from by all workers alike: whatever they do between a read and a write, nothing is admitted twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 9 }), { minLength: 50, maxLength: 50 }),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        async (choices, burst, withSecond) => {
          const plugins: Plugin[] = []
          let at = 0
          let depth = 0
          let admitted = 0
          let offered = 0
          let isOn = false
          const attempt = (worker: number) => {
            const plugin = plugins[worker % plugins.length]
            assert.ok(plugin)
            offered++
            if (passes(send(plugin))) admitted++
          }
          const busy = new Set<number>()
          const host = await loadFilter({
            clock: () => startMs,
            onSharedRead: (key) => {
              if (!isOn || !key.startsWith('fmq.limit.') || depth > 2) return
              const choice = choices[at++ % choices.length] ?? 0
              if (choice > 3) return
              // A VM that is in the middle of a callback cannot have another one.
              if (busy.has(choice)) return
              depth++
              busy.add(choice)
              attempt(choice)
              busy.delete(choice)
              depth--
            },
          })
          const limits: Limit[] = [{ name: 'l', when: {}, messages: { rate: 1, burst } }]
          if (withSecond) limits.push({ name: 'm', when: {}, messages: { rate: 1, burst: burst + 3 } })
          for (let worker = 0; worker < 4; worker++) plugins.push(startPlugin(host.startVm(), { ...twoClusters, limits }))
          isOn = true
          for (let index = 0; index < 30; index++) {
            busy.clear()
            busy.add(index % 4)
            attempt(index % 4)
          }
          assert.ok(offered >= 30)
          assert.equal(admitted, burst, `${offered} calls were offered`)
          assert.deepEqual(host.faults, [])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('get back what a call was charged that another worker has overtaken in a later limit', async () => {
    const plugins: Plugin[] = []
    let reads = 0
    let overtaken = false
    const host = await loadFilter({
      clock: () => startMs,
      onSharedRead: (key) => {
        // Two looks, then the charge of the first limit: in between, the other worker takes all of the second one.
        if (plugins.length < 2 || overtaken || !key.startsWith('fmq.limit.') || ++reads < 3) return
        overtaken = true
        assert.equal(passes(send(plugins[1] ?? assert.fail())), true)
      },
    })
    const limits: Limit[] = [
      { name: 'wide', when: {}, messages: { rate: 1, burst: 5 } },
      { name: 'narrow', when: { topic: 'orders' }, messages: { rate: 1, burst: 1 } },
    ]
    for (let worker = 0; worker < 2; worker++) plugins.push(startPlugin(host.startVm(), { ...twoClusters, limits }))
    assert.equal(passes(send(plugins[0] ?? assert.fail())), false)
    assert.equal(overtaken, true)
    const other = requests.send({ topic: 'other' })
    const left = Array.from({ length: 6 }, () => passes(send(plugins[0] ?? assert.fail(), 'c', other))).filter(Boolean).length
    assert.equal(left, 4, 'the wide limit was charged for the call that passed, and for no other')
    assert.deepEqual(host.faults, [])
  })
})
