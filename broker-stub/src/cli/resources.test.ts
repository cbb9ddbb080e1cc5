import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { startBroker, type TestBroker } from '../testing/index.ts'
import { captured } from './test-kit/captured.ts'
import type { Ended } from './test-kit/program.ts'

const table = (...lines: string[]): Ended => ({ code: 0, out: `${lines.join('\n')}\n`, err: '' })
const failure = (sentence: string): Ended => ({ code: 1, out: '', err: `feathermq: ${sentence}\n` })

/** In the order in which they stand: each goes on from what was before. */
describe('feathermq topic and group', () => {
  let broker: TestBroker
  before(async () => {
    broker = await startBroker({ clock: 'frozen' })
  })
  after(() => broker.close())

  const run = (command: string): Promise<Ended> => captured([...command.split(' '), '--admin', broker.http])
  /** What the API answers under the path, as `-o json` has to print it; what was just made has nothing to be explained. */
  const json = async (path: string, explained = true): Promise<Ended> => {
    const answer = (await (await fetch(`http://${broker.http}${path}`)).json()) as { why?: unknown }
    if (!explained) delete answer.why
    return { code: 0, out: `${JSON.stringify(answer, null, 2)}\n`, err: '' }
  }

  it('say that there are none yet', async () => {
    assert.deepEqual(await Promise.all([run('topic list'), run('group list')]), [table('no topics yet'), table('no groups yet')])
  })

  it('create what is asked for', async () => {
    assert.deepEqual(await run('topic create orders'), table('created topic orders: NORMAL, FIFO, DELAY, TRANSACTION; 4 queues'))
    assert.deepEqual(await run('topic create ledger --types FIFO,DELAY --queues 1'), table('created topic ledger: FIFO, DELAY; 1 queue'))
    assert.deepEqual(await run('group create billing'), table('group billing: not ordered, 17 attempts'))
    assert.deepEqual(await run('group create books --ordered --max-attempts 3 --retry 1s,500ms'), table('group books: ordered, 3 attempts'))
    assert.deepEqual(await run('group create billing --max-attempts 2'), table('group billing: not ordered, 2 attempts'))
    assert.deepEqual(
      broker.broker.context.registry.groups().map(({ name, retry }) => [name, retry.kind === 'customized' ? retry.next.length : 0]),
      [
        ['billing', 18],
        ['books', 2],
      ],
    )
  })

  it('fail with the sentence of the broker', async () => {
    const ends = await Promise.all(
      [
        'topic create orders',
        'topic create a%b',
        'topic create a --types LITE',
        'topic show none',
        'group create books --retry soon',
        'group delete none',
      ].map(run),
    )
    assert.deepEqual(ends, [
      failure('the topic "orders" exists already'),
      failure('the topic "a%b" has a "%", which only topics that the broker makes itself may have'),
      failure('types.0: must be one of NORMAL, FIFO, DELAY, TRANSACTION, PRIORITY'),
      failure('there is no topic "none"'),
      failure('retry.0: must be milliseconds, 0 or more, or a number with ms, s, m, h or d, e.g. "30s"'),
      failure('there is no group "none"'),
    ])
  })

  it('show what there is as tables', async () => {
    const client = broker.rawClient()
    for (const body of ['a', 'b', 'c']) await client.send('orders', body)
    await client.receive('orders', 'billing', { max: 1 })
    const [back] = await client.receive('orders', 'billing', { max: 1, autoRenew: true })
    assert.ok(back)
    await client.change('orders', 'billing', back, '30s')
    const ends = await Promise.all(['topic list', 'topic show orders', 'group list', 'group show billing', 'group show books'].map(run))
    assert.deepEqual(ends, [
      table(
        'TOPIC   TYPES                          QUEUES  STORED  DELAYED  GROUPS   ORIGIN',
        'orders  NORMAL,FIFO,DELAY,TRANSACTION  4       3       0        billing  admin',
        'ledger  FIFO,DELAY                     1       0       0                 admin',
      ),
      table(
        'TOPIC   TYPES                          QUEUES  STORED  DELAYED  GROUPS   ORIGIN',
        'orders  NORMAL,FIFO,DELAY,TRANSACTION  4       3       0        billing  admin',
        '',
        'QUEUE  FIRST  NEXT',
        '0      0      1',
        '1      0      1',
        '2      0      1',
        '3      0      0',
        '',
        'billing: no consumer is connected, and nobody asks for messages.',
        'billing: 1 message was given back, and waits for the next attempt.',
      ),
      table(
        'GROUP    ORDERED  ATTEMPTS  TOPICS  READY  IN FLIGHT  ORIGIN',
        'billing  no       2         orders  1      2          admin',
        'books    yes      3                 0      0          admin',
      ),
      table(
        'GROUP    ORDERED  ATTEMPTS  TOPICS  READY  IN FLIGHT  ORIGIN',
        'billing  no       2         orders  1      2          admin',
        '',
        'TOPIC   READY  IN FLIGHT  DELAYED  PARKED  DEAD  OLDEST',
        'orders  1      1          1        0       0     0s',
        '',
        'No consumer is connected, and nobody asks for messages.',
        'orders: 1 message was given back, and waits for the next attempt.',
      ),
      table(
        'GROUP  ORDERED  ATTEMPTS  TOPICS  READY  IN FLIGHT  ORIGIN',
        'books  yes      3                 0      0          admin',
        '',
        'it reads no topic yet',
        '',
        'No consumer is connected, and nobody asks for messages.',
        'It has not asked for messages of any topic yet.',
      ),
    ])
  })

  it('show what there is as JSON', async () => {
    const commands = ['topic list', 'topic show orders', 'group list', 'group show billing']
    const paths = ['/api/topics', '/api/topics/orders', '/api/groups', '/api/groups/billing']
    assert.deepEqual(await Promise.all(commands.map((command) => run(`${command} -o json`))), await Promise.all(paths.map((path) => json(path))))
    assert.deepEqual(await run('topic create more --output json'), await json('/api/topics/more', false))
    assert.deepEqual(await run('group create more -o json'), await json('/api/groups/more', false))
  })

  it('delete what is named', async () => {
    assert.deepEqual(await run('topic delete orders'), table('deleted topic orders'))
    assert.deepEqual(await run('group delete billing -o json'), table('{', '  "deleted": "billing"', '}'))
    const { registry } = broker.broker.context
    assert.deepEqual(
      registry.topics().map(({ name }) => name),
      ['ledger', 'more'],
    )
    assert.deepEqual(
      registry.groups().map(({ name }) => name),
      ['books', 'more'],
    )
  })
})
