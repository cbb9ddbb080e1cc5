import assert from 'node:assert/strict'
import { cp, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { startBroker } from '../testing/index.ts'
import { captured } from './test-kit/captured.ts'

describe('feathermq log', () => {
  let root: string
  let data: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'feathermq-log-'))
    data = join(root, 'data')
    await using broker = await start()
    const client = broker.rawClient()
    for (let n = 0; n < 3; n++) assert.equal(await client.send('orders', `order ${n}`, { messageId: `o${n}`, tag: 'new', messageGroup: 'x' }), 'OK')
    assert.equal(await client.send('payments', 'payment', { messageId: 'p' }), 'OK')
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  const start = () => startBroker({ data, autoCreate: true, segmentSize: 8 * 1024 * 1024, transport: inMemoryTransport(), clock: 'frozen' })

  /** Names and sizes of all files but locks. */
  async function files(): Promise<string[]> {
    const found: string[] = []
    for (const name of await readdir(data, { recursive: true })) {
      const { size, mtimeMs, isFile } = await stat(join(data, name)).then((one) => ({ size: one.size, mtimeMs: one.mtimeMs, isFile: one.isFile() }))
      if (isFile && !name.startsWith('lock')) found.push(`${name} ${size} ${mtimeMs}`)
    }
    return found.sort()
  }

  async function segment(): Promise<string> {
    const name = (await readdir(join(data, 'log'))).find((one) => one.endsWith('.log'))
    return join(data, 'log', name ?? '')
  }

  /** Where the text stands in the file, plus `shift`, something else is written. */
  async function damage(path: string, text: string, shift = 0): Promise<void> {
    const file = await open(path, 'r+')
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.min(size, 1024 * 1024))
    await file.read(bytes, 0, bytes.length, 0)
    const position = bytes.indexOf(text)
    assert.ok(position > 0)
    await file.write(Buffer.from('#'), 0, 1, position + shift)
    await file.close()
  }

  it('verify: says how much there is and that all is well, and changes nothing', async () => {
    const before = await files()
    const { code, out, err } = await captured(['log', 'verify', data])
    assert.deepEqual([code, err], [0, ''])
    assert.equal(out, `${data}: 4 messages in 1 segment, 2 topics, 0 groups: no damage\n`)
    assert.deepEqual(await files(), before)
  })

  it('verify: names the file and the place of a message that is damaged, and ends with 1', async () => {
    const path = await segment()
    await damage(path, 'order 1')
    const before = await files()
    const { code, out } = await captured(['log', 'verify', data])
    assert.equal(code, 1)
    assert.match(out, new RegExp(`^damaged {2}${path}: \\d+ bytes at \\d+ are damaged; what is around them can be read$`, 'm'))
    assert.match(out, /: 3 messages in 1 segment, 2 topics, 0 groups: 1 damaged place\n$/)
    assert.deepEqual(await files(), before)
  })

  it('dump: prints messages as lines of JSON, of one topic where that is asked for, with bodies where those are', async () => {
    const before = await files()
    const all = await captured(['log', 'dump', data])
    assert.deepEqual([all.code, all.err], [0, ''])
    assert.deepEqual(
      all.out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { messageId: string }).messageId),
      ['o0', 'o1', 'o2', 'p'],
    )
    const some = await captured(['log', 'dump', data, '--topic', 'orders', '--body'])
    const messages = some.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.equal(messages.length, 3)
    const { topic, messageId, type, tag, messageGroup, bodyBytes, body } = messages[1] ?? {}
    assert.deepEqual(
      { topic, messageId, type, tag, messageGroup, bodyBytes, body },
      {
        topic: 'orders',
        messageId: 'o1',
        type: 'FIFO',
        tag: 'new',
        messageGroup: 'x',
        bodyBytes: 7,
        body: Buffer.from('order 1').toString('base64'),
      },
    )
    assert.deepEqual(await files(), before)
  })

  it('dump: leaves out what is damaged, says so beside the messages, and ends with 1', async () => {
    await damage(await segment(), 'order 1')
    const { code, out, err } = await captured(['log', 'dump', data, '--topic', 'orders'])
    assert.equal(code, 1)
    assert.match(err, /^damaged {2}.* are damaged/)
    assert.equal(out.trimEnd().split('\n').length, 2)
  })

  it('repair: cuts what was being written when the broker was killed, says where, and has nothing to do the next time', async () => {
    // As a kill leaves it: a copy of the files in the middle of a life, with half a record at the end.
    const copy = join(root, 'copy')
    {
      await using broker = await start()
      assert.equal(await broker.rawClient().send('orders', 'the last one', { messageId: 'last' }), 'OK')
      await cp(data, copy, { recursive: true })
    }
    for (const name of await readdir(copy)) if (name.startsWith('lock')) await rm(join(copy, name))
    data = copy
    await damage(await segment(), 'the last one')
    const seen = await captured(['log', 'verify', data])
    assert.match(seen.out, /^torn {5}.*: \d+ bytes at \d+ were being written when the broker ended; nobody was told that they are stored$/m)
    assert.equal(seen.code, 0)
    const first = await captured(['log', 'repair', data])
    assert.equal(first.code, 0)
    assert.match(first.out, /^torn {5}.*[\s\S]*: \d places? dealt with; the broker can be started\n$/)
    const second = await captured(['log', 'repair', data])
    assert.equal(second.out, `${data}: nothing to repair; the broker can be started\n`)
    await using broker = await start()
    assert.deepEqual(
      (await broker.rawClient().receive('orders', 'billing')).map(({ body }) => body),
      ['order 0', 'order 1', 'order 2'],
    )
  })

  for (const command of ['verify', 'dump', 'repair']) {
    it(`${command}: refuses a directory that a broker uses, and one that is none`, async () => {
      await using broker = await start()
      assert.equal(await broker.rawClient().send('orders', 'm'), 'OK')
      const used = await captured(['log', command, data])
      assert.equal(used.code, 1)
      assert.match(used.err, new RegExp(`^feathermq: the data directory ${data} is in use: cannot lock .*this process \\(${process.pid}\\) uses it`))
      const none = await captured(['log', command, root])
      assert.deepEqual([none.code, none.err], [1, `feathermq: ${root} is no data directory: it has neither log/ nor state/\n`])
    })
  }
})
