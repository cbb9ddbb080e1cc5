import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { tagFilter } from '../filter/tag-filter.ts'
import { stored } from '../log/test-kit/stored.ts'
import { TopicsAndGroups } from '../registry/registry.ts'
import { TimingWheel } from '../schedule/timing-wheel.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { SlowStore } from '../store/test-kit/slow-store.ts'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import { Delivery } from './delivery.ts'

describe('delivery by priority', () => {
  it('hands out nothing of a lower queue while something of a higher one has to be read', async () => {
    const clock = fixedClock()
    const registry = new TopicsAndGroups({ clock, autoCreate: false })
    const topic = registry.createTopic('alerts', { queues: 3, types: ['PRIORITY'] }, 'config')
    const group = registry.putGroup('desk', {}, 'config')
    const wheel = new TimingWheel(clock)
    const engine = new Delivery({ clock, wheel, store: new SlowStore(new MemoryStore({ clock, wheel })), registry, brokerName: 'b', bootEpoch: 1 })
    for (const [messageId, priority] of [
      ['low', 0],
      ['high', 2],
      ['middle', 1],
      ['higher', 2],
    ] as const) {
      engine.append(stored({ topic: 'alerts', messageId, type: 'PRIORITY', priority }))
    }
    await clock.advance(0)
    const request = { clientId: 'c', max: 1, filter: tagFilter('*'), invisible: 10_000, autoRenew: false, wait: 0, attemptId: undefined }
    const order: string[] = []
    for (let n = 0; n < 4; n++) {
      await new Promise<void>((resolve) => {
        engine.receive(topic, group, request, (outcome) => {
          if (outcome.kind === 'messages') order.push(...outcome.deliveries.map(({ message }) => message.messageId))
          resolve()
        })
      })
    }
    assert.deepEqual(order, ['high', 'higher', 'middle', 'low'])
  })
})
