import type { SettingsInit } from '@feathermq/protocol'
import { headerNames } from '@feathermq/protocol'
import { consumerOf, openTelemetry, producerOf } from '../telemetry.ts'
import { keeping, looking, type NamingRpc, settling } from './names.ts'
import * as requests from './requests.ts'
import { type Row, type Table, upTo, type World } from './row.ts'

const OK = { code: 20_000 } as const
const NAMES: requests.Names = { topic: { name: 'orders' }, group: { name: 'readers' } }
const UNKNOWN = { code: 40_015, text: /send them on Telemetry first/ } as const

/** Settings of a client that publishes nothing and consumes nothing, which every broker takes. */
const idle = producerOf()

const lives: readonly NamingRpc[] = [
  { rpc: 'Heartbeat', passes: { code: 40_015 }, ask: (broker, { group }, options) => requests.heartbeat(broker, { group }, options) },
  { rpc: 'NotifyClientTermination', passes: { code: 40_015 }, ask: (broker, { group }, options) => requests.terminate(broker, { group }, options) },
  { rpc: 'Telemetry', passes: OK, ask: (broker, _, options) => requests.settle(broker, idle, options) },
]

/** Of whoever calls, whatever for. */
const callerRules = ({ passes, ask }: NamingRpc): readonly Row[] => {
  const as =
    (options: requests.CallOptions) =>
    ({ broker }: World) =>
      ask(broker, NAMES, options)
  return [
    { rule: 'a client says who it is', differs: 'not at all', code: 40_017, text: /x-mq-client-id/, ask: as({ clientId: '' }) },
    { rule: 'a client says who it is', differs: 'an empty id', code: 40_017, ask: as({ clientId: '', headers: [[headerNames.clientId, '']] }) },
    ...upTo(512, { taken: passes, code: 40_000 }).map(
      ({ value, code, entries }): Row => ({
        rule: 'the id of a client has at most 512 characters',
        differs: `${value}`,
        code,
        entries,
        ask: as({ clientId: 'c'.repeat(value) }),
      }),
    ),
    ...['KLINGON', 'NODE_JS', ''].map(
      (language): Row => ({
        rule: 'the language of a client does not matter',
        differs: `"${language}"`,
        ...passes,
        ask: ({ broker, fresh }) => ask(broker, NAMES, { clientId: fresh('client'), headers: [[headerNames.language, language]] }),
      }),
    ),
  ]
}

/** A client whose settings are known, and whose Telemetry stays open: its id. */
const settled =
  (settings: SettingsInit) =>
  async ({ broker, fresh }: World): Promise<string> => {
    const clientId = fresh('client')
    const stream = await openTelemetry(broker, { clientId })
    await stream.settle(settings)
    return clientId
  }

const consumer = settled(consumerOf('orders', 'readers'))
const producer = settled(producerOf('orders'))

type Life = typeof requests.heartbeat

const lifeRules = (life: Life): readonly Row[] => {
  const of =
    (group: string | undefined) =>
    ({ broker }: World, clientId: string) =>
      life(broker, group === undefined ? {} : { group: { name: group } }, { clientId })
  const rule = 'the settings of a client are known before it lives or ends'
  const named = 'a consumer that names its group names a legal one'
  return [
    { rule, differs: 'of a consumer', ...OK, prepare: consumer, ask: of('readers') },
    { rule, differs: 'of a producer', ...OK, prepare: producer, ask: of(undefined) },
    { rule, differs: 'of nobody', ...UNKNOWN, ask: ({ broker, fresh }) => life(broker, {}, { clientId: fresh('client') }) },
    {
      rule,
      differs: 'of a client whose Telemetry is open, but said nothing yet',
      ...UNKNOWN,
      prepare: async ({ broker, fresh }) => {
        const clientId = fresh('client')
        await openTelemetry(broker, { clientId })
        return clientId
      },
      ask: of('readers'),
    },
    {
      rule,
      differs: 'of a client that has ended already',
      ...UNKNOWN,
      prepare: async (world) => {
        const clientId = await consumer(world)
        await requests.terminate(world.broker, { group: { name: 'readers' } }, { clientId })
        return clientId
      },
      ask: of('readers'),
    },
    {
      rule,
      differs: 'of nobody, whose group is not legal',
      ...UNKNOWN,
      ask: ({ broker, fresh }) => life(broker, { group: { name: 'a b' } }, { clientId: fresh('client') }),
    },
    { rule: named, differs: 'none, for the settings name it', ...OK, prepare: consumer, ask: of(undefined) },
    { rule: named, differs: 'a blank one', code: 40_003, prepare: consumer, ask: of(' ') },
    { rule: named, differs: 'a space in it', code: 40_003, prepare: consumer, ask: of('bad group') },
    { rule: named, differs: '120 characters', ...OK, prepare: consumer, ask: of('g'.repeat(120)) },
    { rule: named, differs: '121 characters', code: 40_003, prepare: consumer, ask: of('g'.repeat(121)) },
    { rule: named, differs: 'one of the system', code: 40_003, prepare: consumer, ask: of('DEFAULT_CONSUMER') },
    { rule: named, differs: 'a producer, which has none', ...OK, prepare: producer, ask: of('a b') },
  ]
}

const withType = (clientType: NonNullable<SettingsInit['clientType']>): SettingsInit => ({ ...consumerOf('orders', 'readers'), clientType })

const settingsRules: readonly Row[] = (
  [
    ['settings are those of a producer or of a consumer', 'of a producer', producerOf('orders'), 20_000],
    ['settings are those of a producer or of a consumer', 'of a producer of nothing yet', producerOf(), 20_000],
    ['settings are those of a producer or of a consumer', 'of a push consumer', withType('PUSH_CONSUMER'), 20_000],
    ['settings are those of a producer or of a consumer', 'of a simple consumer', withType('SIMPLE_CONSUMER'), 20_000],
    ['settings are those of a producer or of a consumer', 'of neither', { clientType: 'PRODUCER' }, 'INVALID_ARGUMENT'],
    ['a consumer is of a type that consumes here', 'PRODUCER', withType('PRODUCER'), 'INTERNAL'],
    ['a consumer is of a type that consumes here', 'PULL_CONSUMER', withType('PULL_CONSUMER'), 'INTERNAL'],
    ['a consumer is of a type that consumes here', 'LITE_PUSH_CONSUMER', withType('LITE_PUSH_CONSUMER'), 'INTERNAL'],
    ['a consumer is of a type that consumes here', 'LITE_SIMPLE_CONSUMER', withType('LITE_SIMPLE_CONSUMER'), 'INTERNAL'],
    ['a consumer is of a type that consumes here', 'none', withType('CLIENT_TYPE_UNSPECIFIED'), 'INTERNAL'],
    ['the topics of a producer are legal', 'the last is not', producerOf('orders', 'a b'), 'INVALID_ARGUMENT'],
    [
      'the topics of a producer are legal',
      'the last is of the system, the first nobody knows yet',
      producerOf('nobody-knows-it', 'TBW102'),
      'INVALID_ARGUMENT',
    ],
  ] as const satisfies readonly (readonly [string, string, SettingsInit, number | string])[]
).map(([rule, differs, settings, code]) => ({
  rule,
  differs,
  code,
  ask: ({ broker, fresh }) => requests.settle(broker, settings, { clientId: fresh('client') }),
}))

const filterRules: readonly Row[] = (['SQL', 'TAG'] as const).flatMap((type): readonly Row[] => {
  const wrong = type === 'SQL' ? 'amount >' : '||'
  const right = type === 'SQL' ? 'amount > 1' : 'a || b'
  return [right, wrong].map(
    (expression): Row => ({
      rule: 'a filter can be read, or the status beside the settings says why not',
      differs: `${type}, ${expression}`,
      code: expression === right ? 20_000 : 40_010,
      ask: async ({ broker, fresh }) => {
        const answered = await requests.settle(broker, consumerOf('orders', 'readers', {}, { type, expression }), { clientId: fresh('client') })
        // The settings come all the same, so that clients that look for them alone start.
        return { ...answered, gives: answered.gives.length === 1 ? [] : ['no settings'] }
      },
    }),
  )
})

/** Who calls, and what lives and ends. */
export const clientTables: readonly Table[] = [
  ...[...looking, ...settling, ...keeping, ...lives].map((rpc) => ({ rpc: rpc.rpc, rows: callerRules(rpc) })),
  { rpc: 'Heartbeat', rows: lifeRules(requests.heartbeat) },
  { rpc: 'NotifyClientTermination', rows: lifeRules(requests.terminate) },
  { rpc: 'Telemetry', rows: [...settingsRules, ...filterRules] },
]
