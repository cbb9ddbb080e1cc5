import type { ConnectionEvent } from '@feathermq/transport'
import type { Clock } from '../clock.ts'
import type { DataEvent } from '../data/data-directory.ts'
import type { StoredMessage } from '../log/message-log.ts'
import type { Client, LostReason } from '../registry/clients.ts'
import type { RegistryChange } from '../registry/registry.ts'
import type { Group } from '../registry/types.ts'
import type { GivenUp } from '../transactions/transactions.ts'
import { dataEvents } from './data-events.ts'
import type { Logger } from './logger.ts'
import { Overload } from './overload.ts'
import { Repeats } from './repeats.ts'

/** Topics of a client that its line names. */
const MAX_TOPICS = 20

/** What a broker writes down: one line per change of its state. */
export class BrokerLog {
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #overload: Overload
  readonly #repeats: Repeats
  readonly #groups = new Set<string>()
  #listeningSince = 0

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
    this.#overload = new Overload(clock, logger)
    this.#repeats = new Repeats(clock)
  }

  starting(name: string): void {
    this.#logger.debug({ event: 'starting', name }, 'the broker starts')
  }

  listening(addresses: { readonly grpc: string; readonly http: string }): void {
    this.#listeningSince = this.#clock.monotonic()
    this.#logger.info({ event: 'listening', ...addresses }, 'the broker listens')
  }

  stopping(): void {
    this.#logger.info({ event: 'stopping' }, 'the broker answers what waits, then stops')
  }

  stopped(): void {
    this.#overload.close()
    this.#repeats.close()
    this.#logger.info({ event: 'stopped', durationMs: Math.round(this.#clock.monotonic() - this.#listeningSince) }, 'the broker has stopped')
  }

  /** Groups that are there already: of these only changes are told. */
  knows(groups: readonly Group[]): void {
    for (const { name } of groups) this.#groups.add(name)
  }

  registryChanged(change: RegistryChange): void {
    switch (change.kind) {
      case 'topic': {
        const { name, types, queues, origin } = change.topic
        this.#logger.info({ event: 'topic-created', topic: name, types, queues, origin }, `the topic ${name} was made`)
        break
      }
      case 'topic-removed':
        this.#logger.info({ event: 'topic-removed', topic: change.topic.name }, `the topic ${change.topic.name} was removed`)
        break
      case 'group': {
        const { name, ordered, maxAttempts, origin } = change.group
        const known = this.#groups.has(name)
        this.#groups.add(name)
        const fields = { event: known ? 'group-changed' : 'group-created', group: name, ordered, maxAttempts, origin }
        this.#logger.info(fields, `the group ${name} was ${known ? 'changed' : 'made'}`)
        break
      }
      case 'group-removed':
        this.#groups.delete(change.group.name)
        this.#logger.info({ event: 'group-removed', group: change.group.name }, `the group ${change.group.name} was removed`)
    }
  }

  /** A client has told what it is. */
  clientConnected(client: Client): void {
    this.#logger.info({ event: 'client-connected', ...about(client), address: client.address }, `the client ${client.id} is there`)
  }

  /** Of clients that never told what they are nothing is said. */
  clientLost(client: Client, reason: LostReason): void {
    if (client.settings === undefined) return
    this.#logger.info({ event: 'client-lost', ...about(client), reason }, `the client ${client.id} is gone`)
  }

  /** The connection was refused, or given up for what the client did. */
  connectionRefused({ code, reason, address }: ConnectionEvent): void {
    this.#logger.debug({ event: 'connection-refused', code, reason, address }, 'a connection was refused')
  }

  deadLettered({ message, group, attempts }: { readonly message: StoredMessage; readonly group: string; readonly attempts: number }): void {
    const { topic, messageId } = message
    this.#repeats.pass(`dead ${group}`, (times) => {
      const fields = { event: 'message-dead-lettered', topic, group, messageId, attempts, ...(times > 1 ? { times } : {}) }
      this.#logger.warn(fields, times > 1 ? `${times} messages, this one the last, went to %DLQ%${group}` : `a message went to %DLQ%${group}`)
    })
  }

  transactionGivenUp({ topic, messageId, transactionId, checks }: GivenUp): void {
    this.#repeats.pass(`given up ${topic}`, (times) => {
      const fields = { event: 'transaction-rolled-back', topic, messageId, transactionId, checks, ...(times > 1 ? { times } : {}) }
      const what = times > 1 ? `${times} transactions, this one the last, were` : 'a transaction was'
      this.#logger.warn(fields, `${what} rolled back: no producer of ${topic} said what was to become of it`)
    })
  }

  /** What happens to the data directory. */
  data(event: DataEvent): void {
    const { kind, ...rest } = event
    const [level, text] = dataEvents[kind]
    const { error, ...fields } = rest as Record<string, unknown>
    this.#repeats.pass(`data ${kind}`, (times) => {
      this.#logger[level]({ event: `data-${kind}`, ...fields, ...(error === undefined ? {} : { err: error }), ...(times > 1 ? { times } : {}) }, text)
    })
  }

  refused(rpc: string, code: string): void {
    this.#overload.refused(rpc, code)
  }

  /** Something that no client sees went wrong. */
  fault(err: unknown): void {
    this.#repeats.pass(`fault ${err instanceof Error ? err.message : err}`.slice(0, 200), (times) => {
      this.#logger.error({ event: 'fault', err, ...(times > 1 ? { times } : {}) }, 'something in the broker failed')
    })
  }
}

function about({ id, language, version, settings }: Client): object {
  const pubSub = settings?.pubSub
  return {
    clientId: id,
    kind: String(settings?.clientType ?? 'CLIENT_TYPE_UNSPECIFIED')
      .toLowerCase()
      .replaceAll('_', '-'),
    language,
    version,
    group: pubSub?.case === 'subscription' ? pubSub.value.group?.name : undefined,
    topics: (pubSub?.case === 'publishing' ? pubSub.value.topics : (pubSub?.value.subscriptions ?? []).map(({ topic }) => topic))
      .slice(0, MAX_TOPICS)
      .map((topic) => topic?.name),
  }
}
