import type { AckMessageEntryInit, ChangeInvisibleDurationRequestInit, ForwardMessageToDeadLetterQueueRequestInit } from '@feathermq/protocol'
import { durationFromMs } from '@feathermq/protocol'
import { startInMemory } from '../calls.ts'
import { leased } from '../settling.ts'
import * as requests from './requests.ts'
import { downTo, type Row, type Table, upTo, type World } from './row.ts'

const OK = { code: 20_000 } as const
const DEAD = { code: 40_013, text: /expired, superseded, or not of this topic and group/ } as const
const HALF_A_DAY = 43_200_000
const NAMES = (topic: string): requests.Names => ({ topic: { name: topic }, group: { name: 'billing' } })

/** A delivery, as `topic|handle`. */
async function delivered({ broker, fresh }: World): Promise<string> {
  const topic = fresh('topic')
  const { receiptHandle } = await leased(broker.rawClient('billing'), topic, 'billing', { invisible: '10s' })
  return `${topic}|${receiptHandle}`
}

type Settling = 'AckMessage' | 'ChangeInvisibleDuration' | 'ForwardMessageToDeadLetterQueue'
const all: readonly Settling[] = ['AckMessage', 'ChangeInvisibleDuration', 'ForwardMessageToDeadLetterQueue']

function settle(rpc: Settling, { broker }: World, topic: string, receiptHandle: string, names = NAMES(topic)): Promise<requests.Answered> {
  switch (rpc) {
    case 'AckMessage':
      return requests.ack(broker, names, [{ receiptHandle }])
    case 'ChangeInvisibleDuration':
      return requests.change(broker, { ...names, receiptHandle, invisibleDuration: durationFromMs(30_000) })
    case 'ForwardMessageToDeadLetterQueue':
      return requests.forward(broker, { ...names, receiptHandle })
  }
}

/** What happened to the delivery, or to the handle, before it is settled. */
type Before = (world: World, topic: string, handle: string) => Promise<string> | string
type Line = readonly [differs: string, outcome: 'OK' | 'dead', before: Before]

const altered =
  (word: number, by: (text: string) => string): Before =>
  (_, __, handle) => {
    const words = handle.split(' ')
    return words.with(word - 1, by(words[word - 1] ?? '')).join(' ')
  }

const passed =
  (ms: number): Before =>
  async ({ broker }, _, handle) => {
    await broker.clock.advance(ms)
    return handle
  }

const after =
  (...rpcs: readonly Settling[]): Before =>
  async (world, topic, handle) => {
    for (const rpc of rpcs) await settle(rpc, world, topic, handle)
    return handle
  }

const replaced: Before = async (world, topic, handle) => String((await settle('ChangeInvisibleDuration', world, topic, handle)).gives[0])

const handleLines: readonly (readonly [rule: string, ...lines: readonly Line[]])[] = [
  [
    'a receipt handle is that of a delivery',
    ['the very one', 'OK', (_, __, handle) => handle],
    ['empty', 'dead', () => ''],
    ['a space', 'dead', () => ' '],
    ['garbage', 'dead', () => 'garbage'],
    ['that of a stock server', 'dead', () => '0 1795416335584 15000 2 0 broker-a 1 0 8897057'],
    ['one word less', 'dead', (_, __, handle) => handle.split(' ').slice(0, -1).join(' ')],
    ['one word more', 'dead', (_, __, handle) => `${handle} 0`],
    ['another slot', 'dead', altered(4, (slot) => `${Number(slot) + 1}`)],
    ['another broker', 'dead', altered(6, () => 'broker-z')],
    ['another queue', 'dead', altered(7, (queue) => `${Number(queue) + 1}`)],
    ['another offset', 'dead', altered(8, (offset) => `${Number(offset) + 1}`)],
  ],
  [
    'a receipt handle lives as long as the lease, here 10,000 ms',
    ['9,999 ms', 'OK', passed(9_999)],
    ['10,000 ms', 'dead', passed(10_000)],
    ['10,001 ms', 'dead', passed(10_001)],
  ],
  [
    'a receipt handle that a change of the lease replaced is dead, and the new one lives',
    ['the old one', 'dead', after('ChangeInvisibleDuration')],
    ['the new one', 'OK', replaced],
  ],
]

const handleRules = (rpc: Settling): readonly Row[] =>
  handleLines.flatMap(([rule, ...lines]) =>
    lines.map(([differs, outcome, before]): Row => {
      const code = outcome === 'OK' ? OK : DEAD
      return {
        rule,
        differs,
        ...code,
        entries: rpc === 'AckMessage' ? [code.code] : [],
        // A change may make topics and groups known; the row looks at what its own request leaves behind.
        prepare: async (world) => {
          const [topic = '', handle = ''] = (await delivered(world)).split('|')
          return `${topic}|${await before(world, topic, handle)}`
        },
        ask: (world, prepared) => {
          const [topic = '', handle = ''] = prepared.split('|')
          return settle(rpc, world, topic, handle)
        },
      }
    }),
  )

/** A row about a live delivery. */
function live(
  rule: string,
  differs: string,
  outcome: Pick<Row, 'code' | 'entries' | 'text'>,
  ask: (world: World, topic: string, handle: string) => Promise<requests.Answered>,
  before?: Before,
): Row {
  return {
    rule,
    differs,
    ...outcome,
    prepare: async (world) => {
      const [topic = '', handle = ''] = (await delivered(world)).split('|')
      await before?.(world, topic, handle)
      return `${topic}|${handle}`
    },
    ask: (world, prepared) => {
      const [topic = '', handle = ''] = prepared.split('|')
      return ask(world, topic, handle)
    },
  }
}

const foreign = (rpc: Settling): readonly Row[] => {
  const entries = rpc === 'AckMessage' ? [40_013] : []
  const rule = 'a receipt handle is of the topic and the group that the request names'
  return [
    live(rule, 'another topic', { ...DEAD, entries }, (world, _, handle) => settle(rpc, world, 'another', handle)),
    live(rule, 'another group', { ...DEAD, entries }, (world, topic, handle) =>
      settle(rpc, world, topic, handle, { topic: { name: topic }, group: { name: 'audit' } }),
    ),
  ]
}

/** What follows what. */
const sequels: readonly (readonly [rpc: Settling, ...lines: readonly (readonly [after: readonly Settling[], code: number])[]])[] = [
  ['AckMessage', [['AckMessage'], 20_000], [['AckMessage', 'AckMessage'], 20_000], [['ForwardMessageToDeadLetterQueue'], 20_000]],
  ['ChangeInvisibleDuration', [['AckMessage'], 40_013], [['ChangeInvisibleDuration'], 40_013], [['ForwardMessageToDeadLetterQueue'], 40_013]],
  ['ForwardMessageToDeadLetterQueue', [['ForwardMessageToDeadLetterQueue'], 20_000], [['AckMessage'], 20_000], [['ChangeInvisibleDuration'], 40_013]],
]

const sequelRules = (rpc: Settling): readonly Row[] =>
  sequels
    .filter(([of]) => of === rpc)
    .flatMap(([, ...lines]) =>
      lines.map(([before, code]) =>
        live(
          'what is settled stays so: to settle it again is OK while the lease would have run, to lease it again is not',
          `after ${before.join(', ')}`,
          { code, entries: rpc === 'AckMessage' ? [code] : [] },
          (world, topic, handle) => settle(rpc, world, topic, handle),
          after(...before),
        ),
      ),
    )

const ackRules: readonly Row[] = [
  live('an acknowledgement has an entry', 'none', { code: 40_000, text: /no entries/ }, ({ broker }, topic) =>
    requests.ack(broker, NAMES(topic), []),
  ),
  ...(
    [
      ['one that lives, twice', (handle) => [handle, handle], 20_000, [20_000, 20_000]],
      ['one that lives and one that does not', (handle) => [handle, 'garbage'], 30_000, [20_000, 40_013]],
      ['one that does not and one that lives', (handle) => ['', handle], 30_000, [40_013, 20_000]],
      ['two that do not live', () => ['garbage', ''], 40_013, [40_013, 40_013]],
      ['33 that do not live', () => Array.from({ length: 33 }, () => 'garbage'), 40_013, Array.from({ length: 33 }, () => 40_013)],
    ] as const satisfies readonly (readonly [string, (handle: string) => readonly string[], number, readonly number[]])[]
  ).map(([differs, handles, code, entries]) =>
    live('each entry is answered for itself; what is common to all stands over them', differs, { code, entries }, ({ broker }, topic, handle) =>
      requests.ack(
        broker,
        NAMES(topic),
        handles(handle).map((receiptHandle, index): AckMessageEntryInit => ({ messageId: `id-${index}`, receiptHandle })),
      ),
    ),
  ),
]

const change =
  (init: ChangeInvisibleDurationRequestInit) =>
  ({ broker }: World, topic: string, receiptHandle: string): Promise<requests.Answered> =>
    requests.change(broker, { ...NAMES(topic), receiptHandle, ...init })

const changeRules: readonly Row[] = [
  ...downTo(0, { taken: OK, code: 40_011 }).map(({ value, code }) =>
    live('an invisible duration is not negative, in ms', `${value}`, { code }, change({ invisibleDuration: durationFromMs(value) })),
  ),
  ...upTo(HALF_A_DAY, { taken: OK, code: 40_011 }).map(({ value, code }) =>
    live('an invisible duration is at most 12 h, in ms', `${value}`, { code }, change({ invisibleDuration: durationFromMs(value) })),
  ),
  live('an invisible duration is not negative, in ms', 'none, which is 0', OK, change({})),
  live('the duration is looked at before the handle', 'neither is right', { code: 40_011 }, ({ broker }, topic) =>
    requests.change(broker, { ...NAMES(topic), receiptHandle: 'garbage', invisibleDuration: durationFromMs(-1) }),
  ),
]

const forwardRules: readonly Row[] = [
  ...(
    [
      ['more attempts than there are', { deliveryAttempt: 99, maxDeliveryAttempts: 2 }],
      ['none of it', {}],
    ] as const satisfies readonly (readonly [string, ForwardMessageToDeadLetterQueueRequestInit])[]
  ).map(([differs, init]) =>
    live('what a consumer says of attempts and of the id does not matter', differs, OK, ({ broker }, topic, receiptHandle) =>
      requests.forward(broker, { ...NAMES(topic), receiptHandle, ...init }),
    ),
  ),
  {
    rule: 'a message is given up when there is memory for the copy',
    differs: 'there is none',
    code: 42_900,
    ask: async () => {
      await using broker = await startInMemory({ maxMemory: '1MiB' })
      const client = broker.rawClient()
      await client.send('orders', 'x'.repeat(600_000))
      const [message] = await client.receive('orders', 'billing')
      return await requests.forward(broker, { ...NAMES('orders'), receiptHandle: message?.receiptHandle })
    },
  },
]

const own = { AckMessage: ackRules, ChangeInvisibleDuration: changeRules, ForwardMessageToDeadLetterQueue: forwardRules }

export const settleTables: readonly Table[] = all.map((rpc) => ({
  rpc,
  rows: [...handleRules(rpc), ...foreign(rpc), ...sequelRules(rpc), ...own[rpc]],
}))
