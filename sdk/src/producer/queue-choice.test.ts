import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { Endpoint } from '../connection/endpoint.ts'
import { type Queue, type Route, routeOf } from '../connection/route.ts'
import { QueueChoice } from './queue-choice.ts'

/** @param brokers of each queue, in the order of the route */
function route(...brokers: readonly string[]): Route {
  const endpoints = new Map<string, Endpoint>()
  const queues = brokers.map((name, id): Queue => {
    const known = endpoints.get(name) ?? new Endpoint({ scheme: 'DOMAIN_NAME', addresses: [{ host: name, port: 1 }] })
    endpoints.set(name, known)
    return { topic: 'orders', id, readable: true, writable: true, broker: { name, id: 0 }, endpoint: known, accepts: [] }
  })
  return routeOf('orders', queues)
}

const anywhere = { isUsable: () => true }

describe('the choice of a queue', () => {
  it('is that of the official Java client for message groups: SipHash-2-4, little-endian, signed, floor-mod', () => {
    const vectors = JSON.parse(readFileSync(new URL('../../../proto/vectors/queue-hash.json', import.meta.url), 'utf8')) as {
      readonly messageGroup: string
      readonly queues: Readonly<Record<string, number>>
    }[]
    const choice = new QueueChoice(() => 0.3)
    assert.ok(vectors.length > 3)
    for (const { messageGroup, queues } of vectors) {
      for (const [count, id] of Object.entries(queues)) {
        const all = route(...Array.from({ length: Number(count) }, (_, index) => `broker-${index % 3}`))
        assert.equal(choice.next(all, messageGroup, anywhere)?.id, id, `${messageGroup} among ${count}`)
      }
    }
  })

  it('never leaves the queue of a message group, whatever failed there', () => {
    const choice = new QueueChoice(() => 0)
    const all = route('a', 'b', 'c')
    const usual = choice.next(all, 'customer-7', anywhere)
    assert.ok(usual !== undefined)
    const tried = new Set([usual.broker.name])
    assert.equal(choice.next(all, 'customer-7', { isUsable: ({ address }) => address !== usual.endpoint.address }, tried), usual)
  })

  it('uses every queue equally often', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 1, max: 20 }), (start, count) => {
        const choice = new QueueChoice(() => start)
        const all = route(...Array.from({ length: count }, (_, index) => `broker-${index % 4}`))
        const counts = new Array<number>(count).fill(0)
        for (let turn = 0; turn < count * 3; turn += 1) {
          const id = choice.next(all, undefined, anywhere)?.id ?? -1
          counts[id] = (counts[id] ?? 0) + 1
        }
        assert.deepEqual(counts, new Array<number>(count).fill(3))
      }),
    )
  })

  it('goes on to a broker that was not tried, and to an endpoint that is not avoided', () => {
    const choice = new QueueChoice(() => 0)
    const all = route('a', 'a', 'b', 'c')
    const name = (usable: readonly string[], ...tried: readonly string[]) =>
      choice.next(all, undefined, { isUsable: ({ list }) => usable.includes(list.addresses[0]?.host ?? '') }, new Set(tried))?.broker.name
    for (let turn = 0; turn < 8; turn += 1) {
      assert.equal(name(['a', 'b', 'c'], 'a', 'b'), 'c')
      assert.equal(name(['a', 'b'], 'a'), 'b')
      assert.equal(name(['a'], 'a'), 'a', 'one that was tried is better than one that fails')
      assert.equal(name([], 'a', 'b'), 'c', 'when all fail, one that was not tried')
    }
    assert.ok(name([], 'a', 'b', 'c'))
  })

  it('is none where nothing can be written to', () => {
    assert.equal(new QueueChoice(() => 0).next(routeOf('orders', []), undefined, anywhere), undefined)
    assert.equal(new QueueChoice(() => 0).next(routeOf('orders', []), 'g', anywhere), undefined)
  })
})
