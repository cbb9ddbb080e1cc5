import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { SimulatedDisk } from '../files/test-kit/simulated-files.ts'
import { silentLogger } from '../logging/logger.ts'
import { Faults } from './faults.ts'
import { faultyFiles } from './faulty-files.ts'
import { startBroker, type TestBroker } from './index.ts'

describe("faults of a test's disk", () => {
  let data: string
  let broker: TestBroker
  const start = async (): Promise<void> => {
    broker = await startBroker({ transport: inMemoryTransport(), clock: 'frozen', data, autoCreate: true, logger: silentLogger })
  }
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'feathermq-disk-'))
    await start()
  })
  afterEach(async () => {
    broker.faults.clear()
    await broker.close()
    await rm(data, { recursive: true })
  })

  const bodies = async (): Promise<string[]> => (await broker.rawClient().receive('orders', 'billing')).map(({ body }) => body)

  it('tell the sender that a message was not stored, and it was not, also after a restart', async () => {
    const client = broker.rawClient()
    assert.equal(await client.send('orders', 'before'), 'OK')
    const fault = broker.faults.add({ disk: 'sync', path: '/log/', fail: 'EIO', times: 1 })
    assert.equal(await client.send('orders', 'lost'), 'MASTER_PERSISTENCE_TIMEOUT')
    assert.equal(fault.hits, 1)
    await broker.close()
    await start()
    assert.deepEqual(await bodies(), ['before'])
  })

  it('let the disk take its time, by the clock of the broker', async () => {
    const client = broker.rawClient()
    await client.receive('orders', 'billing')
    const fault = broker.faults.add({ disk: 'sync', path: '/log/', latency: '5s', times: 1 })
    const sent = client.send('orders', 'slow')
    await fault.reached
    assert.deepEqual(await bodies(), [])
    await broker.clock.advance('5s')
    assert.equal(await sent, 'OK')
    assert.deepEqual(await bodies(), ['slow'])
  })

  it('hold up an operation for as long as they say, fail it then, and leave the others alone', async () => {
    const disk = new SimulatedDisk()
    const faults = new Faults(true)
    const { clock } = broker
    const files = faultyFiles(disk.files, faults, clock)
    await files.makeFolder('folder')
    const file = await files.create('folder/file', 10)
    faults.add({ disk: 'write', path: 'folder/', latency: '5s', times: 1 })
    faults.add({ disk: 'write', path: 'folder/', fail: 'ENOSPC' })
    const read = async (): Promise<number | undefined> => {
      const into = new Uint8Array(1)
      await file.read(into, 0)
      return into[0]
    }
    const slow = file.write([Uint8Array.of(7)], 0)
    await file.sync()
    assert.equal(await read(), 0)
    await clock.advance('5s')
    await slow
    assert.equal(await read(), 7)
    await assert.rejects(file.write([Uint8Array.of(8)], 0), { code: 'ENOSPC', path: 'folder/file' })
    assert.throws(() => file.writeNow([Uint8Array.of(8)], 0), { code: 'ENOSPC' })
    assert.equal(await read(), 7)
    faults.clear()
    file.writeNow([Uint8Array.of(9)], 0)
    assert.equal(await read(), 9)
    await file.close()
  })

  it('are not for a broker that has no disk', async () => {
    await using inMemory = await startBroker({ transport: inMemoryTransport() })
    assert.throws(() => inMemory.faults.add({ disk: 'write', fail: 'EIO' }), RangeError)
    await assert.rejects(startBroker({ transport: inMemoryTransport(), faults: [{ disk: 'write', fail: 'EIO' }] }), RangeError)
  })
})
