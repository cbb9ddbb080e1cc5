import type { OfficialMessage, OfficialSend } from '../../support/official/calls.ts'
import { type OfficialClients, officialClients } from '../../support/official/clients.ts'
import { OfficialError } from '../../support/official/wire.ts'
import { text } from '../support/official-stage.ts'
import type { Clients, Language } from './languages.ts'
import type { Contents, Kind } from './servers.ts'

export const kinds: readonly Kind[] = ['NORMAL', 'FIFO', 'DELAY', 'TRANSACTION']

/** The topic of a kind; the consumer group has its name too. */
export const topicOf = ({ id }: Language, kind: Kind): string => `${kind.toLowerCase()}-${id}`

/** Where a client sends that is led past its sidecar. */
export const controlOf = ({ id }: Language): string => `control-${id}`

export function contentsFor(languages: readonly Language[]): Contents {
  const pairs = languages.flatMap((language) => kinds.map((kind) => [topicOf(language, kind), kind] as const))
  const controls = languages.map((language) => [controlOf(language), 'NORMAL'] as const)
  return {
    topics: Object.fromEntries([...pairs, ...controls]),
    groups: Object.fromEntries(pairs.map(([name, kind]) => [name, { ordered: kind === 'FIFO' }])),
  }
}

/** What is compared of a message. */
export type Seen = Pick<OfficialMessage, 'tag' | 'keys' | 'messageGroup'> & {
  readonly body: string
  readonly tenant: string | undefined
  readonly delayed: boolean
}

const full = { tag: 'created', keys: ['o-1'], properties: { tenant: 'ä' } } as const

/** What is sent of each kind, and which of it arrives. A transaction's `answer` is what its producer says of it when it is asked. */
const plans: Readonly<Record<Kind, { messages(): readonly Omit<OfficialSend, 'topic'>[]; readonly arrive: readonly number[] }>> = {
  NORMAL: { messages: () => [0, 1, 2].map((index) => ({ body: Buffer.from(`normal ${index}`), ...full })), arrive: [0, 1, 2] },
  FIFO: {
    messages: () => [0, 1, 2].map((index) => ({ body: Buffer.from(`ordered ${index}`), messageGroup: 'customer-7' })),
    arrive: [0, 1, 2],
  },
  DELAY: {
    // In whole seconds: the Python client sends no more.
    messages: () => [{ body: Buffer.from('delayed'), deliverAt: Math.ceil(Date.now() / 1_000) * 1_000 + 1_000, ...full }],
    arrive: [0],
  },
  TRANSACTION: {
    messages: () =>
      (['rollback', 'commit'] as const).flatMap((answer) =>
        ([answer, 'check'] as const).map((transaction) => ({
          body: Buffer.from(`${answer} by ${transaction}`),
          properties: { answer },
          transaction,
        })),
      ),
    arrive: [2, 3],
  },
}

/** Transactions that end: two by their producer, two when it was asked about them. */
export const transactions = 4

function seen({ body, tag, keys, messageGroup, properties, deliverAt }: OfficialMessage): Seen {
  return { body: text(body), tag, keys, messageGroup, tenant: properties['tenant'], delayed: deliverAt !== undefined }
}

export function expected(kind: Kind): readonly Seen[] {
  const { messages, arrive } = plans[kind]
  return messages()
    .filter((_, index) => arrive.includes(index))
    .map(({ body, tag = '', keys = [], messageGroup = '', properties, deliverAt }) => ({
      body: text(body),
      tag,
      keys,
      messageGroup,
      tenant: properties?.['tenant'],
      delayed: deliverAt !== undefined,
    }))
}

export function sent(kind: Kind): number {
  return plans[kind].messages().length
}

/**
 * The Python client receives without waiting for its settings to be known, and a stock proxy that does not know them yet refuses it with an error of its own.
 */
const TOO_EARLY = /"settings" is null/
/** Official clients give a call 3 s, which is not always enough for a busy machine. */
const TOO_LATE = /deadline|timed? ?out/i

/** Repeats a call of a client that came too early, or whose time was over; it may have had its effect then, so that messages come twice. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof OfficialError) || !(TOO_EARLY.test(error.message) || TOO_LATE.test(error.message))) throw error
    }
  }
}

/** The clients of a language at work behind a sidecar, all kinds of messages at once, because a stock server takes its time with each. */
export interface Journey {
  /** Rejects with a MissingPeer where the machine cannot run the clients. */
  readonly found: Promise<Clients>
  /** What consumers got, each body once, in the order of its first arrival. */
  readonly arrived: Readonly<Record<Kind, Promise<readonly Seen[]>>>
  /** Settles once all transactions that its producer ends are ended. */
  readonly ended: Promise<void>
  /** The processes of its clients, once all has arrived. All clients are still there. */
  readonly processes: Promise<readonly number[]>
  end(): Promise<void>
}

export function begin(language: Language, endpoints: string): Journey {
  const found = language.begin()
  const pids = new Set<number>()
  const kept = async <Client extends { readonly pid: number }>(starting: Promise<Client>): Promise<Client> => {
    const client = await starting
    pids.add(client.pid)
    return client
  }
  const { tls } = language
  const official = found.then(({ open }): OfficialClients => officialClients(open))
  // Servers ask the producers that named the topic about their transactions.
  const producing = official.then((clients) => kept(clients.producer({ endpoints, topic: topicOf(language, 'TRANSACTION'), tls })))

  const consume: Readonly<Record<'push' | 'simple', (kind: Kind, onMessage: (message: OfficialMessage) => boolean) => Promise<void>>> = {
    async push(kind, onMessage) {
      const topic = topicOf(language, kind)
      const consumer = await kept((await official).pushConsumer({ endpoints, topic, group: topic, tls }))
      for (let more = true; more; ) {
        const { message, answer } = await consumer.next()
        answer(true)
        more = onMessage(message)
      }
    },
    async simple(kind, onMessage) {
      const topic = topicOf(language, kind)
      const consumer = await kept((await official).simpleConsumer({ endpoints, topic, group: topic, tls }))
      for (let more = true; more; ) {
        for (const message of await patiently(() => consumer.receive(16, 60_000))) {
          await patiently(() => consumer.ack(message))
          more = onMessage(message)
        }
      }
    },
  }

  async function send(kind: Kind): Promise<void> {
    const producer = await producing
    for (const message of plans[kind].messages()) await patiently(() => producer.send({ topic: topicOf(language, kind), ...message }))
  }

  async function go(kind: Kind, how: 'push' | 'simple', sending = send(kind)): Promise<readonly Seen[]> {
    await sending
    const arrived = new Map<string, Seen>()
    await consume[how](kind, (message) => {
      const { body, ...rest } = seen(message)
      if (!arrived.has(body)) arrived.set(body, { body, ...rest })
      return arrived.size < plans[kind].arrive.length
    })
    return [...arrived.values()]
  }

  const ended = send('TRANSACTION')
  const arrived = {
    NORMAL: go('NORMAL', 'push'),
    FIFO: go('FIFO', 'push'),
    DELAY: go('DELAY', 'simple'),
    TRANSACTION: go('TRANSACTION', 'simple', ended),
  }
  const processes = Promise.all(Object.values(arrived)).then(() => [...pids])
  // Each test waits for its part; what fails before it does is no rejection that nobody handles.
  for (const part of [official, producing, ended, processes, ...Object.values(arrived)]) part.catch(() => {})
  return {
    found,
    arrived,
    ended,
    processes,
    async end() {
      const clients = await found.catch(() => undefined)
      await clients?.end()
    },
  }
}
