import { strict as assert } from 'node:assert'
import { beforeEach, describe, it } from 'mocha'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import type { VirtualClock } from '../testing/virtual-clock.ts'
import { defaultRetry, type GroupSettings, RegistryError, type RegistryOptions, TopicsAndGroups } from './registry.ts'
import type { Group } from './types.ts'

describe('the registry', () => {
  let clock: VirtualClock
  let registry: TopicsAndGroups
  const make = (options: Partial<RegistryOptions> = {}) => new TopicsAndGroups({ clock, autoCreate: true, ...options })
  beforeEach(() => {
    clock = fixedClock()
    registry = make()
  })

  const conflict = (message: RegExp) => ({ name: 'RegistryError', reason: 'conflict', message })
  const illegal = (message: RegExp) => ({ name: 'RegistryError', reason: 'illegal', message })

  describe('makes a topic on first use', () => {
    it('with four queues and all types that are served, once', () => {
      const topic = registry.useTopic('orders')
      assert.deepEqual(topic, {
        id: 1,
        name: 'orders',
        types: ['NORMAL', 'FIFO', 'DELAY', 'TRANSACTION'],
        queues: 4,
        origin: 'first-use',
        createdAt: clock.now(),
      })
      assert.equal(registry.useTopic('orders'), topic)
      assert.deepEqual(registry.topics(), [topic])
    })

    it('but none that exists already in another form', () => {
      const created = registry.createTopic('orders', { queues: 1, types: ['FIFO'] }, 'admin')
      assert.equal(registry.useTopic('orders'), created)
    })

    for (const name of ['', ' ', 'a b', 'TBW102', 'rmq_sys_x', 't'.repeat(128), '%DLQ%billing', '%RETRY%billing', '50%']) {
      it(`but none of the name "${name.slice(0, 20)}"`, () => {
        assert.equal(registry.useTopic(name), undefined)
        assert.deepEqual(registry.topics(), [])
      })
    }

    it('but none where that is switched off', () => {
      assert.equal(make({ autoCreate: false }).useTopic('orders'), undefined)
    })

    it('but no more than it keeps at most', () => {
      const small = make({ maxTopics: 2 })
      assert.ok(small.useTopic('a') !== undefined && small.useTopic('b') !== undefined)
      assert.equal(small.useTopic('c'), undefined)
      assert.ok(small.useTopic('a') !== undefined)
      small.removeTopic('a')
      assert.ok(small.useTopic('c') !== undefined)
    })
  })

  describe('makes a group on first use', () => {
    it('with the policy of a stock group, not ordered, once', () => {
      const group = registry.useGroup('billing')
      const expected: Group = {
        name: 'billing',
        ordered: false,
        maxAttempts: 17,
        retry: defaultRetry,
        start: 'default',
        paused: false,
        origin: 'first-use',
        createdAt: clock.now(),
      }
      assert.deepEqual(group, expected)
      assert.equal(registry.useGroup('billing'), group)
      assert.deepEqual(registry.groups(), [expected])
    })

    it('ordered when its first user asks for it, and as it is for those who come later', () => {
      assert.equal(registry.useGroup('ordered', true)?.ordered, true)
      assert.equal(registry.useGroup('ordered', false)?.ordered, true)
      registry.useGroup('billing')
      assert.equal(registry.useGroup('billing', true)?.ordered, false)
    })

    for (const name of ['', ' ', 'a b', 'DEFAULT_CONSUMER', 'CID_ONS-x', 'g'.repeat(121)]) {
      it(`but none of the name "${name.slice(0, 20)}"`, () => {
        assert.equal(registry.useGroup(name), undefined)
        assert.deepEqual(registry.groups(), [])
      })
    }

    it('but none where that is switched off', () => {
      assert.equal(make({ autoCreate: false }).useGroup('billing'), undefined)
    })

    it('but no more than it keeps at most', () => {
      const small = make({ maxGroups: 1 })
      assert.ok(small.useGroup('a') !== undefined)
      assert.equal(small.useGroup('b'), undefined)
      assert.ok(small.useGroup('a') !== undefined)
      small.removeGroup('a')
      assert.ok(small.useGroup('b') !== undefined)
    })
  })

  describe('creates a topic by wish', () => {
    it('also where none is made on first use', () => {
      const strict = make({ autoCreate: false })
      const topic = strict.createTopic('orders', { queues: 7, types: ['DELAY'] }, 'config')
      assert.deepEqual(topic, { id: 1, name: 'orders', types: ['DELAY'], queues: 7, origin: 'config', createdAt: clock.now() })
      assert.equal(strict.useTopic('orders'), topic)
    })

    it('but not twice', () => {
      registry.useTopic('orders')
      assert.throws(() => registry.createTopic('orders', {}, 'admin'), conflict(/"orders" exists already/))
    })

    it('but none of a name that is not legal, or kept for topics that it makes itself', () => {
      assert.throws(() => registry.createTopic('a b', {}, 'admin'), illegal(/characters other than/))
      assert.throws(() => registry.createTopic('', {}, 'admin'), illegal(/blank/))
      assert.throws(() => registry.createTopic('%DLQ%billing', {}, 'admin'), illegal(/"%"/))
      assert.deepEqual(registry.topics(), [])
    })

    it('but no more than it keeps at most', () => {
      const small = make({ maxTopics: 1 })
      small.createTopic('a', {}, 'admin')
      assert.throws(() => small.createTopic('b', {}, 'admin'), conflict(/1 topics already/))
      assert.throws(() => small.createTopic('a', {}, 'admin'), conflict(/exists already/))
    })

    it('ten thousand at most when nobody says', () => {
      for (let index = 0; index < 10_000; index++) registry.createTopic(`t-${index}`, {}, 'admin')
      assert.throws(() => registry.createTopic('one-more', {}, 'admin'), conflict(/10000 topics already/))
      assert.equal(registry.useTopic('one-more'), undefined)
    })
  })

  describe('creates and changes a group by wish', () => {
    it('also where none is made on first use', () => {
      const group = make({ autoCreate: false }).putGroup('billing', { ordered: true, maxAttempts: 3 }, 'admin')
      assert.deepEqual([group.ordered, group.maxAttempts, group.retry, group.origin], [true, 3, defaultRetry, 'admin'])
    })

    it('keeping what the change does not name, and where and when the group came from', async () => {
      const retry = { kind: 'customized', next: [1_000] } as const
      const before = registry.putGroup('billing', { ordered: true, maxAttempts: 3 }, 'config')
      await clock.advance('1h')
      const after = registry.putGroup('billing', { retry, maxAttempts: undefined }, 'admin')
      assert.deepEqual(after, { ...before, retry })
      assert.deepEqual(registry.putGroup('billing', { maxAttempts: 1 }, 'admin'), { ...after, maxAttempts: 1 })
      assert.equal(registry.groups().length, 1)
    })

    it('telling each change of a group that existed, and its making to nobody', () => {
      const told: Group[] = []
      registry.onGroupChanged((group) => told.push(group))
      registry.putGroup('billing', {}, 'admin')
      registry.useGroup('audit')
      assert.deepEqual(told, [])
      const changed = registry.putGroup('audit', { maxAttempts: 2 }, 'admin')
      assert.deepEqual(told, [changed])
      assert.equal(registry.group('audit'), changed)
    })

    for (const [name, known, ordered] of [
      ['not ordered', {}, true],
      ['ordered', { ordered: true }, false],
    ] as const satisfies readonly (readonly [string, GroupSettings, boolean])[]) {
      it(`but does not change that it is ${name}, nor anything else with it`, () => {
        const before = registry.putGroup('billing', known, 'admin')
        const change = () => registry.putGroup('billing', { ordered, maxAttempts: 2 }, 'admin')
        assert.throws(change, conflict(new RegExp(`"billing" is ${name}, which cannot change`)))
        assert.equal(registry.group('billing'), before)
        assert.deepEqual(registry.putGroup('billing', { ordered: !ordered }, 'admin'), before)
      })
    }

    it('but none of a name that is not legal', () => {
      assert.throws(() => registry.putGroup('a b', {}, 'admin'), illegal(/characters other than/))
      assert.throws(() => registry.putGroup('DEFAULT_CONSUMER', {}, 'admin'), illegal(/system group/))
    })

    it('but no more than it keeps at most, which changes of what there is do not mind', () => {
      const small = make({ maxGroups: 1 })
      small.putGroup('a', {}, 'admin')
      assert.throws(() => small.putGroup('b', {}, 'admin'), conflict(/1 groups already/))
      assert.equal(small.putGroup('a', { maxAttempts: 2 }, 'admin').maxAttempts, 2)
    })
  })

  it('makes a dead-letter topic of one queue for NORMAL messages once it is needed, whatever else it may make', () => {
    const strict = make({ autoCreate: false, maxTopics: 0 })
    assert.equal(strict.useTopic('%DLQ%billing'), undefined)
    const topic = strict.deadLetterTopic('billing')
    assert.deepEqual(topic, { id: 1, name: '%DLQ%billing', types: ['NORMAL'], queues: 1, origin: 'dead-letter', createdAt: clock.now() })
    assert.equal(strict.deadLetterTopic('billing'), topic)
    assert.equal(strict.useTopic('%DLQ%billing'), topic)
  })

  it('makes dead-letter topics also of the longest group that it takes', () => {
    const group = 'g'.repeat(120)
    registry.putGroup(group, {}, 'admin')
    const { name } = registry.deadLetterTopic(group)
    assert.equal(registry.useTopic(name)?.name, name)
  })

  it('forgets what is removed, says whether there was anything, and makes it anew with the defaults', () => {
    registry.createTopic('orders', { queues: 1 }, 'admin')
    registry.putGroup('billing', { ordered: true }, 'admin')
    const { id } = registry.topic('orders') ?? {}
    assert.deepEqual([registry.removeTopic('orders'), registry.removeTopic('orders')], [true, false])
    assert.notEqual(registry.createTopic('orders', {}, 'admin').id, id)
    registry.removeTopic('orders')
    assert.deepEqual([registry.removeGroup('billing'), registry.removeGroup('billing')], [true, false])
    assert.deepEqual([registry.topic('orders'), registry.group('billing')], [undefined, undefined])
    assert.equal(registry.useTopic('orders')?.queues, 4)
    assert.equal(registry.useGroup('billing')?.ordered, false)
  })

  it('throws errors that are told from others by their class', () => {
    assert.throws(() => registry.createTopic('a b', {}, 'admin'), RegistryError)
  })
})
