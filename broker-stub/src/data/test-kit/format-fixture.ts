import type { Files } from '../../files/files.ts'
import { begin, delayed } from '../../handlers/test-kit/kept.ts'
import { BrokerWorld, DATA } from './broker-world.ts'

/** A file without its zeros. */
export interface FixtureFile {
  readonly path: string
  readonly size: number
  /** Base64 by position. */
  readonly parts: readonly (readonly [position: number, bytes: string])[]
}

/** Data directories of one format, and what clients were given by the broker that wrote them. */
export interface FormatFixture {
  /** By how that broker ended. */
  readonly directories: { readonly stopped: readonly FixtureFile[]; readonly killed: readonly FixtureFile[] }
  /** By how it ended. */
  readonly handles: { readonly stopped: Handles; readonly killed: Handles }
}

export interface Handles {
  readonly transactionId: string
}

const PART = 256

function withoutZeros(path: string, bytes: Uint8Array): FixtureFile {
  const parts: [number, string][] = []
  let from = -1
  for (let at = 0; at < bytes.length + PART; at += PART) {
    const zero = at >= bytes.length || bytes.subarray(at, at + PART).every((byte) => byte === 0)
    if (!zero && from < 0) from = at
    if (zero && from >= 0) {
      parts.push([from, Buffer.from(bytes.subarray(from, at)).toString('base64')])
      from = -1
    }
  }
  return { path, size: bytes.length, parts }
}

/** What a broker of the present format leaves after a life with something of everything. */
export async function makeFixture(): Promise<FormatFixture> {
  const stopped = await live('stopped')
  const killed = await live('killed')
  return { directories: { stopped: stopped.files, killed: killed.files }, handles: { stopped: stopped.handles, killed: killed.handles } }
}

async function live(end: 'stopped' | 'killed'): Promise<{ readonly files: readonly FixtureFile[]; readonly handles: Handles }> {
  const world = new BrokerWorld()
  const life = await world.start({
    topics: { orders: { queues: 2 }, alerts: { queues: 3, types: ['PRIORITY'] } },
    groups: { billing: { maxAttempts: 5, retry: ['1s', '10s'] }, ledger: { ordered: true }, idle: { paused: true } },
  })
  const client = life.client()
  for (const body of ['acked', 'held', 'given up', 'open']) await client.send('orders', body)
  for (const messageGroup of ['a', 'b'])
    for (const n of [1, 2]) await client.send('sequence', `${messageGroup}${n}`, { messageGroup, messageType: 'FIFO' })
  for (const priority of [0, 2]) await client.send('alerts', `priority ${priority}`, { priority, messageType: 'PRIORITY' })
  const received = await client.receive('orders', 'billing', { max: 4, invisible: '10m' })
  const by = (body: string) => received.find((message) => message.body === body)
  await client.ack('orders', 'billing', by('acked'))
  const [givenUp, open] = [by('given up'), by('open')]
  if (givenUp === undefined || open === undefined) throw new Error('not all that was sent came')
  await client.deadLetter('orders', 'billing', givenUp, 'no such customer')
  await client.change('orders', 'billing', open, '1s')
  await client.receive('sequence', 'ledger', { max: 1, invisible: '10m' })
  await delayed(client, 'orders', 'delayed', world.clock.now() + 3_600_000)
  const half = await begin(client, 'orders', 'half', { messageId: 'half' })
  // What is not urgent is written.
  await new Promise((resolve) => setImmediate(resolve))
  if (end === 'stopped') await life.stop()
  else life.crash('kill')
  const files = world.disk.paths
    .filter((path) => !path.includes('/lock'))
    .map((path) => withoutZeros(path.slice(DATA.length), world.disk.peek(path) ?? new Uint8Array(0)))
  await world.close()
  return { files, handles: { transactionId: half.transactionId } }
}

/** Puts a directory onto a disk. */
export async function place(files: Files, directory: readonly FixtureFile[]): Promise<void> {
  const folders = ['log', 'index', 'state', 'timed'].map((folder) => `${DATA}/${folder}`)
  for (const folder of folders) await files.makeFolder(folder)
  for (const { path, size, parts } of directory) {
    const file = await files.create(`${DATA}${path}`, size)
    for (const [position, bytes] of parts) await file.write([Buffer.from(bytes, 'base64')], position)
    await file.sync()
    await file.close()
  }
  for (const folder of folders) await files.syncFolder(folder)
}
