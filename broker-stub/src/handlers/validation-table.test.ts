import { strict as assert } from 'node:assert'
import { inMemoryTransport } from '@feathermq/transport'
import { after, before, describe, it } from 'mocha'
import type { TestBroker } from '../testing/start-broker.ts'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import { startInMemory, storedIn } from './test-kit/calls.ts'
import { clientTables } from './test-kit/validation/clients.ts'
import { keepTables } from './test-kit/validation/keep.ts'
import { nameTables } from './test-kit/validation/names.ts'
import { receiveTables } from './test-kit/validation/receive.ts'
import type { Row, World } from './test-kit/validation/row.ts'
import { sendTables } from './test-kit/validation/send.ts'
import { settleTables } from './test-kit/validation/settle.ts'

const tables = [...clientTables, ...nameTables, ...sendTables, ...receiveTables, ...settleTables, ...keepTables]

/** What a broker knows and holds: a request that is refused leaves it as it was. */
function holdings({ broker }: TestBroker, test: TestBroker): readonly unknown[] {
  const { registry } = broker.context
  const topics = registry.topics().map(({ name }) => [name, storedIn(test, name)])
  return [topics, registry.groups().map(({ name }) => name)]
}

describe('each rule of the protocol, at its limits and beside them', () => {
  const held: { world?: World } = {}
  before(async () => {
    const network = fixedClock()
    let names = 0
    held.world = {
      network,
      broker: await startInMemory({
        transport: inMemoryTransport({ clock: network, poison: true }),
        topics: {
          'fifo-only': { types: ['FIFO'] },
          'normal-only': { types: ['NORMAL'] },
          'delay-only': { types: ['DELAY'] },
          'priority-only': { types: ['PRIORITY'] },
        },
      }),
      strict: await startInMemory({ autoCreate: false, topics: { orders: {} }, groups: { billing: {} } }),
      fresh: (what) => `${what}-${++names}`,
    }
  })
  after(async () => {
    const { world } = held
    if (world === undefined) return
    const closed = Promise.all([world.broker.close(), world.strict.close()])
    // Streams that are still open are given time to end by the clock of the network.
    await world.network.advance('1h')
    await closed
  })

  async function check(row: Row): Promise<void> {
    const { world } = held
    assert.ok(world !== undefined)
    const prepared = (await row.prepare?.(world)) ?? ''
    const before = [holdings(world.broker, world.broker), holdings(world.strict, world.strict)]
    const { code, text, entries, gives } = await row.ask(world, prepared)
    assert.deepEqual({ code, entries }, { code: row.code, entries: row.entries ?? [] }, text)
    if (row.text !== undefined) assert.match(text, row.text)
    const refused = typeof code === 'string' || (code >= 40_000 && code !== 40_401)
    if (!refused) return
    assert.notEqual(text, '', 'a refusal says why')
    assert.deepEqual(gives, [], 'a refusal gives nothing')
    const now = [holdings(world.broker, world.broker), holdings(world.strict, world.strict)]
    assert.deepEqual(now, before, 'a refusal leaves nothing behind')
  }

  for (const rpc of new Set(tables.map((table) => table.rpc))) {
    describe(rpc, () => {
      for (const row of tables.filter((table) => table.rpc === rpc).flatMap(({ rows }) => rows)) {
        it(`${row.rule} (${row.differs}: ${row.code})`, () => check(row))
      }
    })
  }
})
