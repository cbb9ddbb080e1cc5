import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import { decodeSendMessageResponse, encodeSendMessageRequest, messagingService, timestampFromMs } from '@feathermq/protocol'
import { inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import { startBroker } from '../testing/start-broker.ts'
import { type BrokerLife, BrokerWorld, DATA } from './test-kit/broker-world.ts'

const MIB = 1024 * 1024
/** What is closed is closed, whatever close(2) says. */
const MAY_FAIL = [
  'list',
  'makeFolder',
  'create',
  'open',
  'rename',
  'remove',
  'syncFolder',
  'size',
  'read',
  'write',
  'writeNow',
  'sync',
  'truncate',
] as const

/** One message of the topic orders. @returns its code and the sentence that the sender reads. */
async function send(client: RawClient, body: string | Uint8Array): Promise<readonly [code: number, text: string]> {
  const message = { topic: { name: 'orders' }, body: Buffer.from(body), systemProperties: { messageId: `${Math.random()}` } }
  const { status, entries } = await client.call(
    messagingService.sendMessage,
    encodeSendMessageRequest({ messages: [message] }),
    decodeSendMessageResponse,
  )
  return [Number(status?.code === 'OK' ? 20_000 : status?.code === 'MASTER_PERSISTENCE_TIMEOUT' ? 50_401 : 42_900), entries[0]?.status?.message ?? '']
}

const bodies = async (client: RawClient, group: string): Promise<string[]> => (await client.receive('orders', group)).map(({ body }) => body).sort()

describe('a durable broker whose disk fails', () => {
  let world: BrokerWorld
  let life: BrokerLife
  let client: RawClient
  beforeEach(async () => {
    world = new BrokerWorld()
    life = await world.start()
    client = life.client()
    assert.deepEqual(await send(client, 'before'), [20_000, 'OK'])
  })
  afterEach(async () => {
    await world.close()
    assert.deepEqual(world.disk.misuses, [])
  })

  /** What is there for a group that has read nothing, now and when the broker was killed and started again. */
  async function holds(expected: readonly string[], group: string): Promise<void> {
    assert.deepEqual(await bodies(client, group), expected)
    world.disk.heal()
    life.crash('kill')
    life = await world.start()
    client = life.client()
    assert.deepEqual(await bodies(client, `${group}-later`), expected)
  }

  it('that does not sync once: who waits for it is told, and the next message is stored', async () => {
    world.disk.fault({ operation: 'sync', path: '.log', times: 1 }, { fail: 'EIO' })
    const [code, text] = await send(client, 'lost')
    assert.equal(code, 50_401)
    assert.match(text, /^broker feathermq could not store the message: cannot sync \/data\/log\/\d{20}\.log: the device failed \(EIO\)$/)
    assert.deepEqual(await send(client, 'after'), [20_000, 'OK'])
    await holds(['after', 'before'], 'audit')
  })

  it('that takes nothing and lets no file be made: it says so until the disk is well again, and gives what it has', async () => {
    world.disk.fault({ operation: ['sync', 'write', 'create'], path: /\.log|spare/ }, { fail: 'EIO' })
    assert.equal((await send(client, 'lost'))[0], 50_401)
    const [code, text] = await send(client, 'lost too')
    assert.equal(code, 50_401)
    assert.match(text, /the device failed \(EIO\)/)
    assert.deepEqual(await bodies(client, 'billing'), ['before'])
    world.disk.heal()
    await world.clock.advance('1010ms')
    assert.deepEqual(await send(client, 'healed'), [20_000, 'OK'])
    await holds(['before', 'healed'], 'audit')
  })

  it('that is full: senders are told so, receives and acknowledgements go on, and room is used again within a second', async () => {
    world.disk.capacity = world.disk.used + 1_000
    const stored = ['before']
    let refusal = ''
    for (let n = 0; n < 40 && refusal === ''; n++) {
      const [code, text] = await send(client, Buffer.alloc(MIB, `m${n} `))
      if (code === 20_000) stored.push(Buffer.alloc(MIB, `m${n} `).toString())
      else refusal = `${code} ${text}`
    }
    assert.match(refusal, /^50401 broker feathermq could not store the message: cannot .*: the disk is full \(ENOSPC\)$/)
    const [first] = await client.receive('orders', 'billing', { max: 1 })
    assert.equal(await client.ack('orders', 'billing', first), 'OK')
    world.disk.capacity = Number.POSITIVE_INFINITY
    await world.clock.advance('1010ms')
    assert.deepEqual(await send(client, 'healed'), [20_000, 'OK'])
    await holds([...stored, 'healed'].sort(), 'audit')
    const rest = await client.receive('orders', 'billing')
    assert.ok(!rest.some(({ messageId }) => messageId === first?.messageId), 'the acknowledgement was written down')
  })

  it('that is full of what is too old: it frees itself, though nothing is stored meanwhile', async () => {
    world.disk.capacity = world.disk.used + 20 * MIB
    let code = 20_000
    for (let n = 0; n < 60 && code === 20_000; n++) [code] = await send(client, Buffer.alloc(MIB, 'x'))
    assert.equal(code, 50_401)
    await world.clock.advance('73h')
    const codes: number[] = []
    for (let n = 0; n < 90 && code !== 20_000; n++) {
      ;[code] = await send(client, 'young')
      codes.push(code)
      await world.clock.advance('1010ms')
    }
    assert.equal(code, 20_000, `${codes}`)
    assert.deepEqual(await bodies(client, 'audit'), ['young'])
  })

  it('that fails the state only: nothing more is handed out, in a sentence that says why, until it is well; nothing is forgotten', async () => {
    for (const body of ['a', 'b']) assert.equal((await send(client, body))[0], 20_000)
    const [held] = await client.receive('orders', 'billing', { max: 1, invisible: '1h' })
    world.disk.fault({ operation: ['writeNow', 'create', 'sync'], path: '/state/' }, { fail: 'EIO' })
    // It was handed out when nobody knew.
    await client.receive('orders', 'billing', { max: 1, invisible: '1h' }).catch(() => [])
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    await assert.rejects(client.receive('orders', 'billing', { max: 1 }), /TOO_MANY_REQUESTS: .*the device failed \(EIO\)/)
    assert.ok(life.errors.length > 0)
    assert.equal(await client.ack('orders', 'billing', held), 'OK')
    world.disk.heal()
    await world.clock.advance('3s')
    const [next] = await client.receive('orders', 'billing', { max: 1, invisible: '1h' })
    assert.ok(next !== undefined)
    await world.clock.advance('2s')
    life.crash('power', 'none')
    life = await world.start()
    assert.deepEqual(await life.client().receive('orders', 'billing'), [], 'all three are held or settled')
  })

  it('that is slower than its senders: more than 64 MiB never wait, and who comes then is told to come again', async () => {
    const slow = world.disk.fault({ operation: 'sync', path: '.log' }, { hold: true })
    const big = Buffer.alloc(4 * MIB - 1_000, 'x')
    // One client alone would be told before.
    const answers = Array.from({ length: 20 }, (_, n) => send(life.client(`client-${n}`), big))
    const refused = await Promise.race(answers)
    assert.deepEqual(refused, [42_900, 'broker feathermq has more messages waiting for its disk than it may; send again in a moment'])
    slow.cancel()
    const codes = (await Promise.all(answers)).map(([code]) => code)
    assert.ok(codes.filter((code) => code === 20_000).length >= 15, String(codes))
    assert.deepEqual(await send(client, 'after'), [20_000, 'OK'])
  })

  it('while it stops: it lets go of the directory all the same', async () => {
    world.disk.fault({ operation: ['sync', 'write', 'writeNow', 'create'] }, { fail: 'EIO' })
    await life.stop().catch(() => {})
    world.disk.heal()
    life = await world.start()
    client = life.client()
    assert.deepEqual(await bodies(client, 'audit'), ['before'])
  })
})

describe('a data directory that cannot be used', () => {
  let world: BrokerWorld
  beforeEach(() => {
    world = new BrokerWorld()
  })
  afterEach(() => world.close())

  it('is used by another broker: it says by whom, and what to do', async () => {
    const first = await world.start()
    await assert.rejects(world.start(), {
      name: 'OptionError',
      message: /^the data directory \/data is in use: cannot lock \/data: .*; stop that broker, or choose another directory with --data$/,
    })
    assert.equal(await first.client().send('orders', 'm'), 'OK')
    await first.stop()
    await world.start()
  })

  it('was opened by a broker that could not open its port: it is free again', async () => {
    const life = await world.start()
    const taken = Number(life.broker.addresses.http.split(':')[1])
    const options = { data: '/other', files: world.disk.files, segmentSize: 8 * MIB, transport: inMemoryTransport() }
    await assert.rejects(startBroker({ ...options, httpPort: taken }), /cannot open the HTTP port/)
    await (await startBroker(options)).close()
  })

  for (const [often, times] of [
    ['once', 1],
    ['twice', 2],
    ['three times in a row', 3],
    ['and from then on', undefined],
  ] as const) {
    it(`fails at some moment of a start, ${often}: nothing of that start is left, and the next one in this process has all`, async () => {
      let failed = 0
      for (let skip = 0; ; skip += 1) {
        world = new BrokerWorld()
        const first = await world.start()
        assert.equal(await first.client().send('orders', 'm'), 'OK')
        first.crash('kill')
        const fault = world.disk.fault({ operation: MAY_FAIL, skip, ...(times === undefined ? {} : { times }) }, { fail: 'EIO' })
        const life = await world.start().catch((error: unknown) => {
          assert.ok(error instanceof Error && error.name === 'OptionError', String(error))
        })
        const { hits } = fault
        world.disk.heal()
        if (life === undefined) {
          failed += 1
          assert.equal(world.disk.openFiles, 0, `open after a failure of operation ${skip}`)
          const before = { ...world.disk.counts }
          await world.clock.advance('1m')
          assert.deepEqual(world.disk.counts, before, `something goes on after a failure of operation ${skip}`)
        } else await life.stop()
        const next = await world.start()
        assert.deepEqual(await bodies(next.client(), 'audit'), ['m'])
        await world.close()
        if (hits === 0) break
      }
      assert.ok(failed > 10, `${failed} starts failed`)
    })
  }

  it('is read-only: it says so, whether it is new or was written before', async () => {
    world.disk.readOnly = true
    const refusal = {
      name: 'OptionError',
      message: /^the data directory \/data cannot be opened: cannot .*\/data.*: the file system is read-only \(EROFS\)$/,
    }
    await assert.rejects(world.start(), refusal)
    world.disk.readOnly = false
    const life = await world.start()
    assert.equal(await life.client().send('orders', 'm'), 'OK')
    await life.stop()
    world.disk.readOnly = true
    await assert.rejects(world.start(), refusal)
    world.disk.readOnly = false
    assert.equal((await (await world.start()).client().receive('orders', 'billing')).length, 1)
  })

  it('is on a disk without room for a first file: it says so, and leaves it to another', async () => {
    world.disk.capacity = 10
    await assert.rejects(world.start(), {
      name: 'OptionError',
      message: /^the data directory \/data cannot be opened: .*: the disk is full \(ENOSPC\)$/,
    })
    world.disk.capacity = Number.POSITIVE_INFINITY
    await world.start()
  })

  it('is on a disk with room for nothing but the state: it serves, refuses messages, and takes them once there is room', async () => {
    world.disk.capacity = MIB
    const life = await world.start()
    const client = life.client()
    const [code, text] = await send(client, 'm')
    assert.equal(code, 50_401)
    assert.match(text, /the disk is full \(ENOSPC\)$/)
    world.disk.capacity = Number.POSITIVE_INFINITY
    await world.clock.advance('2s')
    assert.deepEqual(await send(client, 'm'), [20_000, 'OK'])
  })

  for (const [family, path] of [
    ['a segment of the log', /\/log\/\d{20}\.log$/],
    ['the mark of a clean stop', /\/log\/clean$/],
    ['an index', /\/index\/.*\.idx$/],
    ['the journal of the state', /\/state\/\d{10}\.journal$/],
    ['a file of delayed messages', /\/timed\/./],
  ] as const) {
    it(`has ${family} of a newer version: it names the file and both versions, touches no message, and goes on when it is the old one again`, async () => {
      const life = await world.start()
      assert.equal(await life.client().send('orders', 'm'), 'OK')
      assert.equal(await life.client().send('orders', 'later', { deliveryTimestamp: timestampFromMs(world.clock.now() + 5 * 3_600_000) }), 'OK')
      await life.stop()
      const file = world.disk.paths.findLast((one) => path.test(one))
      assert.ok(file !== undefined, world.disk.paths.join(' '))
      const bytes = Buffer.from(world.disk.peek(file) ?? [])
      const newer = Buffer.from(bytes)
      const magic = bytes.subarray(0, 8)
      // Some files begin twice, and some have a checksum behind the version.
      for (let at = 0; at !== -1; at = newer.indexOf(magic, at + 8)) {
        newer.writeUInt32LE(99, at + 8)
        if (newer.length >= at + 16) newer.writeUInt32LE(crc32(newer.subarray(at, at + 12)), at + 12)
      }
      world.disk.poke(file, newer, 0)
      const content = (): readonly (readonly [string, number])[] =>
        world.disk.paths.filter((one) => !/lock|\/state\//.test(one)).map((one) => [one, crc32(world.disk.peek(one) ?? '')] as const)
      const before = content()
      await assert.rejects(world.start(), {
        name: 'OptionError',
        message: `the data directory ${DATA} cannot be opened: ${file} has format version 99, and this version of FeatherMQ reads up to ${bytes.readUInt32LE(8)}: it was written by a newer one`,
      })
      assert.deepEqual(content(), before)
      world.disk.poke(file, bytes, 0)
      const again = (await world.start()).client()
      assert.deepEqual(await bodies(again, 'billing'), ['m'])
      await world.clock.advance('5h')
      assert.deepEqual(await bodies(again, 'billing'), ['later', 'm'])
    })
  }
})
