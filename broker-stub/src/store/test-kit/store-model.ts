import assert from 'node:assert/strict'
import type { StoredMessage } from '../../log/message-log.ts'
import { plainMessage } from '../../log/plain-message.ts'
import type { Flush } from '../../log/segments/segment-writer.ts'
import { noise } from '../../log/segments/test-kit/messages.ts'
import { stored } from '../../log/test-kit/stored.ts'
import type { QueueEntry, StoredTopic } from '../message-store.ts'
import type { Keeper } from '../retention.ts'
import { turns } from './appending.ts'
import { DurableWorld, type Life } from './durable-world.ts'
import { Reading } from './reading.ts'

const HOUR = 3_600_000
const KEPT = 72 * HOUR
const NAMES = ['orders', 'payments'] as const
const QUEUES = 2

interface Sent {
  readonly message: StoredMessage
  /** `unknown`: its sender was told nothing, or that it was not stored. */
  fate: 'unknown' | 'failed' | 'durable'
}

interface Held {
  readonly topicId: number
  readonly entry: QueueEntry
  readonly message: StoredMessage
}

/** A durable store, and what is to be expected of it: every message that was sent, by queue and offset, and what its sender was told. */
export class StoreModel implements Keeper {
  readonly world: DurableWorld
  #life: Life | undefined
  #readings = new Map<number, Reading>()
  #crashes = 0
  #topics: StoredTopic[] = NAMES.map((name, at) => ({ id: at + 1, name, queues: QUEUES }))
  #nextTopic = NAMES.length + 1
  #messages = 0
  /** By `topic id/queue/offset`; more than one where an offset was given again. */
  readonly #sent = new Map<string, Sent[]>()
  /** What a reader saw there. */
  readonly #seen = new Map<string, string>()
  #held: Held[] = []

  readonly #flush: Flush
  #powerLosses = 0

  constructor(seed: number, flush: Flush = 'commit') {
    this.world = new DurableWorld({ seed })
    this.#flush = flush
  }

  get #store() {
    assert.ok(this.#life !== undefined)
    return this.#life.store
  }

  // ── what it keeps of messages whose time is over ──

  *keep(base: number, end: number): Iterable<QueueEntry> {
    for (const { entry } of this.#held) if (entry.position >= base && entry.position < end) yield entry
  }

  moved(entry: QueueEntry, position: number, length: number): void {
    // Told by a process that has ended since: it cannot have.
    assert.equal(this.world.disk.crashes, this.#crashes)
    this.#held = this.#held.map((held) => (held.entry === entry ? { ...held, entry: { ...entry, position, length } } : held))
  }

  // ── steps ──

  /** Opens it, as often as it takes: a process may end at any moment. */
  async open(): Promise<void> {
    for (let attempt = 0; attempt < 10; attempt++) {
      this.#crashes = this.world.disk.crashes
      for (const reading of this.#readings.values()) reading.end()
      this.#forgive()
      try {
        this.#life = await this.world.open(this.#topics, { keeper: this, retention: {}, timed: undefined, flush: this.#flush })
        this.#readings = new Map(this.#topics.map((topic) => [topic.id, new Reading(this.#store, topic)]))
        await this.alive(() => this.check())
      } catch (error) {
        if (this.world.disk.crashes === this.#crashes) throw error
      }
      if (this.world.disk.crashes === this.#crashes) return
      this.world.disk.heal()
    }
    throw new Error('it cannot be opened')
  }

  /** Where senders do not wait for the disk, a loss of power takes what it likes of what was not synced. */
  #forgive(): void {
    const losses = this.world.disk.crashKinds.filter((kind) => kind === 'power').length
    if (losses === this.#powerLosses || this.#flush === 'commit') return
    this.#powerLosses = losses
    for (const all of this.#sent.values()) for (const sent of all) sent.fate = 'unknown'
    this.#seen.clear()
    this.#held = []
  }

  /** Does something until it is done or the process ends: what waits for a process that ended waits for ever, and what it does wrong is no fault. */
  async alive(action: () => Promise<void> | void): Promise<void> {
    const { disk } = this.world
    const { crashes } = disk
    let over = false
    const done = (async () => {
      try {
        await action()
      } catch (error) {
        if (disk.crashes === crashes) throw error
      } finally {
        over = true
      }
    })()
    while (!over && disk.crashes === crashes) await turns(1)
    if (over) await done
    else done.catch(() => {})
  }

  append(at: number, messageGroup: string | undefined, size: number, count: number): void {
    const topic = this.#topics[at % this.#topics.length] as StoredTopic
    const crashes = this.#crashes
    for (let i = 0; i < count; i++) {
      const number = ++this.#messages
      const bytes = noise(size, number)
      const places = { systemPropertiesStart: 0, systemPropertiesEnd: 0, bodyStart: 0, bodyEnd: size }
      const storedAt = this.world.clock.now()
      const message = { ...stored({ topic: topic.name, messageId: `m${number}`, tag: `t${number % 3}`, messageGroup, storedAt }), bytes, ...places }
      const answer = (this.#readings.get(topic.id) as Reading).queues.append(message)
      if (answer.kind !== 'appended') continue
      const sent: Sent = { message, fate: 'unknown' }
      const place = placeOf(topic.id, answer.queueId, answer.offset)
      for (const other of this.#sent.get(place) ?? []) assert.notEqual(other.fate, 'durable', `${place} was given twice`)
      this.#sent.set(place, [...(this.#sent.get(place) ?? []), sent])
      const alive = (): boolean => this.world.disk.crashes === crashes
      answer.durable?.then(
        () => {
          if (alive()) sent.fate = 'durable'
        },
        () => {
          if (alive()) sent.fate = 'failed'
        },
      )
    }
  }

  async hold(at: number, queueId: number, offset: number): Promise<void> {
    const topic = this.#topics[at % this.#topics.length] as StoredTopic
    const reading = this.#readings.get(topic.id) as Reading
    const { min, max } = reading.queues.range(queueId)
    const entry = await reading.next(queueId, min + (offset % Math.max(1, max - min)))
    const message = entry === undefined ? 'gone' : await reading.fetch(entry)
    if (entry !== undefined && message !== 'gone') this.#held.push({ topicId: topic.id, entry, message: copyOf(message) })
  }

  release(at: number): void {
    this.#held.splice(at % Math.max(1, this.#held.length), 1)
  }

  async retain(hours: number): Promise<void> {
    await this.world.clock.advance(hours * HOUR)
    await this.#store.retain()
  }

  dropTopic(at: number): void {
    const index = at % this.#topics.length
    const { id, name } = this.#topics[index] as StoredTopic
    this.#store.dropTopic(name)
    this.#held = this.#held.filter(({ topicId }) => topicId !== id)
    const topic = { id: this.#nextTopic++, name, queues: QUEUES }
    this.#topics[index] = topic
    this.#readings.delete(id)
    this.#readings.set(topic.id, new Reading(this.#store, topic))
  }

  async stop(): Promise<void> {
    await this.alive(() => this.#store.close())
    if (this.world.disk.crashes !== this.#crashes) return
    await this.open()
  }

  /** After each step: goes on as a new process where the step ended this one. */
  async settle(): Promise<void> {
    await turns(3)
    if (this.world.disk.crashes === this.#crashes) return
    this.world.disk.heal()
    await this.open()
  }

  // ── what must be ──

  async check(): Promise<void> {
    for (const topic of this.#topics) for (let queueId = 0; queueId < QUEUES; queueId++) await this.#checkQueue(topic.id, queueId)
    for (const { topicId, entry, message } of this.#held) {
      const found = await (this.#readings.get(topicId) as Reading).fetch(entry)
      assert.ok(found !== 'gone', `${message.messageId} is needed and gone`)
      assertSame(found, message)
    }
  }

  async #checkQueue(topicId: number, queueId: number): Promise<void> {
    const reading = this.#readings.get(topicId) as Reading
    const { min, max } = reading.queues.range(queueId)
    const found = new Set<number>()
    for (const { entry, message } of await reading.all(queueId)) {
      const { offset } = entry
      const place = placeOf(topicId, queueId, offset)
      const sent = this.#sent.get(place)?.find((each) => each.message.messageId === message.messageId)
      assert.ok(sent !== undefined, `${message.messageId} at ${place} was never sent there`)
      assertSame(message, sent.message)
      assert.equal(this.#seen.get(place) ?? message.messageId, message.messageId, `another message was seen at ${place}`)
      assert.ok(offset >= min && offset < max)
      this.#seen.set(place, message.messageId)
      found.add(offset)
      // Who has seen it may count on it as well.
      assert.ok(sent.fate !== 'failed' || this.#crashes > 0, `${message.messageId} was not stored, its sender was told`)
      sent.fate = 'durable'
    }
    for (const [place, all] of this.#sent) {
      const [topic, queue, offset = 0] = place.split('/').map(Number)
      if (topic !== topicId || queue !== queueId || found.has(offset)) continue
      for (const { message, fate } of all) {
        const old = message.storedAt < this.world.clock.now() - KEPT
        assert.ok(fate !== 'durable' || (old && offset < min), `${message.messageId} at ${place} is lost; the queue has ${min} to ${max}`)
        assert.ok(fate !== 'durable' || max > offset, `${place} would be given again`)
      }
    }
  }
}

function placeOf(topicId: number, queueId: number, offset: number): string {
  return `${topicId}/${queueId}/${offset}`
}

function copyOf(message: StoredMessage): StoredMessage {
  return { ...plainMessage(message), bytes: Uint8Array.from(message.bytes) }
}

function assertSame(actual: StoredMessage, expected: StoredMessage): void {
  const { bytes, ...fields } = plainMessage(actual)
  const { bytes: expectedBytes, ...expectedFields } = plainMessage(expected)
  assert.deepEqual(fields, expectedFields)
  assert.ok(Buffer.compare(bytes, expectedBytes) === 0, `the bytes of ${actual.messageId} are not those that were sent`)
}
