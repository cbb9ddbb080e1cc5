import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { RawClient } from '@feathermq/broker/testing'
import { BATCH, inParallel, ScalingWorld } from './scaling-world.ts'

/** What was measured at a size; the keys are those of {@link Experiment.figures}. */
export type Measured = Readonly<Record<string, number>>

/** Something of which there is more and more. */
export interface Experiment {
  readonly name: string
  /** Of what there are so many. */
  readonly axis: string
  readonly figures: Readonly<Record<string, Figure>>
  /** Measures each of the sizes, the smallest first. */
  run(sizes: readonly number[]): Promise<readonly Measured[]>
}

export interface Figure {
  readonly what: string
  readonly unit: string
  /** How many times the figure at the smallest size that at the largest may be. */
  readonly most?: number
}

const SMALL = new Uint8Array(100).fill(0x61)
const KIB = new Uint8Array(1_024).fill(0x61)
/** Calls at a time. */
const CALLS = 16
const GROUP = 'billing'

const MIB = 1_048_576

/** Items over which memory can be divided: a process of V8 has some MiB that come and go, and over fewer that would be most of what is told. */
const MANY = 100

/** Bytes for each item beyond those of the smallest size; NaN while they are few, at the smallest size itself too. */
function bytesEach(sizes: readonly number[], at: number, memory: readonly number[]): number {
  const items = (sizes[at] ?? 0) - (sizes[0] ?? 0)
  return items < MANY ? Number.NaN : ((memory[at] ?? Number.NaN) - (memory[0] ?? Number.NaN)) / items
}

/** One broker from its start to its removal. */
async function inWorld<T>(action: (world: ScalingWorld) => Promise<T>): Promise<T> {
  const world = new ScalingWorld()
  try {
    await world.start()
    return await action(world)
  } finally {
    await world.remove()
  }
}

/** So many more of them. */
function inWorlds<T>(count: number, action: (worlds: readonly ScalingWorld[]) => Promise<T>, worlds: readonly ScalingWorld[] = []): Promise<T> {
  return count === 0 ? action(worlds) : inWorld((world) => inWorlds(count - 1, action, [...worlds, world]))
}

/** A batch on its whole way. */
async function handOver(world: ScalingWorld, client: RawClient, topic: string, body: Uint8Array): Promise<void> {
  await world.send(client, topic, BATCH, body)
  await world.acknowledge(client, topic, GROUP, await client.receive(topic, GROUP, { max: BATCH, invisible: '10m' }))
}

/** After it V8 has seen sends, receives and acknowledgements. @returns how many messages. */
async function warmUp(world: ScalingWorld, messages = 30_000): Promise<number> {
  const client = world.client()
  const batches = Math.ceil(messages / BATCH)
  await inParallel(batches, CALLS, (n) => handOver(world, client, `warm-up-${n % 4}`, SMALL))
  return batches * BATCH
}

/** Turns of each broker, there and back. */
const TURNS = 6

/**
 * Sent, received and acknowledged in batches of one topic after the other: the calls are the same whatever the number of topics. Each number of topics has a
 * broker of its own, all of which are there at once and have their turn one after the other: what one process costs from one minute to the next
 * differs by more than topics do.
 */
const topics: Experiment = {
  name: 'topics',
  axis: 'topics',
  figures: {
    cpu: { what: 'send, receive and acknowledge 1 KiB', unit: 'µs CPU per message', most: 1.15 },
    bytes: { what: 'a topic with its group', unit: 'bytes of memory' },
  },
  run: (sizes) =>
    inWorlds(sizes.length, async (worlds) => {
      const sides = worlds.map((world, at) => topicsInTurn(world, sizes[at] ?? 0))
      // Every topic is there, and has been used, before it counts.
      const warm = Math.max(3_000, ...sizes)
      for (const side of sides) await side.pass(warm)
      const count = Math.ceil(warm / TURNS)
      for (let turn = 0; turn < TURNS; turn += 1) {
        for (const side of turn % 2 === 0 ? sides : sides.toReversed()) await side.measure(count)
      }
      const memory = await Promise.all(worlds.map(async (world) => (await world.memory()).memory))
      return sides.map((side, at) => ({ cpu: side.used() / (TURNS * count * BATCH), bytes: bytesEach(sizes, at, memory) }))
    }),
}

/** A client that goes through so many topics of a broker, and goes on where it was. */
function topicsInTurn(world: ScalingWorld, size: number) {
  const client = world.client()
  let next = 0
  let used = 0
  const pass = (count: number) =>
    inParallel(count, CALLS, () => {
      const topic = `topic-${next % size}`
      next += 1
      return handOver(world, client, topic, KIB)
    })
  return {
    pass,
    async measure(count: number) {
      const before = await world.cpu()
      await pass(count)
      used += (await world.cpu()) - before
    },
    /** CPU of the broker while it was measured, µs. */
    used: () => used,
  }
}

const inFlight: Experiment = {
  name: 'in-flight',
  axis: 'messages in flight',
  figures: {
    receive: { what: 'receive', unit: 'µs CPU per message' },
    ack: { what: 'acknowledge one of them', unit: 'µs CPU per message' },
    bytes: { what: 'a message in flight', unit: 'bytes of memory' },
  },
  run: (sizes) =>
    inWorld(async (world) => {
      await warmUp(world)
      const client = world.client()
      const memory: number[] = []
      const measured: Measured[] = []
      let held = 0
      for (const [at, size] of sizes.entries()) {
        const more = Math.ceil((size - held) / BATCH)
        await inParallel(more, CALLS, () => world.send(client, 'orders', BATCH, SMALL))
        const before = await world.cpu()
        let taken = 0
        while (taken < more * BATCH) {
          const batches = await Promise.all(Array.from({ length: CALLS }, () => client.receive('orders', GROUP, { max: BATCH, invisible: '12h' })))
          const came = batches.reduce((sum, batch) => sum + batch.length, 0)
          if (came === 0) throw new Error(`${held + taken} messages are in flight, and no more come`)
          taken += came
        }
        const receive = ((await world.cpu()) - before) / taken
        held += taken
        memory.push((await world.memory()).memory)

        // Others that are sent, received and acknowledged while those are in flight.
        const extra = 10_000
        await inParallel(Math.ceil(extra / BATCH), CALLS, () => world.send(client, 'orders', BATCH, SMALL))
        const batches: Awaited<ReturnType<typeof client.receive>>[] = []
        await inParallel(Math.ceil(extra / BATCH), CALLS, async () => {
          batches.push(await client.receive('orders', GROUP, { max: BATCH, invisible: '12h' }))
        })
        const beforeAcks = await world.cpu()
        await inParallel(batches.length, CALLS, async (n) => {
          const batch = batches[n] ?? []
          if (batch.length > 0) await world.acknowledge(client, 'orders', GROUP, batch)
        })
        const acked = batches.reduce((sum, batch) => sum + batch.length, 0)
        measured.push({ receive, ack: ((await world.cpu()) - beforeAcks) / acked, bytes: bytesEach(sizes, at, memory) })
      }
      return measured
    }),
}

const HOUR = 3_600_000

function delayed(name: string, what: string, hours: number): Experiment {
  return {
    name,
    axis: `messages that are due ${what}`,
    figures: {
      send: { what: `send one that is due ${what}`, unit: 'µs CPU per message' },
      bytes: { what: `a message that is due ${what}`, unit: 'bytes of memory' },
    },
    run: (sizes) =>
      inWorld(async (world) => {
        await warmUp(world)
        const client = world.client()
        const memory: number[] = []
        const measured: Measured[] = []
        let stored = 0
        for (const [at, size] of sizes.entries()) {
          const batches = Math.ceil((size - stored) / BATCH)
          const before = await world.cpu()
          // Spread over some minutes, as those of a service are.
          await inParallel(batches, CALLS, (n) => world.send(client, 'reminders', BATCH, SMALL, Date.now() + hours * HOUR + (n % 600) * 1_000))
          const send = ((await world.cpu()) - before) / (batches * BATCH)
          stored += batches * BATCH
          memory.push((await world.memory()).memory)
          measured.push({ send, bytes: bytesEach(sizes, at, memory) })
        }
        return measured
      }),
  }
}

/** Ms for which polls are looked at while they wait. */
const IDLE = 5_000
const POLLS_OF_A_CONNECTION = 1_000

const longPolls: Experiment = {
  name: 'long-polls',
  axis: 'receives that wait',
  figures: {
    poll: { what: 'a receive, until it waits', unit: 'µs CPU' },
    bytes: { what: 'a receive that waits', unit: 'bytes of memory' },
    idle: { what: 'the broker while all wait', unit: 'µs CPU per second' },
  },
  run: async (sizes) => {
    const memory: number[] = []
    const measured: Measured[] = []
    for (const [at, size] of sizes.entries()) {
      measured.push(
        await inWorld(async (world) => {
          await warmUp(world)
          const abort = new AbortController()
          setMaxListeners(0, abort.signal)
          const before = await world.cpu()
          const polls: Promise<unknown>[] = []
          for (let begun = 0; begun < size; ) {
            const client = world.client()
            const count = Math.min(POLLS_OF_A_CONNECTION, size - begun)
            for (let n = 0; n < count; n += 1) {
              polls.push(client.receive(`quiet-${n % 100}`, GROUP, { wait: '20m', signal: abort.signal }).catch(() => undefined))
            }
            begun += count
            // What is answered on the same connection later has come after all of its polls.
            await client.receive('quiet-0', 'passer-by')
          }
          const poll = ((await world.cpu()) - before) / size
          memory.push((await world.memory()).memory)
          const idleFrom = await world.cpu()
          await pause(IDLE)
          const idle = ((await world.cpu()) - idleFrom) / (IDLE / 1_000)
          abort.abort()
          await Promise.all(polls)
          return { poll, bytes: bytesEach(sizes, at, memory), idle }
        }),
      )
    }
    return measured
  },
}

const stored: Experiment = {
  name: 'stored',
  axis: 'messages on disk',
  figures: {
    send: { what: 'send, in batches', unit: 'µs CPU per message' },
    memory: { what: 'memory, after a collection', unit: 'MiB', most: 1.5 },
    clean: { what: 'opening after it was stopped', unit: 'ms' },
    cleanCpu: { what: 'CPU of that', unit: 'ms' },
    killed: { what: 'opening after it was killed', unit: 'ms' },
    killedCpu: { what: 'CPU of that', unit: 'ms' },
  },
  run: (sizes) =>
    inWorld(async (world) => {
      const measured: Measured[] = []
      let held = 0
      for (const size of sizes) {
        held += await warmUp(world, Math.min(30_000, (size - held) / 2))
        const client = world.client()
        const batches = Math.ceil((size - held) / BATCH)
        const before = await world.cpu()
        await inParallel(batches, CALLS, (n) => world.send(client, `orders-${n % 8}`, BATCH, SMALL))
        const send = ((await world.cpu()) - before) / (batches * BATCH)
        held += batches * BATCH
        const memory = (await world.memory()).memory / MIB
        await world.kill()
        const killed = await world.start()
        await world.stop()
        const clean = await world.start()
        measured.push({ send, memory, clean: clean.time, cleanCpu: clean.cpu, killed: killed.time, killedCpu: killed.cpu })
      }
      return measured
    }),
}

export const experiments: readonly (Experiment & { readonly sizes: Readonly<Record<'quick' | 'usual' | 'full', readonly number[]>> })[] = [
  { ...topics, sizes: { quick: [8, 200], usual: [8, 100, 1_000, 10_000], full: [8, 100, 1_000, 10_000] } },
  { ...inFlight, sizes: { quick: [1_000, 5_000], usual: [10_000, 50_000, 200_000], full: [10_000, 100_000, 300_000, 1_000_000] } },
  {
    ...delayed('delayed-near', 'within the hour', 0.5),
    sizes: { quick: [1_000, 5_000], usual: [10_000, 50_000, 200_000], full: [10_000, 100_000, 300_000, 1_000_000] },
  },
  {
    ...delayed('delayed-far', 'in twenty hours', 20),
    sizes: { quick: [1_000, 5_000], usual: [10_000, 50_000, 200_000], full: [10_000, 100_000, 300_000, 1_000_000] },
  },
  { ...longPolls, sizes: { quick: [100, 500], usual: [100, 1_000, 10_000], full: [100, 1_000, 10_000] } },
  { ...stored, sizes: { quick: [5_000, 20_000], usual: [50_000, 200_000, 1_000_000], full: [100_000, 1_000_000, 3_000_000, 10_000_000] } },
]
