import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { beforeEach, describe, it } from 'mocha'
import type { Clock } from '../clock.ts'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import type { VirtualClock } from '../testing/virtual-clock.ts'
import { Clients, type TelemetryLink } from './clients.ts'

const about = { address: '10.0.0.7:5', language: 'JAVA', version: '5.2.0' }

class Link implements TelemetryLink {
  ends = 0

  send(): void {}

  end(): void {
    this.ends++
  }
}

describe('the clients of a broker', () => {
  let clock: VirtualClock
  let clients: Clients
  let lost: string[]
  beforeEach(() => {
    clock = fixedClock(0)
    lost = []
    clients = new Clients({ clock, onLost: (id) => lost.push(id) })
  })

  const call = (id: string) => clients.called(id, about)
  const liveness = (id: string) => clients.get(id)?.liveness.name

  /** A call of the client that opens Telemetry. */
  function open(id: string): Link {
    const link = new Link()
    clients.connected(call(id), link)
    return link
  }

  function drop(id: string, link: Link): void {
    const client = clients.get(id)
    if (client !== undefined) clients.disconnected(client, link)
  }

  it('are known from their first call on, with what they said of themselves then', () => {
    assert.equal(clients.get('a'), undefined)
    const client = call('a')
    assert.equal(clients.called('a', { address: 'elsewhere', language: 'GO', version: '1' }), client)
    const { id, address, language, version, settings } = client
    assert.deepEqual({ id, address, language, version, settings }, { id: 'a', ...about, settings: undefined })
    assert.deepEqual(clients.all(), [client])
  })

  describe('without Telemetry', () => {
    it('are lost 30 s after their last call', async () => {
      call('a')
      await clock.advance(29_999)
      assert.deepEqual([liveness('a'), lost], ['calling', []])
      await clock.advance(1)
      assert.deepEqual([clients.get('a'), lost], [undefined, ['a']])
    })

    it('are lost 30 s after the last call to the millisecond, not after the one before', async () => {
      call('a')
      await clock.advance(1)
      call('a')
      await clock.advance(29_999)
      assert.deepEqual(lost, [])
      await clock.advance(1)
      assert.deepEqual(lost, ['a'])
    })

    it('live for as long as they call within 30 s', async () => {
      for (let calls = 0; calls < 10; calls++) {
        call('a')
        await clock.advance(29_999)
      }
      assert.deepEqual([liveness('a'), lost], ['calling', []])
      await clock.advance(1)
      assert.deepEqual(lost, ['a'])
    })
  })

  describe('with Telemetry', () => {
    it('live for as long as it is open, without any call', async () => {
      open('a')
      await clock.advance('30d')
      assert.deepEqual([liveness('a'), lost], ['connected', []])
    })

    it('are lost 10 s after it was', async () => {
      const link = open('a')
      drop('a', link)
      await clock.advance(9_999)
      assert.deepEqual([liveness('a'), lost], ['lost', []])
      await clock.advance(1)
      assert.deepEqual([clients.get('a'), lost], [undefined, ['a']])
    })

    it('are saved by a call within these 10 s, and from then on their calls count', async () => {
      drop('a', open('a'))
      await clock.advance(9_999)
      call('a')
      assert.equal(liveness('a'), 'calling')
      await clock.advance(29_999)
      assert.deepEqual(lost, [])
      await clock.advance(1)
      assert.deepEqual(lost, ['a'])
    })

    it('are saved by opening it again, with their settings', async () => {
      const client = call('a')
      client.settings = {} as typeof client.settings
      drop('a', open('a'))
      await clock.advance(9_999)
      open('a')
      await clock.advance('1h')
      assert.equal(clients.get('a'), client)
      assert.ok(client.settings !== undefined)
      assert.deepEqual(lost, [])
    })

    it('keep the newest stream: the one before is ended, and its end means nothing', async () => {
      const first = open('a')
      const second = open('a')
      assert.deepEqual([first.ends, second.ends], [1, 0])
      drop('a', first)
      await clock.advance('1m')
      assert.equal(liveness('a'), 'connected')
      drop('a', second)
      assert.equal(liveness('a'), 'lost')
    })

    it('are not harmed by a stream that is announced twice', () => {
      const link = open('a')
      clients.connected(call('a'), link)
      assert.equal(link.ends, 0)
      assert.equal(liveness('a'), 'connected')
    })
  })

  describe('that say goodbye', () => {
    it('are gone at once, whatever their state, and reported once', async () => {
      call('calling')
      open('connected')
      drop('lost', open('lost'))
      for (const id of ['calling', 'connected', 'lost']) clients.terminated(id)
      assert.deepEqual(lost, ['calling', 'connected', 'lost'])
      assert.deepEqual(clients.all(), [])
      await clock.advance('1h')
      for (const id of ['calling', 'connected', 'lost', 'unknown']) clients.terminated(id)
      assert.equal(lost.length, 3)
    })

    it('begin anew with their next call, without settings, and the end of their old stream means nothing to it', async () => {
      const old = call('a')
      old.settings = {} as typeof old.settings
      const link = new Link()
      clients.connected(old, link)
      clients.terminated('a')
      const fresh = call('a')
      assert.notEqual(fresh, old)
      assert.equal(fresh.settings, undefined)
      clients.disconnected(old, link)
      await clock.advance(29_999)
      assert.equal(clients.get('a'), fresh)
      assert.deepEqual(lost, ['a'])
    })

    it('and leave their stream open do not hold up the broker when it stops: it ends the stream, unless they did meanwhile', () => {
      const [open_, ended] = ['a', 'b'].map((id) => {
        const client = call(id)
        const link = new Link()
        clients.connected(client, link)
        clients.terminated(id)
        return { client, link }
      })
      assert.ok(open_ !== undefined && ended !== undefined)
      clients.disconnected(ended.client, ended.link)
      clients.close()
      assert.deepEqual([open_.link.ends, ended.link.ends], [1, 0])
    })
  })

  describe('are kept up to a number:', () => {
    beforeEach(() => {
      clients = new Clients({ clock, onLost: (id) => lost.push(id), maxClients: 2 })
    })

    it('the one that was silent longest makes room', async () => {
      call('a')
      await clock.advance(1)
      call('b')
      await clock.advance(1)
      call('a')
      await clock.advance(1)
      call('c')
      assert.deepEqual(lost, ['b'])
      assert.deepEqual(
        clients.all().map(({ id }) => id),
        ['a', 'c'],
      )
    })

    it('those with Telemetry never do, even when there is no other', () => {
      open('a')
      call('b')
      call('c')
      assert.deepEqual(lost, ['b'])
      open('c')
      call('d')
      assert.deepEqual(lost, ['b'])
      assert.equal(clients.all().length, 3)
    })
  })

  it('end their streams, report nobody and leave no timer behind when the broker stops', async () => {
    let timers = 0
    const counting: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimer(callback, delay) {
        timers++
        const timer = clock.setTimer(callback, delay)
        return {
          cancel() {
            timers--
            timer.cancel()
          },
        }
      },
    }
    clients = new Clients({ clock: counting, onLost: (id) => lost.push(id) })
    const link = open('a')
    call('b')
    drop('c', open('c'))
    assert.equal(timers, 2)
    clients.close()
    assert.deepEqual([link.ends, timers], [1, 0])
    await clock.advance('1h')
    assert.deepEqual([clients.all(), lost], [[], []])
  })

  it('are lost when the rule says so, whatever they do before', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('call', 'open', 'drop', 'goodbye'), id: fc.constantFrom('a', 'b') }),
      fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(1, 5_000, 9_999, 10_000, 19_999, 20_000, 29_999, 30_000) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        clock = fixedClock(0)
        lost = []
        clients = new Clients({ clock, onLost: (id) => lost.push(id) })
        /** When a client is lost if nothing else happens. */
        const rule = new Map<string, number>()
        const links = new Map<string, Link>()
        const expected: string[] = []
        for (const one of steps) {
          if ('ms' in one) {
            await clock.advance(one.ms)
            const due = [...rule].filter(([, at]) => at <= clock.monotonic()).sort(([, a], [, b]) => a - b)
            for (const [id] of due) {
              rule.delete(id)
              expected.push(id)
            }
          } else if (one.do === 'call') {
            call(one.id)
            if (rule.get(one.id) !== Number.POSITIVE_INFINITY) rule.set(one.id, clock.monotonic() + 30_000)
          } else if (one.do === 'open') {
            links.set(one.id, open(one.id))
            rule.set(one.id, Number.POSITIVE_INFINITY)
          } else if (one.do === 'drop') {
            const link = links.get(one.id)
            if (link !== undefined) drop(one.id, link)
            if (rule.get(one.id) === Number.POSITIVE_INFINITY) rule.set(one.id, clock.monotonic() + 10_000)
          } else {
            clients.terminated(one.id)
            if (rule.delete(one.id)) expected.push(one.id)
          }
          assert.deepEqual(
            clients
              .all()
              .map(({ id }) => id)
              .toSorted(),
            [...rule.keys()].toSorted(),
          )
          assert.deepEqual(lost.toSorted(), expected.toSorted())
        }
      }),
      { numRuns: 200 },
    )
  })
})
