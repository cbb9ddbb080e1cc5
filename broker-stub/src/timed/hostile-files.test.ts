import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { FormatError } from '../files/format.ts'
import { HEAD, HOUR } from './layout.ts'
import { FOLDER, MINUTE, put, TimedWorld } from './test-kit/timed-world.ts'

async function written(delay: number): Promise<{ world: TimedWorld; path: string; ids: string[] }> {
  const world = new TimedWorld()
  const timed = await world.open()
  const ids: string[] = []
  for (const name of ['a', 'b', 'c']) ids.push(await put(timed, name, world.now + delay, {}, 1_000))
  await timed.close()
  const path = world.disk.paths.find((found) => found.endsWith('.bucket')) ?? ''
  return { world, path, ids }
}

function newer(error: unknown, path: string): boolean {
  assert.ok(error instanceof FormatError)
  assert.equal(error.kind, 'newer')
  assert.ok(error.message.includes(path) && error.message.includes('version 3') && error.message.includes('up to 2'), error.message)
  return true
}

const VERSION_3 = new Uint8Array([3, 0, 0, 0])

describe('files of timed messages that are not what they were', () => {
  it('are refused by name when a newer version wrote the folder, or a file that is near', async () => {
    for (const name of ['format', 'bucket']) {
      const { world, path } = await written(MINUTE)
      const changed = name === 'format' ? `${FOLDER}/format` : path
      world.disk.poke(changed, VERSION_3, 8)
      if (name === 'bucket') world.disk.poke(changed, VERSION_3, 512 + 8)
      await assert.rejects(world.open(), (error) => newer(error, changed))
      assert.ok(world.disk.paths.includes(changed))
    }
  })

  it('are left alone when a file of a newer version comes near later, and the others come', async () => {
    const { world, path, ids } = await written(3 * HOUR)
    world.disk.poke(path, VERSION_3, 8)
    world.disk.poke(path, VERSION_3, 512 + 8)
    const timed = await world.open()
    await put(timed, 'd', world.now + 3 * HOUR)
    await world.advance(4 * HOUR)
    assert.deepEqual(world.ids, ['d'])
    assert.ok(world.disk.paths.includes(path))
    const [event] = world.events
    assert.ok(event?.kind === 'unreadable' && !event.retried)
    assert.ok(newer(event.error, path))
    await assert.rejects(timed.cancel(ids[0] ?? ''), FormatError)
    await timed.close()
  })

  it('have one damaged head of two: nothing is lost', async () => {
    for (const position of [0, 8, 20, 40, 512, 520, 532]) {
      const { world, path } = await written(MINUTE)
      world.disk.poke(path, new Uint8Array([0xee]), position)
      const timed = await world.open()
      await world.advance(2 * MINUTE)
      assert.deepEqual(world.ids, ['a', 'b', 'c'], `byte ${position}`)
      await timed.close()
    }
  })

  it('do not begin with our name, or have two damaged heads: reported, left alone', async () => {
    for (const position of [0, 20, 40]) {
      const { world, path } = await written(MINUTE)
      world.disk.poke(path, new Uint8Array([0xee]), position)
      world.disk.poke(path, new Uint8Array([0xee]), 512 + position)
      const timed = await world.open()
      await world.advance(2 * MINUTE)
      assert.deepEqual(world.ids, [])
      assert.ok(world.events[0]?.kind === 'unreadable' && world.events[0].error instanceof FormatError)
      await timed.close()
      assert.ok(world.disk.paths.includes(path))
    }
  })

  it('lose the entry that is damaged, wherever it is, and no other', async () => {
    const { world: whole, path: wholePath } = await written(MINUTE)
    const size = whole.disk.peek(wholePath)?.length ?? 0
    const [first, length] = [HEAD, (size - HEAD) / 3]
    for (let at = first + length; at < first + 2 * length - 8; at += 13) {
      const { world, path, ids } = await written(MINUTE)
      const byte = world.disk.peek(path)?.[at] ?? 0
      world.disk.poke(path, new Uint8Array([byte ^ 0xff]), at)
      const timed = await world.open()
      await world.advance(2 * MINUTE)
      assert.deepEqual(world.ids, ['a', 'c'], `byte ${at}`)
      assert.deepEqual(world.events, [{ kind: 'damaged', path, position: first + length, length, found: 'loading' }])
      assert.equal(await timed.find(ids[1] ?? ''), undefined)
      await timed.close()
    }
  })

  it('are damaged after they were read: the entry does not come, which is reported, and the others do', async () => {
    const { world, path } = await written(10 * MINUTE)
    const timed = await world.open()
    await world.advance(MINUTE)
    world.disk.poke(path, new Uint8Array([0xee]), (world.disk.peek(path)?.length ?? 0) - 100)
    await world.advance(10 * MINUTE)
    assert.deepEqual(world.ids, ['a', 'b'])
    assert.deepEqual(
      world.events.map((event) => event.kind === 'damaged' && event.found),
      ['due'],
    )
    await timed.close()
  })

  it('claim lengths that are not there: nothing is allocated for them', async () => {
    const { world, path } = await written(MINUTE)
    const bytes = world.disk.peek(path) ?? new Uint8Array()
    // Cut within the second entry: its head is right and says more than there is.
    const cut = HEAD + Math.floor(((bytes.length - HEAD) / 3) * 1.5)
    const file = await world.disk.files.open(path, 'write')
    await file.truncate(cut)
    await file.sync()
    await file.close()
    const { allocUnsafeSlow, alloc } = Buffer
    let most = 0
    const watched = (original: (size: number) => Buffer) => (size: number) => {
      most = Math.max(most, size)
      return original(size)
    }
    Object.assign(Buffer, { allocUnsafeSlow: watched(allocUnsafeSlow), alloc: watched(alloc) })
    try {
      const timed = await world.open()
      await world.advance(2 * MINUTE)
      await timed.close()
    } finally {
      Object.assign(Buffer, { allocUnsafeSlow, alloc })
    }
    assert.deepEqual(world.ids, ['a'])
    assert.equal(world.events[0]?.kind, 'torn')
    assert.ok(most <= cut, `${most} bytes were allocated`)
  })

  it('are marks of another file of that name: they mean nothing', async () => {
    const world = new TimedWorld()
    const timed = await world.open()
    const id = await put(timed, 'a', world.now + MINUTE)
    await timed.cancel(id)
    const marks = world.disk.paths.find((path) => path.endsWith('.marks')) ?? ''
    const bytes = world.disk.peek(marks) ?? new Uint8Array()
    assert.ok(bytes.length > HEAD)
    await world.advance(HOUR)
    await timed.close()
    assert.deepEqual(world.names(), [])

    const next = await world.open()
    world.jump(-HOUR)
    await put(next, 'b', world.now + MINUTE)
    await next.close()
    const file = await world.disk.files.create(marks, 0)
    await file.write([bytes], 0)
    await file.close()
    assert.deepEqual(
      world
        .names()
        .map((name) => name.split('.')[0])
        .filter((name, index, all) => all.indexOf(name) === index).length,
      1,
    )
    assert.equal(world.names().length, 2)
    await world.open()
    await world.advance(2 * MINUTE)
    assert.deepEqual(world.ids, ['b'])
  })

  it('are marks that are damaged: what else is marked stays so, and it is reported', async () => {
    const world = new TimedWorld()
    const timed = await world.open()
    for (const name of ['a', 'b', 'c']) await timed.cancel(await put(timed, name, world.now + 5 * HOUR))
    await timed.close()
    const marks = world.disk.paths.find((path) => path.endsWith('.marks')) ?? ''
    world.disk.poke(marks, new Uint8Array([0xee]), HEAD + 32 + 5)
    await world.open()
    await world.advance(6 * HOUR)
    assert.deepEqual(world.ids, ['b'])
    assert.deepEqual(world.events, [{ kind: 'damaged', path: marks, position: HEAD + 32, length: 32, found: 'loading' }])
  })

  it('are files of somebody else: they are let be', async () => {
    const { world } = await written(MINUTE)
    const name = `${FOLDER}/0000000001-00000000010.bucket`
    await (await world.disk.files.create(name, 10)).close()
    const timed = await world.open()
    await world.advance(HOUR)
    assert.equal(world.came.length, 3)
    await timed.close()
    assert.ok(world.disk.paths.includes(name))
  })
})
