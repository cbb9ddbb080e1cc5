import type { Clock } from '../clock.ts'
import type { Delivery } from '../delivery/delivery.ts'
import { DeliveryJournal } from '../delivery/durable/delivery-journal.ts'
import { DeliveryRecords } from '../delivery/durable/delivery-records.ts'
import type { Files } from '../files/files.ts'
import type { RegistryChange, TopicsAndGroups } from '../registry/registry.ts'
import { openState, type State } from '../state/open-state.ts'
import type { KeptCounts } from '../store/kept-messages.ts'
import { EndedRecords, emitEnded } from '../transactions/ended-records.ts'
import type { EndedTransaction, Transactions } from '../transactions/transactions.ts'
import { emitIdentity, firstIdentity, type Identity, readIdentity } from './identity.ts'
import { emitChange, emitDeferred, emitRegistry, RegistryRecords } from './registry-records.ts'

export interface BrokerStateOptions {
  readonly files: Files
  /** Made when it is not there. Nobody else may write to it: see {@link Files.lock}. */
  readonly folder: string
  readonly clock: Clock
  /** What failed in the background and has been dealt with. */
  readonly onFailure: (error: unknown) => void
}

/** Those of a broker whose state it is. */
export interface Parts {
  readonly registry: TopicsAndGroups
  readonly delivery: Delivery
  readonly transactions: Transactions
}

/**
 * What of a broker is no message and outlives the process: topics, groups, how far they have read, who holds what.
 *
 * After a kill it is exactly what it was when the last answer left. After a loss of power the last second of it may be missing, but no topic whose messages
 * were acknowledged: {@link topicsDurable}.
 */
export class BrokerState {
  readonly identity: Identity
  /** What there was when it was opened. */
  readonly registry: RegistryRecords
  readonly delivery: DeliveryRecords
  readonly transactions: EndedRecords
  readonly journal: DeliveryJournal
  readonly #state: State
  /** How many topics were made since it was opened, and how many of them are on disk for good. */
  readonly #topics = { made: 0, durable: 0 }
  readonly #deferred: { readonly counts: Map<number, KeptCounts>; readonly changed: Set<number> }
  #syncing: { readonly upTo: number; readonly done: Promise<void> } | undefined

  private constructor(state: State, identity: Identity, registry: RegistryRecords, delivery: DeliveryRecords, transactions: EndedRecords) {
    this.#state = state
    this.identity = identity
    this.registry = registry
    this.delivery = delivery
    this.transactions = transactions
    this.#deferred = { counts: registry.deferred, changed: new Set() }
    this.journal = new DeliveryJournal((type, bytes) => state.write(type, bytes))
  }

  /**
   * @throws {FormatError} for files of a newer version, or that are damaged.
   * @throws {FileError} when the disk fails.
   */
  static async open({ files, folder, clock, onFailure }: BrokerStateOptions): Promise<BrokerState> {
    const registry = new RegistryRecords()
    const delivery = new DeliveryRecords()
    const transactions = new EndedRecords()
    let last: Identity | undefined
    const state = await openState({
      files,
      folder,
      clock,
      onFailure,
      onRecord(type, bytes) {
        if (delivery.take(type, bytes) || registry.take(type, bytes) || transactions.take(type, bytes)) return
        last = readIdentity(type, bytes) ?? last
      },
    })
    const identity: Identity = last === undefined ? firstIdentity() : { ...last, epoch: last.epoch + 1 }
    emitIdentity(identity, (type, bytes) => state.write(type, bytes))
    // No two starts may give the same receipt handle to different deliveries, whatever is lost.
    try {
      await state.sync()
    } catch (error) {
      // Its journal would go on to try, and the next start in this process would find a history that is not its own.
      await state.close().catch(() => {})
      throw error
    }
    return new BrokerState(state, identity, registry, delivery, transactions)
  }

  /** What is damaged on the disk and was left out, as sentences. */
  get damage(): readonly string[] {
    return this.#state.damage
  }

  /** Why nothing more should be handed out at the moment; undefined when all is well. */
  get trouble(): string | undefined {
    const { health } = this.#state
    return health.healthy ? undefined : health.reason
  }

  /** From now on snapshots are taken of these, which have taken up what there was. */
  begin(parts: Parts): void {
    this.#state.begin((emit) => snapshot({ ...parts, identity: this.identity, deferred: this.#deferred.counts }, emit))
  }

  registryChanged(change: RegistryChange): void {
    emitChange(change, (type, bytes) => this.#state.write(type, bytes))
    if (change.kind === 'topic') this.#topics.made++
  }

  transactionEnded({ key, resolution }: EndedTransaction): void {
    emitEnded(key, resolution, (type, bytes) => this.#state.write(type, bytes))
  }

  /** So many messages of a topic are kept outside of its queues. */
  deferred(topicId: number, kept: KeptCounts): void {
    const { counts } = this.#deferred
    if (kept.delayed > 0 || kept.halves > 0) counts.set(topicId, kept)
    else counts.delete(topicId)
    if (this.#deferred.changed.size === 0) {
      // Thousands may become due at once.
      queueMicrotask(() => {
        for (const id of this.#deferred.changed)
          emitDeferred(id, counts.get(id) ?? { delayed: 0, halves: 0 }, (type, bytes) => this.#state.write(type, bytes))
        this.#deferred.changed.clear()
      })
    }
    this.#deferred.changed.add(topicId)
  }

  /** Resolves when all topics that there are survive a loss of power; undefined when they do. A message is as durable as its topic. */
  topicsDurable(): Promise<void> | undefined {
    const { made, durable } = this.#topics
    if (made === durable) return undefined
    if (this.#syncing?.upTo !== made) {
      const done = this.#state.sync().then(() => {
        this.#topics.durable = Math.max(this.#topics.durable, made)
      })
      this.#syncing = { upTo: made, done }
      // It is tried again for the next message.
      done.catch(() => {
        if (this.#syncing?.done === done) this.#syncing = undefined
      })
    }
    return this.#syncing?.done
  }

  sync(): Promise<void> {
    return this.#state.sync()
  }

  /** Writes and syncs what waits. */
  close(): Promise<void> {
    return this.#state.close()
  }
}

/** Small records in one go of a snapshot. */
const SLICE = 256

interface Source extends Parts {
  readonly identity: Identity
  readonly deferred: ReadonlyMap<number, KeptCounts>
}

function* snapshot(
  { identity, deferred, registry, delivery, transactions }: Source,
  emit: (type: number, bytes: Uint8Array) => void,
): Iterable<undefined> {
  emitIdentity(identity, emit)
  yield* emitRegistry(registry.topics(), registry.groups(), registry.nextTopic, emit)
  for (const [topicId, count] of deferred) emitDeferred(topicId, count, emit)
  let ended = 0
  for (const [key, resolution] of transactions.ended) {
    emitEnded(key, resolution, emit)
    if (++ended % SLICE === 0) yield undefined
  }
  yield* delivery.snapshot(new DeliveryJournal(emit))
}
