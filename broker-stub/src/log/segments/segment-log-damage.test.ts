import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { tagHash } from './tag-hash.ts'
import { type Appended, append, assertHead, assertReads, type Life, LogWorld, MIB, readMessage, settled, turn } from './test-kit/log-world.ts'
import { anyRecord, plainRecord } from './test-kit/messages.ts'

const FIRST = 'data/log/00000000000000000000.log'

/** A sealed segment with some records, and one behind it. */
async function filled(world: LogWorld, records: readonly ReturnType<typeof plainRecord>[]): Promise<readonly Appended[]> {
  const life = await world.open()
  for (const record of records) append(life, record)
  append(life, plainRecord(1, 4 * MIB))
  append(life, plainRecord(2, 4 * MIB))
  await settled(life)
  await life.log.close()
  return life.appended
}

function flip(world: LogWorld, at: number, mask: number): void {
  const byte = world.disk.peek(FIRST)?.[at] ?? 0
  world.disk.poke(FIRST, Uint8Array.of(byte ^ mask), at)
}

/** What is there is there as it was, and what is not was touched by the damage and told of. */
async function check(world: LogWorld, appended: readonly Appended[], touched: (each: Appended) => boolean): Promise<Life> {
  const life = await world.open()
  const found = new Map(life.found.map((each) => [each.position, each]))
  for (const each of appended) {
    const there = found.get(each.position)
    if (there === undefined) {
      assert.ok(touched(each), `the record at ${each.position} was lost without a damage to it`)
      const told = life.events.some(
        (event) => event.kind === 'damaged' && event.position <= each.position && event.position + event.length >= each.position + each.length,
      )
      assert.ok(told, `nobody was told of the record at ${each.position}`)
      assert.equal(await readMessage(life.log, each.position, each.length), 'damaged')
    } else {
      assert.ok(!touched(each), `the damage of the record at ${each.position} was not seen`)
      assertHead(there, each.record)
      await assertReads(life.log, each)
    }
  }
  assert.ok(life.found.length <= appended.length)
  return life
}

describe('the segment log and damage', () => {
  it('loses only the records that a damage touches, and says where', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRecord(fc.nat(2_000)), { minLength: 1, maxLength: 30 }),
        fc.array(fc.record({ where: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), mask: fc.integer({ min: 1, max: 255 }) }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (records, flips) => {
          const world = new LogWorld()
          const appended = await filled(world, records)
          const small = appended.slice(0, records.length)
          const end = Math.max(...small.map(({ position, length }) => position + length))
          const places = new Map(flips.map(({ where, mask }) => [4096 + Math.floor(where * (end - 4096)), mask]))
          for (const [at, mask] of places) flip(world, at, mask)
          const touched = ({ position, length }: Appended) => [...places.keys()].some((at) => at >= position && at < position + length)
          const life = await check(world, appended, touched)
          assert.ok(life.log.stats.damaged > 0)
          await life.log.close()
        },
      ),
      { numRuns: 40 },
    )
  }).timeout(120_000)

  it('reads the second head where the first is damaged, whatever is in it, and loses nothing', async () => {
    for (let at = 0; at < 76; at += 4) {
      const world = new LogWorld()
      const appended = await filled(world, [plainRecord(0)])
      flip(world, at, 0x81)
      const life = await check(world, appended, () => false)
      assert.deepEqual(life.events, [{ kind: 'head-damaged', path: FIRST }])
      await life.log.close()
    }
  }).timeout(60_000)

  it('reports a segment without any head as a whole, and opens the others', async () => {
    const world = new LogWorld()
    const appended = await filled(world, [plainRecord(0)])
    world.disk.poke(FIRST, new Uint8Array(4096).fill(7), 0)
    const life = await check(world, appended, ({ position }) => position < 8 * MIB)
    append(life, plainRecord(3))
    await life.log.close()
    assert.equal(life.appended[0]?.fate, 'committed')
  })

  it('reports what is missing of a file that lost its end', async () => {
    const world = new LogWorld()
    const appended = await filled(world, [plainRecord(0), plainRecord(1)])
    const file = await world.disk.files.open(FIRST, 'write')
    const cut = (appended[1]?.position ?? 0) + 50
    await file.truncate(cut)
    await file.close()
    const life = await world.open()
    assert.deepEqual(
      life.found.map(({ position }) => position),
      appended.filter(({ position }) => position < cut - 50 || position > 8 * MIB).map(({ position }) => position),
    )
    assert.ok(life.events.some(({ kind }) => kind === 'damaged'))
    await life.log.close()
  })

  it('takes no length on trust, in records and in heads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(7), fc.integer({ min: 0, max: 0xffff_ffff }), fc.nat(30), async (field, value, number) => {
        const world = new LogWorld()
        const appended = await filled(
          world,
          Array.from({ length: 31 }, (_, index) => plainRecord(index, 50)),
        )
        const { position = 0 } = appended[number] ?? {}
        const bytes = new Uint8Array(4)
        new DataView(bytes.buffer).setUint32(0, value, true)
        // Length, position, and the lengths of the strings and of the message.
        const at = position + ([4, 12, 16, 76, 96, 100, 104, 108][field] ?? 4)
        const before = world.disk.peek(FIRST)?.slice(at, at + 4)
        world.disk.poke(FIRST, bytes, at)
        const same = before !== undefined && Buffer.compare(before, bytes) === 0
        const life = await check(world, appended, (each) => !same && each.position === position)
        await life.log.close()
      }),
      { numRuns: 40 },
    )
  }).timeout(120_000)

  it('opens a folder with files of any content, and goes on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 9_000 }), { minLength: 1, maxLength: 4 }),
        fc.option(fc.uint8Array({ maxLength: 60 })),
        async (contents, mark) => {
          const world = new LogWorld()
          await world.disk.files.makeFolder(world.folder)
          const put = async (name: string, bytes: Uint8Array): Promise<void> => {
            const file = await world.disk.files.create(`${world.folder}/${name}`, bytes.length)
            await file.write([bytes], 0)
            await file.close()
          }
          for (const [index, bytes] of contents.entries()) await put(`${String(index * 8 * MIB).padStart(20, '0')}.log`, bytes)
          if (mark !== null) await put('clean', mark)
          await put('notes.txt', Uint8Array.of(1))
          const life = await world.open()
          assert.equal(life.found.length, 0)
          append(life, plainRecord(1))
          await settled(life)
          await life.log.close()
          const next = await world.open()
          assert.equal(next.found.length, 1)
          await next.log.close()
        },
      ),
      { numRuns: 40 },
    )
  }).timeout(60_000)

  it('refuses a segment and a clean mark of a newer version by name', async () => {
    for (const path of [FIRST, 'data/log/clean']) {
      const world = new LogWorld()
      await filled(world, [plainRecord(0)])
      const head = Buffer.from(world.disk.peek(path)?.slice(0, 16) ?? [])
      const version = head.readUInt32LE(8)
      head.writeUInt32LE(version + 1, 8)
      if (path === FIRST) head.writeUInt32LE(crc32(head.subarray(0, 12)), 12)
      world.disk.poke(path, head, 0)
      if (path === FIRST) world.disk.poke(path, head, 2048)
      const { paths } = world.disk
      await assert.rejects(world.open(), {
        name: 'FormatError',
        kind: 'newer',
        path,
        message: new RegExp(`format version ${version + 1}, .* reads up to ${version}`),
      })
      assert.deepEqual(world.disk.paths, paths)
      await turn()
      assert.equal(world.disk.openFiles, 0)
    }
  })

  it('looks through the log when the clean mark is damaged or belongs to another state of it', async () => {
    for (const at of [0, 12, 20, 30, 40, 48]) {
      const world = new LogWorld()
      const appended = await filled(world, [plainRecord(0)])
      const byte = world.disk.peek('data/log/clean')?.[at] ?? 0
      world.disk.poke('data/log/clean', Uint8Array.of(byte ^ 1), at)
      const life = await check(world, appended, () => false)
      append(life, plainRecord(9))
      await life.log.close()
      const next = await world.open()
      assert.equal(next.found.length, appended.length + 1)
      await next.log.close()
    }
  })

  it('tells of a damage that is read again and again once, and counts it', async () => {
    const world = new LogWorld()
    const [first] = await filled(world, [plainRecord(0)])
    assert.ok(first !== undefined)
    flip(world, first.position + 60, 1)
    const life = await world.open({}, 8 * MIB)
    for (let time = 0; time < 3; time += 1) assert.equal(await readMessage(life.log, first.position, first.length), 'damaged')
    assert.deepEqual(life.events, [{ kind: 'damaged', path: FIRST, position: first.position, length: first.length, found: 'reading' }])
    assert.equal(life.log.stats.damaged, 1)
    await life.log.close()
  })

  it('takes no bytes of a message for a record, though they are a whole one of another log', async () => {
    const other = new LogWorld()
    const [stolen] = await filled(other, [plainRecord(0, 500)])
    assert.ok(stolen !== undefined)
    const bytes = other.disk.peek(FIRST)?.slice(stolen.position, stolen.position + stolen.length)
    assert.ok(bytes !== undefined)
    const world = new LogWorld()
    const forged = plainRecord(3)
    const [carrier] = await filled(world, [
      { ...forged, message: { ...forged.message, bytes, systemPropertiesEnd: 0, bodyStart: 0, bodyEnd: bytes.length } },
    ])
    assert.ok(carrier !== undefined)
    flip(world, carrier.position, 0xff)
    const life = await world.open()
    assert.ok(life.found.every(({ head }) => head.tagHash !== tagHash('tag-0') || head.offset !== 0))
    assert.equal(life.found.length, 2)
    await life.log.close()
  })
})
