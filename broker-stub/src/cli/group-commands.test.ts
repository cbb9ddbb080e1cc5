import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { startBroker, type TestBroker } from '../testing/index.ts'
import { redriveAll } from './redrive.ts'
import { captured } from './test-kit/captured.ts'
import type { Ended } from './test-kit/program.ts'

const lines = (...some: string[]): Ended => ({ code: 0, out: `${some.join('\n')}\n`, err: '' })
const failure = (sentence: string): Ended => ({ code: 1, out: '', err: `feathermq: ${sentence}\n` })

/** In the order in which they stand: each goes on from what was before. */
describe('feathermq group', () => {
  let broker: TestBroker
  before(async () => {
    broker = await startBroker({ clock: 'frozen', topics: { orders: { queues: 2 } } })
  })
  after(() => broker.close())

  const run = (command: string): Promise<Ended> => captured([...command.split(' '), '--admin', broker.http])

  it('create sets how retries wait and where the group begins', async () => {
    assert.equal((await run('group create billing --retry exponential:1s,1h,2 --start last')).code, 0)
    const group = broker.broker.context.registry.group('billing')
    assert.deepEqual(group?.retry, { kind: 'exponential', initial: 1_000, max: 3_600_000, multiplier: 2 })
    assert.equal(group?.start, 'last')
    await run('group create billing --start 2026-01-31T09:30:00Z')
    assert.deepEqual(broker.broker.context.registry.group('billing')?.start, { at: Date.UTC(2026, 0, 31, 9, 30) })
    assert.deepEqual(
      await run('group create billing --start soon'),
      failure('start: must be "first", "last" or a time such as "2026-01-31T09:30:00Z"'),
    )
  })

  it('pause and resume say so', async () => {
    assert.deepEqual(await run('group pause billing'), lines('group billing is paused'))
    assert.equal(broker.broker.context.registry.group('billing')?.paused, true)
    assert.deepEqual(await run('group resume billing'), lines('group billing goes on'))
    assert.equal(broker.broker.context.registry.group('billing')?.paused, false)
    assert.deepEqual(await run('group pause none'), failure('there is no group "none"'))
  })

  it('reset shows where the group goes on', async () => {
    const client = broker.rawClient()
    for (const body of ['a', 'b', 'c']) await client.send('orders', body)
    assert.deepEqual(
      await run('group reset billing orders --to end'),
      lines('group billing goes on in orders at', '', 'QUEUE  OFFSET', '0      2', '1      1'),
    )
    assert.deepEqual(
      await run('group reset billing orders --offsets 0=1,1=0'),
      lines('group billing goes on in orders at', '', 'QUEUE  OFFSET', '0      1', '1      0'),
    )
    assert.deepEqual(await run('group reset billing orders'), failure('give either "to" or "offsets"'))
    const json = await run('group reset billing orders --to start -o json')
    assert.deepEqual(JSON.parse(json.out), { group: 'billing', topic: 'orders', offsets: [0, 0] })
  })

  it('redrive says how many dead letters went back, and why it ended early', async () => {
    const client = broker.rawClient()
    for (const message of await client.receive('orders', 'billing')) await client.deadLetter('orders', 'billing', message)
    assert.deepEqual(await run('group redrive billing --max 1'), lines('1 dead letter sent back, 2 left'))
    assert.deepEqual(await run('group redrive billing'), lines('2 dead letters sent back, 0 left'))
    for (const message of await client.receive('orders', 'billing')) await client.deadLetter('orders', 'billing', message)
    await run('topic delete orders')
    assert.deepEqual(await run('group redrive billing'), {
      code: 1,
      out: '0 dead letters sent back, 3 left; it ended there: there is no topic "orders", from which the next one came\n',
      err: '',
    })
  })

  const HINT = '(feathermq --help lists all commands)\n'
  const wrong: readonly (readonly [args: string, err: string])[] = [
    [
      'group create a --retry exponential:1s,1h',
      "error: option '--retry <waits>' argument 'exponential:1s,1h' is invalid. Give the first wait, the longest and what each is multiplied by, e.g. exponential:1s,1h,2.",
    ],
    ['group reset a b --offsets 1', "error: option '--offsets <list>' argument '1' is invalid. Give queues and offsets, e.g. 0=120,3=7."],
    ['group redrive a --max 0', "error: option '--max <count>' argument '0' is invalid. Give a whole number, 1 or more."],
  ]
  for (const [args, err] of wrong) {
    it(`ends with code 2 and a sentence: ${args}`, async () => {
      assert.deepEqual(await captured(args.split(' ')), { code: 2, out: '', err: `${err}\n${HINT}` })
    })
  }
})

describe('a redrive of many dead letters', () => {
  /** A broker with so many dead letters, of which each call's die again. */
  function dying(letters: number) {
    const asked: number[] = []
    return {
      asked,
      call: (max: number) => {
        asked.push(max)
        return Promise.resolve({ moved: Math.min(max, letters), left: letters })
      },
    }
  }

  it('is done in calls that end in time, and sends none twice that dies again meanwhile', async () => {
    const { asked, call } = dying(2_500)
    assert.deepEqual(await redriveAll(call), { moved: 3_500, left: 2_500 })
    assert.deepEqual(asked, [1_000, 1_000, 1_000, 500])
  })

  it('is no more than was asked for', async () => {
    const { asked, call } = dying(2_500)
    assert.equal((await redriveAll(call, 1_200)).moved, 1_200)
    assert.deepEqual(asked, [1_000, 200])
  })

  it('ends where the broker says why, and where nothing moves', async () => {
    assert.deepEqual(await redriveAll(() => Promise.resolve({ moved: 7, left: 9_000, stopped: 'full' })), { moved: 7, left: 9_000, stopped: 'full' })
    assert.deepEqual(await redriveAll(() => Promise.resolve({ moved: 0, left: 9_000 })), { moved: 0, left: 9_000 })
  })
})
