import assert from 'node:assert/strict'
import { type BrokerLife, BrokerWorld } from '../../data/test-kit/broker-world.ts'
import { begin, delayed, end, type Half, recall } from '../../handlers/test-kit/kept.ts'
import { OptionError } from '../../options.ts'
import type { RawClient } from '../../testing/raw-client.ts'

export type Resolution = 'COMMIT' | 'ROLLBACK'

/** A transaction as its producer knows it. */
interface Begun {
  readonly half: Half
  /** What the broker was asked to do with it, whether or not it answered. */
  readonly asked: Set<Resolution>
  /** What it answered that it did, and when. */
  ended: { readonly resolution: Resolution; readonly at: number } | undefined
}

/** A delayed message as its producer knows it. */
interface Delayed {
  readonly id: string
  readonly handle: string
  readonly at: number
  recallAsked: boolean
  recalled: boolean
}

const OK = 20_000
const UNKNOWN = 40_008
const LATE = 40_000
/** Not now: the disk takes nothing. */
const REFUSED = [42_900, 50_401]

/** Producers of transactions and delayed messages that keep books about what they were told, through any number of lives of a broker. */
export class KeptModel {
  readonly world: BrokerWorld
  readonly counts = { committed: 0, rolledBack: 0, recalled: 0, checks: 0, seen: 0 }
  readonly #begun: Begun[] = []
  readonly #byMessage = new Map<string, Begun>()
  readonly #delayed = new Map<string, Delayed>()
  /** Sends that nobody answered: their messages may be there, as halves. */
  readonly #lost = new Set<string>()
  #life: BrokerLife | undefined
  #client: RawClient | undefined
  #sent = 0
  #readers = 0
  #crashesSeen = 0

  constructor(seed: number) {
    this.world = new BrokerWorld({ seed })
  }

  get #now(): number {
    return this.world.clock.now()
  }

  /** Whatever stands in its way: a disk that fails is mended, a start that crashes is tried again. */
  async start(): Promise<void> {
    for (let tries = 0; this.#life === undefined; tries++) {
      assert.ok(tries < 50, 'it does not start')
      const before = this.world.disk.crashes
      try {
        const life = await this.world.start({ transactions: { firstCheck: '5s', checkInterval: '20s', maxChecks: 60 } })
        if (life.over) life.bury()
        else this.#life = life
      } catch (error) {
        if (this.world.disk.crashes > before) continue
        assert.ok(error instanceof OptionError, String(error))
        this.world.disk.heal()
      }
    }
    this.#crashesSeen = this.world.disk.crashes
    this.#client = this.#life.client()
    void this.#listen(this.#life).catch(() => {})
  }

  /** Does one thing, and sees to it that a broker runs before it. */
  async alive(run: () => Promise<void> | void): Promise<void> {
    if (this.#life === undefined) await this.start()
    await run()
    if (this.#life?.over !== true) return
    this.#life.bury()
    this.#life = undefined
  }

  /** What is asked about has not ended. */
  async #listen(life: BrokerLife): Promise<void> {
    const { next } = await life
      .client('asked')
      .telemetry({ clientType: 'PRODUCER', pubSub: { case: 'publishing', value: { topics: [{ name: 'orders' }] } } })
    for (;;) {
      const { command } = await next()
      if (command?.case !== 'recoverOrphanedTransactionCommand' || life.over) continue
      const id = command.value.message?.systemProperties?.messageId ?? ''
      const begun = this.#byMessage.get(id)
      // It may have been on its way when the transaction ended.
      const ended = begun?.ended !== undefined && begun.ended.at < this.#now
      this.#violation ??= ended ? `${id} was asked about after it had ended with ${begun.ended?.resolution}` : undefined
      if (begun !== undefined) this.#violation ??= begun.half.transactionId === command.value.transactionId ? undefined : `${id} has another id`
      this.counts.checks++
    }
  }

  #violation: string | undefined

  /** The answer to a call; `lost` when the broker died first, or the call failed. */
  async #call<T>(ask: (client: RawClient) => Promise<T>): Promise<T | 'lost'> {
    const life = this.#life
    const client = this.#client
    if (life === undefined || client === undefined || life.over) return 'lost'
    let answer: T | 'lost' | undefined
    ask(client).then(
      (value) => {
        if (!life.over) answer ??= value
      },
      () => {
        answer ??= 'lost'
      },
    )
    for (let turn = 0; answer === undefined && !life.over; turn++) {
      assert.ok(turn < 5_000, 'a call is not answered')
      await new Promise((resolve) => setImmediate(resolve))
    }
    return answer ?? 'lost'
  }

  async begin(size: number): Promise<void> {
    const messageId = `t${this.#sent++}`
    const half = await this.#call((client) => begin(client, 'orders', messageId.padEnd(size, '.'), { messageId }))
    if (half === 'lost') {
      this.#lost.add(messageId)
      return
    }
    const begun: Begun = { half, asked: new Set(), ended: undefined }
    this.#begun.push(begun)
    this.#byMessage.set(messageId, begun)
  }

  /** Ends one of the last, several times at once. */
  async end(at: number, resolutions: readonly Resolution[]): Promise<void> {
    const begun = this.#begun.at(-1 - (at % Math.max(1, this.#begun.length)))
    if (begun !== undefined) await Promise.all(resolutions.map((resolution) => this.#end(begun, resolution)))
  }

  async #end(begun: Begun, resolution: Resolution): Promise<void> {
    const { asked, half } = begun
    const before = begun.ended
    const other = resolution === 'COMMIT' ? 'ROLLBACK' : 'COMMIT'
    asked.add(resolution)
    const answer = await this.#call((client) => end(client, half, resolution))
    if (answer === 'lost' || REFUSED.includes(answer.code)) return
    if (answer.code === UNKNOWN) {
      assert.ok(begun.ended !== undefined || asked.size > 1 || this.#asksWereLost(begun), `${half.messageId} goes on, and is not known`)
      return
    }
    assert.equal(answer.code, OK, answer.text)
    assert.ok(begun.ended?.resolution !== other, `${half.messageId} ended with ${other} and then with ${resolution}`)
    if (before === undefined) this.counts[resolution === 'COMMIT' ? 'committed' : 'rolledBack']++
    begun.ended ??= { resolution, at: this.#now }
  }

  /** What was asked and not answered may have happened. */
  #asksWereLost({ asked }: Begun): boolean {
    return asked.size > 0
  }

  async delay(ms: number): Promise<void> {
    const id = `d${this.#sent++}`
    const at = this.#now + ms
    const handle = await this.#call((client) => delayed(client, 'orders', id, at))
    if (handle === 'lost') this.#lost.add(id)
    else this.#delayed.set(id, { id, handle, at, recallAsked: false, recalled: false })
  }

  async recall(at: number): Promise<void> {
    const all = [...this.#delayed.values()]
    const one = all.at(-1 - (at % Math.max(1, all.length)))
    if (one === undefined) return
    const answer = await this.#call((client) => recall(client, 'orders', one.handle))
    const before = one.recallAsked
    one.recallAsked = true
    if (answer === 'lost' || REFUSED.includes(answer.code)) return
    if (answer.code === LATE) {
      assert.ok(this.#now >= one.at, `${one.id} was not to be recalled before its time`)
      if (!before) one.recallAsked = false
      return
    }
    assert.deepEqual([answer.code, answer.messageId], [OK, one.id], answer.text)
    if (!one.recalled) this.counts.recalled++
    one.recalled = true
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
    // A disk that fails is told; what was not written is not there.
    await life.stop().catch(() => {})
    if (life.over) life.bury()
    this.#life = undefined
  }

  /** What a new group finds: nothing that must not be there, and nothing twice that must not be. */
  async read(): Promise<ReadonlySet<string> | undefined> {
    assert.equal(this.#violation, undefined)
    const expected = [...this.#begun].filter(({ ended }) => ended?.resolution === 'COMMIT')
    const group = `reader-${this.#readers++}`
    this.#life?.broker.context.registry.putGroup(group, { start: 'first' }, 'admin')
    const found = new Map<string, number>()
    for (let empty = 0; empty < 3; ) {
      const messages = await this.#call((client) => client.receive('orders', group, { max: 32, invisible: '12h' }))
      if (messages === 'lost') return undefined
      for (const { messageId } of messages) found.set(messageId, (found.get(messageId) ?? 0) + 1)
      // What has to be read first comes with a later one.
      empty = messages.length === 0 ? empty + 1 : 0
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    this.counts.seen += found.size
    for (const [id, times] of found) this.#checkSeen(id, times)
    for (const { half } of expected) assert.ok(found.has(half.messageId), `${half.messageId} was committed, and is not there`)
    return new Set(found.keys())
  }

  #checkSeen(id: string, times: number): void {
    assert.ok(!this.#lost.has(id) || id.startsWith('d'), `${id} is seen, and nobody committed it`)
    const begun = this.#byMessage.get(id)
    if (begun !== undefined) {
      assert.ok(begun.asked.has('COMMIT'), `${id} is seen, and nobody committed it`)
      assert.ok(begun.ended?.resolution !== 'ROLLBACK', `${id} is seen, and was rolled back`)
      assert.equal(times, 1, `${id} is there ${times} times`)
    }
    const one = this.#delayed.get(id)
    if (one === undefined) return
    assert.ok(this.#now >= one.at, `${id} came ${one.at - this.#now} ms before its time`)
    assert.ok(!one.recalled, `${id} came, and was recalled`)
    // The end may have come before it was written down that it is in its queue.
    assert.ok(times === 1 || this.world.disk.crashes > 0 || this.#troubled, `${id} is there ${times} times`)
  }

  #troubled = false

  trouble(): void {
    this.#troubled = true
  }

  /** Nothing stands in its way any more: every transaction ends, every delayed message comes, and what was promised is there. */
  async finish(): Promise<void> {
    this.world.disk.heal()
    await this.alive(() => {})
    await this.alive(() => this.advance(2_000))
    for (const begun of this.#begun) {
      if (begun.ended !== undefined) continue
      const sure = begun.asked.size === 0
      await this.#end(begun, 'COMMIT')
      assert.ok(begun.ended !== undefined || !sure, `${begun.half.messageId} was begun, and is lost`)
    }
    await this.advance(3_800_000)
    const found = await this.read()
    assert.ok(found !== undefined)
    for (const { half, asked } of this.#begun) {
      assert.ok(found.has(half.messageId) || asked.has('ROLLBACK'), `${half.messageId} was committed alone, and is not there`)
    }
    for (const { id, recallAsked } of this.#delayed.values()) assert.ok(found.has(id) || recallAsked, `${id} was not recalled, and is not there`)
    await this.stop()
    await this.start()
    assert.deepEqual(await this.read(), found)
    assert.equal(this.#crashesSeen, this.world.disk.crashes)
  }

  async close(): Promise<void> {
    await this.world.close()
  }
}
