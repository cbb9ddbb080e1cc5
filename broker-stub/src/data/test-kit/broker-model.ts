import assert from 'node:assert/strict'
import { timestampFromMs } from '@feathermq/protocol'
import { OptionError } from '../../options.ts'
import type { RawClient, RawMessage } from '../../testing/raw-client.ts'
import { type BrokerLife, BrokerWorld } from './broker-world.ts'

/** The state of a broker is synced a second after it changed; this long after, on the frozen clock, it is known to be. */
const SYNCED_AFTER = 2_500
const GROUPS = {
  billing: { maxAttempts: 1_000, start: 'first' },
  ledger: { ordered: true, maxAttempts: 1_000, start: 'first' },
  auditor: { start: 'first' },
} as const
export type GroupName = 'billing' | 'ledger'

interface Sent {
  readonly body: string
  readonly messageGroup: string | undefined
  readonly notBefore: number
  /** Its sender was told that it is stored. */
  readonly promised: boolean
}

interface Held {
  readonly message: RawMessage
  /** Wall time of its end. */
  readonly until: number
  readonly since: number
}

/** What one group has seen of one message. */
class Progress {
  /** Newest delivery. */
  held: Held | undefined
  /** Since when it is settled; its sender was told so. */
  settledAt: number | undefined
  attempt = 0
  /** It may have been handed out or settled without anyone knowing, or a loss of power may have taken some of what is known. */
  unsure = false
  /** Nobody was told whether the acknowledgement of this delivery counts: if it does, a later settling by the same handle is OK and does nothing. */
  perhapsAcknowledged = false
}

/** Clients of a broker that keep books about what they were told, through any number of its lives. */
export class BrokerModel {
  readonly world: BrokerWorld
  readonly #sent = new Map<string, Sent>()
  readonly #seen: Record<GroupName, Map<string, Progress>> = { billing: new Map(), ledger: new Map() }
  /** Handles that are good for nothing for ever. */
  readonly #dead: { readonly group: GroupName; readonly message: RawMessage }[] = []
  readonly #buried = new Set<string>()
  #life: BrokerLife | undefined
  #client: RawClient | undefined
  /** The state may not be synced though time has passed. */
  #troubled = false
  #everTroubled = false
  readonly counts = { delivered: 0, acknowledged: 0, refusedHandles: 0 }

  constructor(seed: number) {
    this.world = new BrokerWorld({ seed })
  }

  get #now(): number {
    return this.world.clock.now()
  }

  #progress(group: GroupName, body: string): Progress {
    const known = this.#seen[group].get(body)
    if (known !== undefined) return known
    const progress = new Progress()
    this.#seen[group].set(body, progress)
    return progress
  }

  /** Whatever stands in its way: a disk that fails is mended, a start that crashes is tried again. */
  async start(): Promise<void> {
    for (let tries = 0; this.#life === undefined; tries++) {
      assert.ok(tries < 50, 'it does not start')
      const before = this.world.disk.crashes
      try {
        this.#life = await this.world.start({ groups: GROUPS })
        if (this.#life.over) this.#ended()
      } catch (error) {
        if (this.world.disk.crashes > before) {
          this.#losses()
          continue
        }
        assert.ok(error instanceof OptionError, String(error))
        this.world.disk.heal()
      }
    }
    this.#client = this.#life.client()
    this.#crashesSeen = this.world.disk.crashes
    this.#troubled = false
  }

  #crashesSeen = 0
  /** When the present step began: at what moment of it a crash came, nobody knows. */
  #began = 0

  /** A crash came between. */
  #ended(): void {
    const errors = this.#life?.errors.length ?? 0
    this.#life?.bury()
    this.#life = undefined
    this.#losses(errors > 1)
  }

  /** @param inMemory the disk took the state neither to one file nor to the next: until the next try it is in memory, and a kill takes it as well. */
  #losses(inMemory = false): void {
    const kinds = this.world.disk.crashKinds.slice(this.#crashesSeen)
    this.#crashesSeen = this.world.disk.crashes
    if (!kinds.includes('power') && !inMemory) return
    for (const of of Object.values(this.#seen)) {
      for (const progress of of.values()) {
        const { settledAt, held } = progress
        const last = Math.max(settledAt ?? 0, held?.since ?? 0)
        if (this.#troubled || last > this.#began - SYNCED_AFTER) progress.unsure = true
      }
    }
  }

  /** Does one thing, and sees to it that a broker runs before and after. */
  async alive(run: () => Promise<void> | void): Promise<void> {
    if (this.#life === undefined) await this.start()
    this.#began = this.#now
    await run()
    if (this.#life?.over === true) this.#ended()
  }

  /** The answer to a call; `lost` when the broker died first, `failed` when the call did. */
  async #call<T>(ask: (client: RawClient) => Promise<T>): Promise<T | 'lost' | 'failed'> {
    const life = this.#life
    const client = this.#client
    if (life === undefined || client === undefined || life.over) return 'lost'
    let answer: T | 'lost' | 'failed' | undefined
    ask(client).then(
      (value) => {
        if (!life.over) answer ??= value
      },
      () => {
        answer ??= 'failed'
      },
    )
    for (let turn = 0; answer === undefined && !life.over; turn++) {
      assert.ok(turn < 5_000, 'a call is not answered')
      await new Promise((resolve) => setImmediate(resolve))
    }
    return life.over ? 'lost' : (answer ?? 'lost')
  }

  async send(messageGroup: string | undefined, wanted: number): Promise<void> {
    // A message is ordered or delayed.
    const delay = messageGroup === undefined ? wanted : 0
    const body = `${messageGroup ?? '-'}${this.#sent.size}`
    const notBefore = this.#now + delay
    const deliveryTimestamp = delay === 0 ? undefined : timestampFromMs(notBefore)
    const options = messageGroup === undefined ? { deliveryTimestamp } : { messageGroup }
    // Whether it is there when nobody answers, nobody knows.
    this.#sent.set(body, { body, messageGroup, notBefore: delay === 0 ? 0 : notBefore, promised: false })
    const answer = await this.#call((client) => client.send('orders', body, { messageId: body, ...options }))
    if (answer === 'OK') this.#sent.set(body, { body, messageGroup, notBefore: delay === 0 ? 0 : notBefore, promised: true })
    else assert.ok(['lost', 'failed', 'MASTER_PERSISTENCE_TIMEOUT', 'TOO_MANY_REQUESTS'].includes(String(answer)), String(answer))
  }

  async receive(group: GroupName, max: number, invisible: number): Promise<readonly RawMessage[]> {
    const answer = await this.#call((client) => client.receive('orders', group, { max, invisible }))
    if (typeof answer === 'string') {
      // What nobody saw may be held all the same.
      for (const { body } of this.#sent.values()) this.#progress(group, body).unsure = true
      return []
    }
    for (const message of answer) this.#received(group, message, invisible)
    if (group === 'ledger') this.#inOrder(answer)
    return answer
  }

  /** A delayed message may enter its queue once more where a disk that failed did not take it down that it had, and the end came before the next try. */
  #mayBeTwice({ notBefore }: Sent): boolean {
    return notBefore > 0 && this.#everTroubled
  }

  #received(group: GroupName, message: RawMessage, invisible: number): void {
    const { body, deliveryAttempt } = message
    const sent = this.#sent.get(body)
    assert.ok(sent !== undefined, `${body} was never sent`)
    assert.ok(this.#now >= sent.notBefore, `${body} came ${sent.notBefore - this.#now} ms before its time`)
    const progress = this.#progress(group, body)
    const { held, settledAt, attempt } = progress
    const unsure = progress.unsure || this.#mayBeTwice(sent)
    if (!unsure) {
      assert.equal(settledAt, undefined, `${body} was settled by ${group} and came again`)
      // What stands behind another message of its message group comes back with that one.
      const own = group === 'billing' || !this.#isBehind(sent)
      assert.ok(held === undefined || !own || this.#now >= held.until, `${body} came to ${group} while it was held`)
      assert.equal(deliveryAttempt, attempt + 1, `attempt of ${body} in ${group}`)
    } else assert.ok(deliveryAttempt >= 1)
    if (held !== undefined && !this.#mayBeTwice(sent)) this.#dead.push({ group, message: held.message })
    progress.held = { message, until: this.#now + invisible, since: this.#now }
    progress.attempt = deliveryAttempt
    progress.settledAt = undefined
    progress.unsure = false
    progress.perhapsAcknowledged = false
    this.counts.delivered++
  }

  /** Nothing is handed out of a message group while something before it is not settled, but what comes with it. */
  #inOrder(messages: readonly RawMessage[]): void {
    const here = new Set<string>()
    for (const { body } of messages) {
      here.add(body)
      const { messageGroup } = this.#sent.get(body) as Sent
      if (messageGroup === undefined) continue
      for (const before of this.#sent.values()) {
        if (before.body === body) break
        if (before.messageGroup !== messageGroup || !before.promised || here.has(before.body)) continue
        const { settledAt, unsure } = this.#progress('ledger', before.body)
        assert.ok(settledAt !== undefined || unsure, `${body} came before ${before.body} was settled`)
      }
    }
  }

  /** The deliveries of a group that might be settled; of a message group only the first. */
  #settleable(group: GroupName): readonly Progress[] {
    const first = new Set<string>()
    const found: Progress[] = []
    for (const { body, messageGroup } of this.#sent.values()) {
      const progress = this.#progress(group, body)
      if (progress.held === undefined || progress.settledAt !== undefined) continue
      if (group === 'ledger' && messageGroup !== undefined) {
        if (first.has(messageGroup)) continue
        first.add(messageGroup)
      }
      found.push(progress)
    }
    return found
  }

  #pick(group: GroupName, at: number): { readonly progress: Progress; readonly held: Held } | undefined {
    const all = this.#settleable(group)
    const progress = all[at % Math.max(1, all.length)]
    return progress?.held === undefined ? undefined : { progress, held: progress.held }
  }

  #settled(progress: Progress, held: Held, answer: unknown): void {
    if (answer === 'OK') {
      assert.ok(this.#now < held.until || progress.unsure, 'a lease that was over was acknowledged')
      progress.settledAt = this.#now
      // What was acknowledged behind something that is not settled returns with it, and a loss of power may have undone what was before.
      if (this.#followsUnsure(held.message.body)) progress.unsure = true
      this.counts.acknowledged++
      return
    }
    if (answer === 'INVALID_RECEIPT_HANDLE')
      assert.ok(progress.unsure || this.#now >= held.until, `the handle of ${held.message.body} is good and was refused`)
    else progress.unsure = true
  }

  /** Is there a message before it in its message group that the ordered group holds, or held, and has not settled? */
  #isBehind({ body, messageGroup }: Sent): boolean {
    if (messageGroup === undefined) return false
    for (const before of this.#sent.values()) {
      if (before.body === body) return false
      const { held, settledAt } = this.#progress('ledger', before.body)
      if (before.messageGroup === messageGroup && held !== undefined && settledAt === undefined) return true
    }
    return false
  }

  #followsUnsure(body: string): boolean {
    const messageGroup = this.#sent.get(body)?.messageGroup
    if (messageGroup === undefined) return false
    for (const before of this.#sent.values()) {
      if (before.body === body) return false
      if (before.messageGroup === messageGroup && this.#progress('ledger', before.body).unsure) return true
    }
    return false
  }

  async acknowledge(group: GroupName, at: number): Promise<void> {
    const picked = this.#pick(group, at)
    if (picked === undefined) return
    const { progress, held } = picked
    const answer = await this.#call((client) => client.ack('orders', group, held.message))
    if (answer === 'lost' || answer === 'failed') progress.perhapsAcknowledged = true
    this.#settled(progress, held, answer)
  }

  async deadLetter(at: number): Promise<void> {
    const picked = this.#pick('billing', at)
    if (picked === undefined) return
    const { progress, held } = picked
    const answer = await this.#call((client) => client.deadLetter('orders', 'billing', held.message))
    if (answer === 'OK' && !progress.perhapsAcknowledged) this.#buried.add(held.message.body)
    // A copy that could not be stored leaves the message for a later try, under no handle.
    this.#settled(progress, held, answer)
  }

  async change(group: GroupName, at: number, invisible: number): Promise<void> {
    const picked = this.#pick(group, at)
    if (picked === undefined) return
    const { progress, held } = picked
    const answer = await this.#call((client) => client.change('orders', group, held.message, invisible))
    if (typeof answer === 'string') progress.unsure = true
    else if (answer.code === 'OK') {
      assert.ok(this.#now < held.until || progress.unsure)
      this.#dead.push({ group, message: held.message })
      progress.held = { message: { ...held.message, receiptHandle: answer.receiptHandle }, until: this.#now + invisible, since: this.#now }
    } else this.#settled(progress, held, answer.code)
  }

  /** A handle that was replaced is refused, and so is one of which a word is not as it was. */
  async wrongHandle(at: number, word: number): Promise<void> {
    const held = this.#settleable('billing').flatMap((progress) => progress.held?.message ?? [])
    const sample = [...held.map((message) => ({ group: 'billing' as const, message })), ...this.#dead]
    const picked = sample[at % Math.max(1, sample.length)]
    if (picked !== undefined) {
      const { group, message } = picked
      const words = message.receiptHandle.split(' ')
      const receiptHandle = words.with(word % words.length, `${words[word % words.length]}0`).join(' ')
      await this.#refused(group, { ...message, receiptHandle })
    }
    const dead = this.#dead[at % Math.max(1, this.#dead.length)]
    // A loss of power may have taken the newer delivery, and brought back this one.
    if (dead !== undefined && !this.world.disk.crashKinds.includes('power')) await this.#refused(dead.group, dead.message)
  }

  async #refused(group: GroupName, message: RawMessage): Promise<void> {
    const answer = await this.#call((client) => client.ack('orders', group, message))
    if (answer === 'lost' || answer === 'failed') return
    assert.equal(answer, 'INVALID_RECEIPT_HANDLE', message.receiptHandle)
    this.counts.refusedHandles++
  }

  async advance(ms: number): Promise<void> {
    await this.world.clock.advance(ms)
  }

  crash(kind: 'kill' | 'power'): void {
    this.world.disk.crash(kind)
  }

  async stop(): Promise<void> {
    const life = this.#life
    if (life === undefined) return
    const failed = await life.stop().then(
      () => false,
      (error: unknown) => {
        assert.ok(this.world.disk.crashes > this.#crashesSeen || this.#troubled, String(error))
        return true
      },
    )
    if (life.over) this.#ended()
    // It said that its state could not be written.
    else if (failed) for (const of of Object.values(this.#seen)) for (const progress of of.values()) progress.unsure = true
    this.#life = undefined
  }

  /** The disk fails: from now on little can be said of what is synced. */
  trouble(): void {
    this.#everTroubled = true
    this.#troubled = true
  }

  /** Nothing stands in its way any more: everything that was promised comes, and is taken. */
  async finish(): Promise<void> {
    this.world.disk.heal()
    await this.alive(() => {})
    await this.alive(() => this.advance(1_000))
    if (this.#life === undefined) await this.start()
    // Every delay is over, and every lease, one that nobody knows of as well.
    await this.advance(3_600_000)
    for (const group of ['billing', 'ledger'] as const) {
      for (let rounds = 0; ; rounds++) {
        assert.ok(rounds < 500, 'it does not come to an end')
        const some = await this.receive(group, 32, 60_000)
        if (some.length === 0) break
        for (const message of some)
          this.#settled(
            this.#progress(group, message.body),
            this.#progress(group, message.body).held as Held,
            await this.#call((client) => client.ack('orders', group, message)),
          )
      }
      for (const { body, promised } of this.#sent.values()) {
        const { settledAt } = this.#progress(group, body)
        if (promised) assert.ok(settledAt !== undefined || this.#progress(group, body).unsure, `${body} was acknowledged and never came to ${group}`)
      }
    }
    await this.#everyOneIsThere()
    assert.deepEqual(this.world.disk.misuses, [])
  }

  async #everyOneIsThere(): Promise<void> {
    const drain = async (topic: string): Promise<string[]> => {
      const all: string[] = []
      for (let rounds = 0; rounds < 100; rounds++) {
        const some = await this.#call((client) => client.receive(topic, 'auditor', { max: 32, invisible: 3_600_000 }))
        if (typeof some === 'string' || some.length === 0) return all
        all.push(...some.map(({ body }) => body))
      }
      return all
    }
    const there = this.#sent.size === 0 ? [] : await drain('orders')
    const once = there.filter((body) => !this.#mayBeTwice(this.#sent.get(body) as Sent))
    assert.equal(new Set(once).size, once.length, `some are there twice: ${once}`)
    for (const { body, promised } of this.#sent.values()) if (promised) assert.ok(there.includes(body), `${body} was acknowledged and is gone`)
    for (const body of there) assert.ok(this.#sent.has(body), `${body} was never sent`)
    const buried = this.#buried.size === 0 ? [] : await drain('%DLQ%billing')
    for (const body of this.#buried) assert.ok(buried.includes(body), `the copy of ${body} is gone`)
  }

  close(): Promise<void> {
    return this.world.close()
  }
}
