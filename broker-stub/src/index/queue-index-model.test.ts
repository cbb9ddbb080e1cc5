import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { FileError } from '../files/files.ts'
import { FormatError } from '../files/format.ts'
import { SimulatedDisk } from '../files/test-kit/simulated-files.ts'
import type { IndexEntry } from './entry.ts'
import { fileName } from './layout.ts'
import { openQueueIndex, type QueueIndex } from './queue-index.ts'
import type { WalkLog } from './rebuilding.ts'

const FOLDER = '/index'
const TOPICS = 4
const QUEUES = 3
const SEGMENT = 1_000_000
const RUNS = process.env['FEATHERMQ_LONG'] === '1' ? 2500 : 120

interface Stored extends IndexEntry {
  readonly topic: number
  readonly queue: number
}

/** Messages that are in the log, and what an index of them has to say: plain lists that are searched from end to end. */
class World {
  readonly disk: SimulatedDisk
  index: QueueIndex | undefined
  log: Stored[] = []
  bases: number[] = []
  position = 0
  now = 1000
  /** Topic ids in use, by number of the command. */
  topics = Array.from({ length: TOPICS }, (_, i) => i)
  nextTopic = TOPICS
  readonly gone = new Set<number>()
  readonly max = new Map<string, number>()
  /** The most that {@link max} was: files that come back with a loss of power may know it. */
  readonly ever = new Map<string, number>()
  /** What {@link max} is for what was really stored. */
  readonly stored = new Map<string, number>()
  readonly problems: Error[] = []
  readonly #heals: boolean

  /** @param heals Files are made again while the index is open; else at the next start. */
  constructor(seed: number, heals: boolean) {
    this.disk = new SimulatedDisk({ seed })
    this.#heals = heals
  }

  get open(): QueueIndex {
    assert.ok(this.index)
    return this.index
  }

  /** @param harmed Whether a file was: then it may be forgotten how far a queue had come that has no message. */
  async start(twice: boolean, harmed = false): Promise<void> {
    const index = await openQueueIndex({
      files: this.disk.files,
      folder: FOLDER,
      segments: [...this.bases],
      onProblem: (problem) => this.problems.push(problem),
      ...(this.#heals ? { walk: this.#walk } : {}),
    })
    this.index = index
    for (const topic of this.gone) index.dropTopic(topic)
    for (const stored of this.log) {
      if (stored.position < index.walkFrom) continue
      if (twice) this.#tell({ ...stored, length: 7 })
      this.#tell(stored)
    }
    this.begin()
    index.walked()
    for (const queue of this.max.keys()) {
      const before = this.ever.get(queue) ?? 0
      const [topic = 0, id = 0] = queue.split('/').map(Number)
      const { max } = index.range(topic, id)
      const stored = harmed ? Math.max(0, ...this.of(topic, id).map(({ offset }) => offset + 1)) : (this.stored.get(queue) ?? 0)
      // Of messages that could not be stored the log has nothing, so that offsets at the end may be given again.
      assert.ok(max >= stored && max <= before, `${queue} goes on at ${max}; it had come to ${before}, and has stored up to ${stored}`)
      this.max.set(queue, max)
      this.stored.set(queue, Math.min(max, this.stored.get(queue) ?? 0))
    }
  }

  begin(): void {
    this.position = Math.max(this.position, (this.bases.at(-1) ?? -SEGMENT) + SEGMENT)
    this.bases.push(this.position)
    this.open.begin(this.position)
  }

  append(topic: number, queue: number, jump: number, many: number): Stored[] {
    const added: Stored[] = []
    for (let i = 0; i < many; i++) {
      const offset = (this.max.get(`${topic}/${queue}`) ?? 0) + (i === 0 ? jump : 0)
      const length = 50 + (this.position % 100)
      const stored = { topic, queue, offset, position: this.position, length, storedAt: this.now, tagHash: (this.position * 2654435761) >>> 0 }
      added.push(stored)
      this.now += this.position % 3
      this.position += length
      assert.equal(this.#tell(stored), true)
      this.max.set(`${topic}/${queue}`, offset + 1)
      this.ever.set(`${topic}/${queue}`, Math.max(offset + 1, this.ever.get(`${topic}/${queue}`) ?? 0))
    }
    return added
  }

  /** What is left of a queue. */
  of(topic: number, queue: number): Stored[] {
    return this.log.filter((stored) => stored.topic === topic && stored.queue === queue && !this.gone.has(topic))
  }

  async check(): Promise<void> {
    for (const topic of [...this.topics, ...[...this.gone].slice(-1)]) {
      for (let queue = 0; queue < QUEUES; queue++) {
        const left = this.of(topic, queue)
        const max = this.gone.has(topic) ? 0 : (this.max.get(`${topic}/${queue}`) ?? 0)
        const range = this.open.range(topic, queue)
        const min = left[0]?.offset ?? max
        // Where several files in a row were damaged nobody may know how far their queues had come: then it says too little, never too much.
        assert.deepEqual(range, { min: this.#heals ? Math.min(range.min, min) : min, max }, `range of ${topic}/${queue}`)
      }
    }
  }

  readonly #walk: WalkLog = async (from, to, tell) => {
    for (const stored of this.log)
      if (stored.position >= from && stored.position < to)
        tell({ ...stored, topicId: stored.topic, queueId: stored.queue }, stored.position, stored.length)
  }

  /** Everything that is being done to files in the background. */
  async settled(): Promise<void> {
    await this.open.drop(-1)
  }

  /** A damaged page is found when it is needed, and healed, or healed by the next start. */
  async ask(topic: number, queue: number, at: number): Promise<void> {
    const found = this.problems.length
    try {
      await this.#ask(topic, queue, at)
    } catch (error) {
      if (!(error instanceof FormatError || error instanceof FileError)) throw error
      if (this.#heals) {
        await this.#askAgain(topic, queue, at)
        return
      }
      assert.equal(this.problems.at(-1), error)
      assert.ok(this.problems.length > found)
      await this.open.close()
      await this.start(false)
      await this.#ask(topic, queue, at)
    }
  }

  /** Each file may have to be made again, one that is not there after it was looked for some times. */
  async #askAgain(topic: number, queue: number, at: number): Promise<void> {
    for (let tries = 3 * this.bases.length; ; tries--) {
      await this.settled()
      try {
        await this.#ask(topic, queue, at)
        return
      } catch (error) {
        if (tries === 0 || !(error instanceof FormatError || error instanceof FileError)) throw error
      }
    }
  }

  async #ask(topic: number, queue: number, at: number): Promise<void> {
    const left = this.of(topic, queue)
    const max = this.gone.has(topic) ? 0 : (this.max.get(`${topic}/${queue}`) ?? 0)
    const offset = Math.floor(at * (max + 2))
    const expected = left.find((stored) => stored.offset >= offset) ?? 'none'
    const now = this.open.next(topic, queue, offset)
    const entry = now === 'loading' ? await this.open.load(topic, queue, offset) : now
    assert.deepEqual(entry === 'none' ? entry : { topic, queue, ...entry }, expected, `${topic}/${queue} from ${offset}`)
    if (now === 'loading') assert.deepEqual(this.open.next(topic, queue, offset), entry, 'at once after it was loaded')
    const time = 990 + Math.floor(at * (this.now - 980))
    const since = left.find(({ storedAt }) => storedAt >= time)?.offset ?? max
    assert.equal(await this.open.offsetAt(topic, queue, time), since, `${topic}/${queue} since ${time}`)
  }

  #tell(stored: Stored): boolean {
    return this.open.add(stored.topic, stored.queue, stored.offset, stored.position, stored.length, stored.storedAt, stored.tagHash)
  }
}

type Command = (world: World) => Promise<void>
const named = (name: string, run: Command): Command => Object.assign(run, { toString: () => name })

const place = { topic: fc.nat(TOPICS - 1), queue: fc.nat(QUEUES - 1) }
const append = fc
  .record({
    ...place,
    jump: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(3)),
    many: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(400)),
  })
  .map(({ topic, queue, jump, many }) =>
    named(`append(${topic}/${queue}, ${jump}, ${many})`, async (world) => {
      const id = world.topics[topic] as number
      world.log.push(...world.append(id, queue, jump, many))
      world.stored.set(`${id}/${queue}`, world.max.get(`${id}/${queue}`) ?? 0)
    }),
  )
const fail = fc.record({ ...place, many: fc.integer({ min: 1, max: 3 }) }).map(({ topic, queue, many }) =>
  named(`fail(${topic}/${queue}, ${many})`, async (world) => {
    const from = world.position
    world.append(world.topics[topic] as number, queue, 0, many)
    world.append(world.topics[0] as number, 0, 0, 1)
    world.open.forget(from, world.position)
  }),
)
const roll = fc.constant(named('roll', async (world) => world.begin()))
const sealOldest: Command = async (world) => {
  const [oldest, next] = world.open.unsealed
  if (oldest !== undefined && next !== undefined) await world.open.seal(oldest)
}
const seal = fc.constant(named('seal', sealOldest))
const sealWhile = append.chain((meanwhile) =>
  fc.constant(
    named(`seal while ${meanwhile}`, async (world) => {
      const sealing = sealOldest(world)
      await meanwhile(world)
      await world.check()
      await sealing
    }),
  ),
)
const drop = fc.constant(
  named('drop', async (world) => {
    const oldest = world.bases[0]
    // An unsealed segment that goes takes with it what is known of idle queues.
    if (oldest === undefined || world.open.unsealed.includes(oldest)) return
    await world.open.drop(oldest)
    world.bases.shift()
    world.log = world.log.filter(({ position }) => position >= (world.bases[0] ?? 0))
  }),
)
const dropTopic = fc.nat(TOPICS - 1).map((at) =>
  named(`drop topic ${at}`, async (world) => {
    const topic = world.topics[at] as number
    world.open.dropTopic(topic)
    world.gone.add(topic)
    for (let queue = 0; queue < QUEUES; queue++) world.max.delete(`${topic}/${queue}`)
    world.topics[at] = world.nextTopic++
  }),
)
const restart = fc.record({ twice: fc.boolean(), power: fc.boolean() }).map(({ twice, power }) =>
  named(`restart(${twice ? 'told twice' : ''}, ${power ? 'power' : 'kill'})`, async (world) => {
    world.disk.crash(power ? 'power' : 'kill')
    await world.start(twice)
  }),
)
const crashSealing = fc.record({ skip: fc.nat(14), power: fc.boolean() }).map(({ skip, power }) =>
  named(`crash(${power ? 'power' : 'kill'} after ${skip} operations of sealing)`, async (world) => {
    world.disk.fault({ skip, times: 1 }, { crash: power ? 'power' : 'kill' })
    await sealOldest(world).catch(() => undefined)
    world.disk.heal()
    world.disk.crash('kill')
    await world.start(false)
  }),
)
const failSealing = fc.nat(7).map((skip) =>
  named(`fail after ${skip} operations of sealing`, async (world) => {
    const fault = world.disk.fault({ operation: ['create', 'write', 'sync', 'rename', 'remove', 'syncFolder'], skip, times: 1 }, { fail: 'EIO' })
    await sealOldest(world).catch(() => undefined)
    fault.cancel()
  }),
)
const harm = fc.record({ which: fc.nat(5), at: fc.double({ min: 0, max: 0.999, noNaN: true }), remove: fc.boolean() }).map(({ which, at, remove }) =>
  named(`harm(${which}, ${at}${remove ? ', removed' : ''})`, async (world) => {
    const base = world.bases[which]
    const path = `${FOLDER}/${fileName(base ?? 0)}`
    const bytes = world.disk.peek(path)
    if (bytes === undefined) return
    // A head of a newer version is refused, not made again: bytes 8 to 11.
    const place = Math.max(12, Math.floor(at * bytes.length))
    if (remove) await world.disk.files.remove(path)
    else world.disk.poke(path, Uint8Array.of((bytes[place] as number) ^ 0x55), place)
    world.disk.crash('kill')
    await world.start(false, true)
  }),
)
const harmNow = fc
  .record({ which: fc.nat(5), at: fc.double({ min: 0, max: 0.999, noNaN: true }), remove: fc.boolean() })
  .map(({ which, at, remove }) =>
    named(`harm now(${which}, ${at}${remove ? ', removed' : ''})`, async (world) => {
      const path = `${FOLDER}/${fileName(world.bases[which] ?? 0)}`
      const bytes = world.disk.peek(path)
      if (bytes === undefined) return
      if (remove) await world.disk.files.remove(path)
      else world.disk.poke(path, Uint8Array.of((bytes[Math.floor(at * bytes.length)] as number) ^ 0x55), Math.floor(at * bytes.length))
    }),
  )
const ask = fc
  .record({ ...place, at: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ topic, queue, at }) => named(`ask(${topic}/${queue}, ${at})`, (world) => world.ask(world.topics[topic] as number, queue, at)))

async function run(seed: number, commands: readonly Command[], heals: boolean): Promise<void> {
  const world = new World(seed, heals)
  await world.start(false)
  for (const command of commands) {
    await command(world)
    await world.check()
  }
  for (let topic = 0; topic < TOPICS; topic++) {
    for (let queue = 0; queue < QUEUES; queue++) for (const at of [0, 0.3, 0.9]) await world.ask(world.topics[topic] as number, queue, at)
  }
  await world.open.close()
  assert.equal(world.disk.openFiles, 0)
  assert.deepEqual(world.disk.misuses, [])
}

const plain = (seed: number, commands: readonly Command[]): Promise<void> => run(seed, commands, false)
const healing = (seed: number, commands: readonly Command[]): Promise<void> => run(seed, commands, true)

const usual = [
  { weight: 8, arbitrary: append },
  { weight: 1, arbitrary: fail },
  { weight: 3, arbitrary: roll },
  { weight: 3, arbitrary: seal },
  { weight: 1, arbitrary: sealWhile },
  { weight: 2, arbitrary: drop },
  { weight: 1, arbitrary: dropTopic },
  { weight: 5, arbitrary: ask },
  { weight: 1, arbitrary: failSealing },
]

describe('index of queues, compared with a list of all messages', () => {
  it('finds the same while segments are sealed, dropped and topics deleted', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(), fc.array(fc.oneof(...usual), { maxLength: 60, size: 'max' }), plain), { numRuns: RUNS })
  }).timeout(RUNS * 500)

  it('finds the same after restarts, and after crashes in the middle of sealing', async () => {
    const commands = fc.oneof(...usual, { weight: 2, arbitrary: restart }, { weight: 2, arbitrary: crashSealing })
    await fc.assert(fc.asyncProperty(fc.nat(), fc.array(commands, { maxLength: 60, size: 'max' }), plain), { numRuns: RUNS })
  }).timeout(RUNS * 500)

  it('finds the same while files are damaged or removed under it, which it makes again from the log', async () => {
    const commands = fc.oneof(...usual, { weight: 3, arbitrary: harmNow })
    await fc.assert(fc.asyncProperty(fc.nat(), fc.array(commands, { maxLength: 60, size: 'max' }), healing), { numRuns: RUNS })
  }).timeout(RUNS * 500)

  it('finds the same after files were damaged or removed', async () => {
    const commands = fc.oneof(...usual, { weight: 1, arbitrary: restart }, { weight: 3, arbitrary: harm })
    await fc.assert(fc.asyncProperty(fc.nat(), fc.array(commands, { maxLength: 60, size: 'max' }), plain), { numRuns: RUNS })
  }).timeout(RUNS * 500)
})
