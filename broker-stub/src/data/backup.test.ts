import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { startBroker, type TestBroker } from '../testing/index.ts'

/** Copies a folder file by file, as `cp -r` and its like do; locks are nobody's on another place, and what is gone before its turn is gone. */
async function copy(from: string, to: string, order: (names: string[]) => string[]): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(from.length + 1))
  for (const file of order(files.filter((name) => !name.startsWith('lock')).sort())) {
    await mkdir(dirname(join(to, file)), { recursive: true })
    await copyFile(join(from, file), join(to, file)).catch((error: { code?: string }) => assert.equal(error.code, 'ENOENT'))
  }
}

const orders: readonly (readonly [string, (names: string[]) => string[]])[] = [
  ['the log first', (names) => names],
  ['the state first', (names) => names.reverse()],
]

describe('a copy of a data directory that was made while a broker wrote to it', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'feathermq-backup-'))
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  const start = (data: string): Promise<TestBroker> =>
    startBroker({ data, autoCreate: true, segmentSize: 8 * 1024 * 1024, transport: inMemoryTransport(), onError: () => {} })

  for (const [how, order] of orders) {
    it(`has everything that was acknowledged before it began, ${how}`, async () => {
      const data = join(root, 'data')
      const backup = join(root, 'backup')
      await using broker = await start(data)
      const stored: string[] = []
      const settled = new Set<string>()
      const state = { copied: false }
      const padding = '.'.repeat(100_000)
      const produce = async (name: string): Promise<void> => {
        const client = broker.rawClient(name)
        for (let n = 0; !state.copied; n++) {
          const body = `${name}${n}`
          if ((await client.send('orders', body + padding)) === 'OK') stored.push(body)
        }
      }
      const consume = async (): Promise<void> => {
        const client = broker.rawClient('consumer')
        while (!state.copied) {
          for (const message of await client.receive('orders', 'billing', { max: 8, wait: '1s', invisible: '10m' })) {
            if ((await client.ack('orders', 'billing', message)) === 'OK') settled.add(message.body.replace(/\.+$/, ''))
          }
        }
      }
      const work = [produce('a'), produce('b'), consume()]
      // More than one segment, and an index file.
      while (stored.length < 150 || settled.size < 20) await new Promise((resolve) => setImmediate(resolve))
      const before = { stored: new Set(stored), settled: new Set(settled) }
      await copy(data, backup, order)
      state.copied = true
      await Promise.all(work)
      assert.ok(stored.length > before.stored.size, 'it was written to meanwhile')

      await using restored = await start(backup)
      const drain = async (group: string): Promise<string[]> => {
        const client = restored.rawClient()
        const bodies: string[] = []
        for (;;) {
          const some = await client.receive('orders', group, { max: 32, invisible: '10m' })
          if (some.length === 0) return bodies
          bodies.push(...some.map(({ body }) => body.replace(/\.+$/, '')))
        }
      }
      const all = await drain('fresh')
      assert.deepEqual(
        [...before.stored].filter((body) => !all.includes(body)),
        [],
      )
      assert.deepEqual(
        all.filter((body) => !stored.includes(body)),
        [],
        'and nothing that never was',
      )
      const open = await drain('billing')
      assert.deepEqual(
        open.filter((body) => before.settled.has(body)),
        [],
        'what was settled before is settled',
      )
      assert.equal(await restored.rawClient().send('orders', 'goes on'), 'OK')
    }).timeout(40_000)
  }
})
