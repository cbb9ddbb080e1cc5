import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { turns } from '../testing-internal/manual-clock.ts'
import { GroupTurns, type Turn } from './group-turns.ts'

describe('the turns of a message group', () => {
  it('come in the order in which they were taken, whoever leaves when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ take: fc.boolean(), which: fc.nat(9), group: fc.constantFrom('a', 'b') }), { maxLength: 60 }),
        async (steps) => {
          const line = new GroupTurns()
          // The model: for each group, those who have not left, in order.
          const model = new Map<string, Turn[]>()
          const come = new Set<Turn>()
          for (const { take, which, group } of steps) {
            const waiting = model.get(group) ?? []
            model.set(group, waiting)
            if (take || waiting.length === 0) {
              const turn = line.join('orders', group)
              waiting.push(turn)
              void (turn.come ?? Promise.resolve()).then(() => come.add(turn))
            } else {
              const [turn] = waiting.splice(which % waiting.length, 1)
              turn?.leave()
              turn?.leave()
            }
            await Promise.resolve()
            await turns(1)
            for (const [first, ...others] of model.values()) {
              if (first !== undefined) assert.ok(come.has(first), 'the first one waits')
              for (const other of others) assert.ok(!come.has(other), 'one behind others came')
            }
            const expected = [...model.values()].reduce((sum, { length }) => sum + Math.max(0, length - 1), 0)
            assert.equal(line.waiting, expected)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('are as cheap with very many behind them as with few', () => {
    const cost = (count: number) => {
      const line = new GroupTurns()
      const all = Array.from({ length: count }, () => line.join('orders', 'g'))
      const start = process.cpuUsage()
      for (const turn of all) turn.leave()
      const { user, system } = process.cpuUsage(start)
      return (user + system) / count
    }
    cost(20_000)
    // A search, or a list that moves, would cost fifty times as much for each.
    assert.ok(cost(200_000) < 20 * Math.max(0.1, cost(4_000)))
  })
})
