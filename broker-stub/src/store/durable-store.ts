import type { Clock, Timer } from '../clock.ts'
import type { Files } from '../files/files.ts'
import type { QueueIndex } from '../index/queue-index.ts'
import type { StoredMessage } from '../log/message-log.ts'
import { plainMessage } from '../log/plain-message.ts'
import type { LogRecord } from '../log/segments/record.ts'
import { DEFAULT_RETENTION } from '../log/segments/retention.ts'
import { SEGMENT_HEAD } from '../log/segments/segment-file.ts'
import type { SegmentLog } from '../log/segments/segment-log.ts'
import type { Flush } from '../log/segments/segment-writer.ts'
import type { StoredRecord } from '../log/segments/stored-record.ts'
import { tagHash } from '../log/segments/tag-hash.ts'
import type { AppendAnswer } from '../log/segments/types.ts'
import { DurableKept } from './durable-kept.ts'
import { DurableQueues, type QueuesHost } from './durable-queues.ts'
import { IndexSealer } from './index-sealer.ts'
import type { KeptMessages } from './kept-messages.ts'
import { beginPiece, type LogAndIndex, openLogAndIndex } from './log-and-index.ts'
import type { Appended, MessageStore, OnChange, Refused, StoredTopic, StoreStats, TopicQueues } from './message-store.ts'
import { PendingAppends } from './pending-appends.ts'
import { type Keeper, Retention } from './retention.ts'
import { Retries } from './retries.ts'
import type { StoreEvent, StoreListener } from './store-event.ts'
import type { TimedMessages } from './timed.ts'

/** How often it is looked for what is too old, at most. */
const RETENTION_EVERY = 60_000

export interface DurableStoreOptions {
  readonly files: Files
  /** Log and index are in folders of it. Nobody else may write there: see {@link Files.lock}. */
  readonly folder: string
  readonly clock: Clock
  /** All that there are; messages of others are dropped. */
  readonly topics: readonly StoredTopic[]
  /** What makes a message durable, default `'commit'`: that it is on disk. With `'os'` and an interval it is durable for this process alone. */
  readonly flush?: Flush | undefined
  /** Bytes, default 64 MiB. */
  readonly segmentSize?: number | undefined
  /** Messages go by whole segments, when all of one are older than `time` (ms, default 72 h, Infinity for ever) or beyond `size` (bytes on disk, default none). */
  readonly retention?: { readonly time?: number | undefined; readonly size?: number | undefined } | undefined
  /** Who needs messages beyond that. Default nobody. */
  readonly keeper?: Keeper | undefined
  /** Where delayed messages are kept. Without it they are refused. */
  readonly timed?: TimedMessages | undefined
  /** Bytes that may wait for the disk (default 64 MiB), of young messages in memory (16 MiB), of older ones (32 MiB), of index pages (8 MiB). */
  readonly memory?:
    | {
        readonly queued?: number | undefined
        readonly tail?: number | undefined
        readonly cache?: number | undefined
        readonly index?: number | undefined
      }
    | undefined
  readonly onEvent?: StoreListener | undefined
  /** Secrets of segments. */
  readonly random?: ((bytes: number) => Buffer) | undefined
}

export interface DurableStats extends StoreStats {
  readonly segments: number
  /** Bytes that wait for the disk. */
  readonly waiting: number
  /** Bytes of messages in memory, those that wait among them. */
  readonly cached: number
  /** Memory of the index. */
  readonly indexBytes: number
  /** Places where messages cannot be read. */
  readonly damaged: number
}

/**
 * Opens the store in a folder, which is made when there is none.
 * @throws {FormatError} for files of a newer version.
 * @throws {FileError} when what is there cannot be read.
 */
export async function openDurableStore(options: DurableStoreOptions): Promise<DurableStore> {
  const { files, folder, clock, flush, segmentSize, memory, random, onEvent } = options
  const began = clock.monotonic()
  const found = { cut: 0, skipped: 0 }
  const emit: StoreListener = (event) => {
    if (event.kind === 'torn') found.cut += event.length
    if (event.kind === 'damaged' && event.found === 'opening') found.skipped += event.length
    onEvent?.(event)
  }
  const opened = await openLogAndIndex({
    log: {
      files,
      folder: `${folder}/log`,
      clock,
      flush,
      segmentSize,
      maxQueued: memory?.queued,
      tail: memory?.tail,
      cache: memory?.cache,
      random,
      onEvent: emit,
    },
    indexFolder: `${folder}/index`,
    indexCache: memory?.index,
    topics: new Set(options.topics.map(({ id }) => id)),
    onProblem: (error) => emit({ kind: 'index-problem', error }),
  })
  const { segments, bytes } = opened.log.stats
  const { walked, droppedTopics } = opened
  emit({ kind: 'opened', durationMs: clock.monotonic() - began, segments, bytes, walked, ...found, droppedTopics })
  return new DurableStore(options, opened)
}

/** Messages on disk: the log holds them, the index knows their places. Get it from {@link openDurableStore}. */
export class DurableStore implements MessageStore {
  readonly copies: boolean = true
  /** The highest id of a topic that there was something of when it was opened: who lost track of topics must not give it to another. 0 for none. */
  readonly lastTopic: number
  readonly #log: SegmentLog
  readonly #index: QueueIndex
  readonly #pieces: number[]
  readonly #clock: Clock
  readonly #timed: TimedMessages | undefined
  readonly #kept: DurableKept
  readonly #maxBytes: number
  readonly #emit: StoreListener
  readonly #host: QueuesHost
  readonly #sealer: IndexSealer
  readonly #retention: Retention
  readonly #retries: Retries
  readonly #pending = new PendingAppends<DurableQueues>()
  /** All topics, by name; their queues once somebody asked for them. */
  readonly #known = new Map<string, StoredTopic>()
  readonly #queues = new Map<number, DurableQueues>()
  /** What the log is given; it keeps nothing of it. */
  readonly #record: { -readonly [Field in keyof LogRecord]: LogRecord[Field] } = {
    topicId: 0,
    queueId: 0,
    offset: 0,
    relocated: false,
    message: undefined as unknown as StoredMessage,
  }
  /** Up to where the log is known to the index. */
  #end: number
  #lastRun: number
  #timer: Timer | undefined
  #work: Promise<void> | undefined
  #rooms: (() => void)[] = []
  #closing: Promise<void> | undefined

  constructor(options: DurableStoreOptions, { log, index, pieces, lastTopic, kept }: LogAndIndex) {
    const { clock, retention, keeper, timed } = options
    const onEvent = options.onEvent ?? (() => {})
    this.#log = log
    this.#index = index
    this.#pieces = pieces
    this.lastTopic = lastTopic
    this.#clock = clock
    this.#timed = timed
    this.#emit = onEvent
    this.#end = log.end
    this.#lastRun = clock.monotonic()
    this.#maxBytes = retention?.size ?? Number.POSITIVE_INFINITY
    for (const topic of options.topics) this.#known.set(topic.name, topic)
    this.#retries = new Retries(clock, onEvent)
    this.#sealer = new IndexSealer(log, index, (error) => onEvent({ kind: 'index-problem', error }))
    this.#retention = new Retention({
      log,
      index,
      clock,
      policy: { maxAge: retention?.time ?? DEFAULT_RETENTION.maxAge, maxBytes: retention?.size },
      keeper,
      pieces,
      relocate: (record) => this.#relocate(record),
      room: () => new Promise((resolve) => this.#rooms.push(resolve)),
      roll: () => this.#roll(),
      seal: () => this.#seal(),
      onEvent,
    })
    this.#host = {
      log,
      index,
      get aged(): boolean {
        return !log.whole
      },
      append: (queues, queueId, offset, message) => this.#append(queues, queueId, offset, message),
      defer: (topic, message) => this.#defer(topic, message),
      deferred: (topicId) => timed?.count(topicId) ?? 0,
      readFailed: (topic, error) => this.#retries.readFailed(topic, error),
      misplaced: (topic, { queueId, offset, position }) => onEvent({ kind: 'misplaced', topic, queueId, offset, position }),
      tryAgain: (action) => this.#retries.later(action),
    }
    log.onCommitted((upTo) => this.#committed(upTo))
    log.onFailed((from) => {
      this.#pending.cut(from)
      this.#madeRoom()
      // Of a disk that is full of what is too old nothing else would ever be freed.
      this.#maintainSometimes()
    })
    this.#kept = new DurableKept({
      timed,
      enter: (topicId, message) => this.#enter(topicId, message),
      entered: kept,
      tryAgain: (action) => this.#retries.later(action),
    })
    timed?.start(
      (topicId, message, id) => this.#enter(topicId, message, id),
      (half, message) => this.#kept.due(half, message),
      (id) => this.#kept.hasEntered(id),
    )
    this.#kept.start()
    this.#arm()
  }

  openTopic(topic: StoredTopic, onChange: OnChange): TopicQueues {
    const known = this.#known.get(topic.name)
    // Its time is over, or it was made anew under its name.
    if (known !== undefined && known.id !== topic.id) this.dropTopic(topic.name)
    this.#known.set(topic.name, topic)
    const queues = this.#queuesOf(topic)
    queues.listen(onChange)
    return queues
  }

  dropTopic(name: string): void {
    const topic = this.#known.get(name)
    if (topic === undefined) return
    this.#known.delete(name)
    const queues = this.#queues.get(topic.id)
    if (queues !== undefined) {
      queues.dropped = true
      queues.listen(() => {})
    }
    this.#queues.delete(topic.id)
    this.#index.dropTopic(topic.id)
    this.#timed?.dropTopic(topic.id)
  }

  get kept(): KeptMessages {
    return this.#kept
  }

  get room(): number {
    return Math.max(0, Math.min(this.#log.room, this.#timed?.room ?? Number.POSITIVE_INFINITY))
  }

  get stats(): DurableStats {
    let messages = 0
    for (const { id, queues } of this.#known.values()) {
      for (let queueId = 0; queueId < queues; queueId++) {
        const { min, max } = this.#index.range(id, queueId)
        messages += max - min
      }
    }
    const { bytes, segments, queued, tail, cached, damaged } = this.#log.stats
    const { queueBytes, openBytes, cacheBytes } = this.#index.stats
    const indexBytes = queueBytes + openBytes + cacheBytes
    return { messages, bytes, maxBytes: this.#maxBytes, segments, waiting: queued, cached: tail + cached, indexBytes, damaged }
  }

  /** Removes now what is too old or too much. It happens by itself when a segment is full, and once a minute while messages come. */
  retain(): Promise<void> {
    this.#lastRun = this.#clock.monotonic()
    return this.#inTurn(() => this.#retention.run())
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#retention.close()
    this.#timer?.cancel()
    this.#retries.close()
    await this.#kept.close()
    await this.#timed?.close()
    await this.#log.close()
    this.#madeRoom()
    await this.#work
    // What is in no index file tells at the next start what was kept and has entered its queue.
    if (this.#kept.clean) await this.#sealer.sealAll()
    await this.#index.close()
  }

  #queuesOf(topic: StoredTopic): DurableQueues {
    const known = this.#queues.get(topic.id)
    if (known !== undefined) return known
    const queues = new DurableQueues(topic, this.#host)
    this.#queues.set(topic.id, queues)
    return queues
  }

  #defer(topic: StoredTopic, message: StoredMessage): Appended | undefined {
    if (message.deliverAt === undefined || message.deliverAt <= this.#clock.now()) return undefined
    return this.#timed?.defer(topic, message) ?? { kind: 'unavailable', reason: 'there is no place for delayed messages' }
  }

  #enter(topicId: number, message: StoredMessage, id: string | undefined = message.keptAs): Appended | { readonly kind: 'gone' } {
    const topic = this.#queues.get(topicId)?.topic ?? [...this.#known.values()].find(({ id }) => id === topicId)
    if (topic === undefined) return { kind: 'gone' }
    return this.#queuesOf(topic).enter({ ...plainMessage(message), storedAt: this.#clock.now(), keptAs: id })
  }

  #append(queues: DurableQueues, queueId: number, offset: number, message: StoredMessage): Extract<Appended, { kind: 'appended' }> | Refused {
    if (queues.dropped) return { kind: 'unavailable', reason: `the topic ${queues.name} is gone` }
    const answer = this.#put(queues.topic.id, queueId, offset, false, message)
    if (answer.kind !== 'appended') return answer
    const { position, length } = answer
    this.#pending.push(queues, queueId, offset, position, length, message.storedAt, tagHash(message.tag), message.bytes.length)
    return { kind: 'appended', queueId, offset, durable: this.#log.committed(position) }
  }

  #relocate(message: StoredRecord): AppendAnswer {
    const { topicId, queueId, offset } = message
    const answer = this.#put(topicId, queueId, offset, true, message)
    if (answer.kind === 'appended') this.#pending.push(undefined, queueId, offset, answer.position, answer.length, 0, 0, 0)
    return answer
  }

  #put(topicId: number, queueId: number, offset: number, relocated: boolean, message: StoredMessage): AppendAnswer {
    const record = this.#record
    record.topicId = topicId
    record.queueId = queueId
    record.offset = offset
    record.relocated = relocated
    record.message = message
    return this.#log.append(record)
  }

  /** Readers may see what lies before the position. */
  #committed(upTo: number): void {
    const changed: DurableQueues[] = []
    let begun = false
    this.#pending.take(upTo, (queues, queueId, offset, position, length, storedAt, hash, bytes) => {
      // Records of a segment follow each other without a gap; its first one lies behind its head.
      if (position !== this.#end) {
        beginPiece(this.#index, this.#pieces, position - SEGMENT_HEAD)
        begun = true
      }
      this.#end = position + length
      if (queues === undefined || queues.dropped) return
      if (!this.#index.add(queues.topic.id, queueId, offset, position, length, storedAt, hash)) {
        const error = new Error(`the index did not take offset ${offset} of queue ${queueId} of ${queues.name}`)
        this.#emit({ kind: 'index-problem', error })
        return
      }
      queues.committed(bytes)
      if (queues.dirty) return
      queues.dirty = true
      changed.push(queues)
    })
    for (const queues of changed) queues.changed()
    this.#madeRoom()
    if (begun) this.#maintain()
    else this.#maintainSometimes()
  }

  #maintainSometimes(): void {
    if (this.#timer === undefined) this.#arm()
    if (this.#clock.monotonic() >= this.#lastRun + RETENTION_EVERY) this.#maintain()
  }

  /** What is too old goes also where nothing comes any more. */
  #arm(): void {
    const { next } = this.#retention
    if (this.#closing !== undefined || next === undefined) return
    this.#timer = this.#clock.setTimer(
      () => {
        this.#timer = undefined
        this.#maintain()
      },
      // Not at once again after what could not be removed.
      Math.max(RETENTION_EVERY, next - this.#clock.now() + 1),
    )
  }

  async #roll(): Promise<void> {
    const base = await this.#log.roll().catch(() => undefined)
    if (base === undefined) return
    beginPiece(this.#index, this.#pieces, base)
    this.#end = Math.max(this.#end, base + SEGMENT_HEAD)
  }

  #madeRoom(): void {
    for (const resolve of this.#rooms.splice(0)) resolve()
  }

  /** A segment is full, or a minute is over. What it does itself gives no reason to begin again. */
  #maintain(): void {
    if (this.#work !== undefined || this.#closing !== undefined) return
    this.#lastRun = this.#clock.monotonic()
    void this.#inTurn(async () => {
      await this.#seal()
      await this.#retention.run()
      if (this.#timer === undefined) this.#arm()
    })
  }

  async #seal(): Promise<boolean> {
    await this.#kept.ended()
    await this.#timed?.settled()
    return this.#sealer.seal()
  }

  async #inTurn(action: () => Promise<void>): Promise<void> {
    const before = this.#work
    const work = (async () => {
      await before
      await action()
    })()
    const settled = work.then(
      () => {},
      (error: Error) => this.#emit({ kind: 'index-problem', error } satisfies StoreEvent),
    )
    this.#work = settled
    await settled
    if (this.#work === settled) this.#work = undefined
  }
}
