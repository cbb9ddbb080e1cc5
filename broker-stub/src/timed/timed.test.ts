import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'mocha'
import { FileError } from '../files/files.ts'
import { realFiles } from '../files/real-files.ts'
import { HOUR } from './layout.ts'
import { MINUTE, message, put, TimedWorld, turns } from './test-kit/timed-world.ts'
import type { Timed } from './timed.ts'

async function world(): Promise<{ world: TimedWorld; timed: Timed }> {
  const made = new TimedWorld()
  return { world: made, timed: await made.open() }
}

describe('timed messages', () => {
  it('come when they are due: not a millisecond early, at most a tick late', async () => {
    const { world: w, timed } = await world()
    const dueAt = w.now + 1_234
    await put(timed, 'a', dueAt)
    await w.advance(1_233)
    assert.deepEqual(w.ids, [])
    await w.advance(11)
    assert.deepEqual(w.ids, ['a'])
    assert.ok((w.came[0]?.at ?? 0) >= dueAt)
  })

  it('come in the order in which they are due, whatever the order in which they were put', async () => {
    const { world: w, timed } = await world()
    const delays = [700, 100, 400, 600, 200, 300, 500]
    for (const delay of delays) await put(timed, `m${delay}`, w.now + delay)
    await w.advance(1_000)
    assert.deepEqual(w.ids, ['m100', 'm200', 'm300', 'm400', 'm500', 'm600', 'm700'])
  })

  it('come at once when their time is over, but never within the call that puts them', async () => {
    const { world: w, timed } = await world()
    timed.put({ topicId: 1, kind: 'delayed', dueAt: w.now - HOUR }, message('late'))
    assert.deepEqual(w.ids, [])
    await turns(8)
    assert.deepEqual(w.ids, ['late'])
  })

  it('come with all that was put', async () => {
    const { world: w, timed } = await world()
    const dueAt = w.now + 50
    const id = await put(timed, 'a', dueAt, { topicId: 77, kind: 'half' }, 50_000)
    await w.advance(100)
    const [{ entry, message: came }] = w.came as [(typeof w.came)[0]]
    assert.deepEqual([entry.id, entry.topicId, entry.kind, entry.dueAt], [id, 77, 'half', dueAt])
    const sent = message('a', 50_000)
    assert.deepEqual(Buffer.from(came.bytes), Buffer.from(sent.bytes))
    assert.deepEqual([came.topic, came.tag, came.bodyEnd], [sent.topic, sent.tag, sent.bodyEnd])
  })

  it('take no memory while their hour is beyond the horizon, and are known when it comes near', async () => {
    const { world: w, timed } = await world()
    for (let index = 0; index < 100; index++) await put(timed, `m${index}`, w.now + 3 * HOUR + index)
    assert.equal(timed.stats.near, 0)
    await w.advance(2 * HOUR)
    assert.equal(timed.stats.near, 100)
    assert.deepEqual(w.ids, [])
    await w.advance(HOUR + 200)
    assert.equal(w.ids.length, 100)
  })

  it('share one write and one sync when they were put in one turn, and a promise', async () => {
    const { world: w, timed } = await world()
    const { write, sync } = { ...w.disk.counts }
    const results = [1, 2, 3].map((index) => timed.put({ topicId: 1, kind: 'delayed', dueAt: w.now + MINUTE }, message(`m${index}`)))
    const promises = new Set(results.map((result) => (result.kind === 'put' ? result.durable : undefined)))
    assert.equal(promises.size, 1)
    await Promise.all(promises)
    assert.equal(w.disk.counts.write - write, 1)
    assert.equal(w.disk.counts.sync - sync, 1)
  })

  it('come late at once when the wall clock was set ahead, and wait when it was set back', async () => {
    const { world: w, timed } = await world()
    await put(timed, 'near', w.now + 20 * MINUTE)
    await put(timed, 'far', w.now + 5 * HOUR)
    w.jump(10 * HOUR)
    await w.advance(61_000)
    assert.deepEqual(w.ids, ['near', 'far'])
    for (const { entry } of w.came) entry.done()

    const dueAt = w.now + 5_000
    await put(timed, 'again', dueAt)
    w.jump(-MINUTE)
    await w.advance(MINUTE)
    assert.deepEqual(w.ids, ['near', 'far'])
    await w.advance(6_000)
    assert.deepEqual(w.ids, ['near', 'far', 'again'])
    assert.ok((w.came[2]?.at ?? 0) >= dueAt)
  })

  it('cost no timer when there are none', async () => {
    const { world: w, timed } = await world()
    await put(timed, 'a', w.now + 1_000)
    await w.advance(2_000)
    w.came[0]?.entry.done()
    await w.advance(HOUR)
    const timers: number[] = []
    const { setTimer } = w.clock
    w.clock.setTimer = (callback, delay, hold) => {
      timers.push(delay)
      return setTimer(callback, delay, hold)
    }
    await w.advance(2 * HOUR)
    assert.deepEqual(timers, [])
    await timed.close()
  })

  it('leave no file when all of its hour are done', async () => {
    const { world: w, timed } = await world()
    await put(timed, 'a', w.now + 1_000)
    await put(timed, 'b', w.now + 4 * HOUR)
    await w.advance(5 * HOUR)
    assert.deepEqual(w.ids, ['a', 'b'])
    assert.equal(w.names().filter((name) => name.endsWith('.bucket')).length, 2)
    for (const { entry } of w.came) entry.done()
    await w.advance(HOUR)
    assert.deepEqual(w.names(), [])
    assert.deepEqual(timed.stats, { near: 0, nearBytes: 0, files: 0, pendingBytes: 0, inHand: 0 })
    await timed.close()
    assert.equal(w.disk.openFiles, 0)
  })

  it('come again when they were told and not done before the next start, and not when they were', async () => {
    const { world: w, timed } = await world()
    await put(timed, 'done', w.now + 1_000)
    await put(timed, 'open', w.now + 1_000)
    await w.advance(1_100)
    w.came.find(({ message: { messageId } }) => messageId === 'done')?.entry.done()
    await timed.close()
    await w.open()
    await w.advance(100)
    assert.deepEqual(w.ids, ['open'])
  })

  it('come again after the time that their owner asks for', async () => {
    const { world: w, timed } = await world()
    await put(timed, 'a', w.now + 1_000)
    await w.advance(1_100)
    w.came[0]?.entry.retry(3_000)
    await w.advance(2_900)
    assert.deepEqual(w.ids, ['a'])
    await w.advance(200)
    assert.deepEqual(w.ids, ['a', 'a'])
  })

  it('wait while their owner has its hands full', async () => {
    const w = new TimedWorld()
    const timed = await w.open({ maxInHand: 2 })
    for (let index = 0; index < 5; index++) await put(timed, `m${index}`, w.now + 1_000)
    await w.advance(2_000)
    assert.deepEqual(w.ids, ['m0', 'm1'])
    w.came[0]?.entry.done()
    await turns(8)
    assert.deepEqual(w.ids, ['m0', 'm1', 'm2'])
    w.came[1]?.entry.done()
    w.came[2]?.entry.done()
    await turns(8)
    assert.deepEqual(w.ids, ['m0', 'm1', 'm2', 'm3', 'm4'])
  })

  it('are refused when too much waits to be committed', async () => {
    const w = new TimedWorld()
    const timed = await w.open({ maxPending: 5_000 })
    const kinds = [1, 2, 3].map(() => timed.put({ topicId: 1, kind: 'delayed', dueAt: w.now + MINUTE }, message('m', 4_000)).kind)
    assert.deepEqual(kinds, ['put', 'put', 'full'])
    await turns(8)
    assert.equal(timed.put({ topicId: 1, kind: 'delayed', dueAt: w.now + MINUTE }, message('m')).kind, 'put')
  })

  it('have times: what is none is refused', async () => {
    const { world: w, timed } = await world()
    for (const dueAt of [Number.NaN, Number.POSITIVE_INFINITY, 9e15]) {
      assert.throws(() => timed.put({ topicId: 1, kind: 'delayed', dueAt }, message('m')), RangeError)
    }
    assert.deepEqual(w.names(), [])
    await put(timed, 'the last', 8.64e15)
    await timed.close()
  })
})

describe('timed messages on the disk of this machine', () => {
  it('outlive a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'feathermq-timed-'))
    try {
      const w = new TimedWorld()
      const options = { files: realFiles, folder: join(folder, 'timed') }
      const timed = await w.open(options)
      const ids = [await put(timed, 'a', w.now + 1_000, {}, 100_000), await put(timed, 'b', w.now + 1_000), await put(timed, 'c', w.now + 1_000)]
      assert.equal(await timed.cancel(ids[1] ?? ''), 'cancelled')
      await timed.close()
      let told = (): void => {}
      const both = new Promise<void>((resolve) => {
        told = resolve
      })
      const came: string[] = []
      const next = await w.open({
        ...options,
        onDue: (entry, { messageId }) => {
          came.push(messageId)
          entry.done()
          if (came.length === 2) told()
        },
      })
      w.jump(HOUR)
      await w.advance(MINUTE)
      await both
      assert.deepEqual(came, ['a', 'c'])
      await next.close()
      assert.deepEqual(await realFiles.list(options.folder), ['format'])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('ids of timed messages', () => {
  for (const [distance, delay] of [
    ['near', 20 * MINUTE],
    ['far', 20 * HOUR],
  ] as const) {
    it(`lead to a ${distance} message: found, cancelled, and then gone for good`, async () => {
      const { world: w, timed } = await world()
      const id = await put(timed, 'a', w.now + delay)
      const other = await put(timed, 'b', w.now + delay)
      const found = await timed.find(id)
      assert.deepEqual([found?.message.messageId, found?.dueAt, found?.kind], ['a', w.now + delay, 'delayed'])
      assert.equal(await timed.cancel(id), 'cancelled')
      assert.equal(await timed.find(id), undefined)
      assert.deepEqual([await timed.cancel(id), await timed.take(id), await timed.postpone(id, w.now)], ['gone', 'gone', 'gone'])
      w.disk.crash('power', 'none')
      const next = await w.open()
      assert.equal(await next.cancel(id), 'gone')
      assert.equal((await next.find(other))?.message.messageId, 'b')
      w.jump(delay)
      await w.advance(MINUTE)
      assert.deepEqual(w.ids, ['b'])
    })

    it(`postpone a ${distance} message, also for the next start`, async () => {
      const { world: w, timed } = await world()
      const id = await put(timed, 'a', w.now + delay, { kind: 'half' })
      const to = w.now + delay + 10 * MINUTE
      assert.equal(await timed.postpone(id, to), 'postponed')
      assert.equal((await timed.find(id))?.dueAt, to)
      w.disk.crash('power', 'none')
      const next = await w.open()
      assert.equal((await next.find(id))?.dueAt, to)
      w.jump(delay)
      await w.advance(9 * MINUTE)
      assert.deepEqual(w.ids, [])
      await w.advance(2 * MINUTE)
      assert.deepEqual(w.ids, ['a'])
    })
  }

  it('bring a half message again and again until its transaction ends', async () => {
    const { world: w, timed } = await world()
    const id = await put(timed, 'a', w.now + 1_000, { kind: 'half' })
    for (let check = 1; check <= 3; check++) {
      await w.advance(1_100)
      assert.equal(w.came.length, check)
      assert.equal(await w.came[check - 1]?.entry.postpone(w.now + 1_000), 'postponed')
    }
    await w.advance(1_100)
    assert.equal(await timed.take(id), 'taken')
    await w.advance(HOUR)
    assert.equal(w.came.length, 4)
    assert.deepEqual(w.names(), [])
  })

  it('do not take a delayed message from the hand that puts it into the log', async () => {
    const { world: w, timed } = await world()
    const id = await put(timed, 'a', w.now + 1_000)
    await w.advance(1_100)
    assert.equal(await timed.cancel(id), 'due')
    w.came[0]?.entry.done()
    assert.equal(await timed.cancel(id), 'gone')
  })

  it('roll a half message back while it is being checked', async () => {
    const { world: w, timed } = await world()
    const id = await put(timed, 'a', w.now + 1_000, { kind: 'half' })
    await w.advance(1_100)
    assert.equal(await timed.cancel(id), 'cancelled')
    await w.advance(HOUR)
    assert.equal(w.came.length, 1)
  })

  it('cancel once for two who ask at the same time, and both are told when it is on the disk', async () => {
    const { world: w, timed } = await world()
    const id = await put(timed, 'a', w.now + 5 * HOUR)
    assert.deepEqual(await Promise.all([timed.cancel(id), timed.cancel(id)]), ['cancelled', 'cancelled'])
  })

  it('that were not given out lead nowhere: guessed, altered, of another message, of one whose file is gone', async () => {
    const { world: w, timed } = await world()
    const id = await put(timed, 'a', w.now + 20 * MINUTE)
    const far = await put(timed, 'b', w.now + 20 * HOUR)
    const [version, hour, number, position, check = ''] = id.split('.')
    const otherCheck = far.split('.')[4]
    const wrong = [
      '',
      'x',
      `${id} `,
      ` ${id}`,
      id.toUpperCase(),
      `t2.${hour}.${number}.${position}.${check}`,
      `${version}.${hour}.${number}.${position}.${otherCheck}`,
      `${version}.${hour}.${number}.${position}.0000000000000000`,
      `${version}.${hour}.${number}.0${position}.${check}`,
      `${version}.${hour}.${number}.${Number(position) + 16}.${check}`,
      `${version}.${hour}.${number}.99999999999.${check}`,
      `${version}.${hour}.${number}.0.${check}`,
      `${version}.${Number(hour) + 1}.${number}.${position}.${check}`,
      `${version}.${hour}.${Number(number) + 1}.${position}.${check}`,
      `${version}.${hour}.-1.${position}.${check}`,
      id.repeat(1000),
    ]
    for (const text of wrong) {
      assert.equal(await timed.find(text), undefined, text.slice(0, 80))
      assert.deepEqual([await timed.cancel(text), await timed.take(text), await timed.postpone(text, 0)], ['unknown', 'unknown', 'unknown'])
    }
    assert.equal((await timed.find(id))?.message.messageId, 'a')
    await timed.cancel(id)
    await w.advance(HOUR)
    assert.equal(await timed.find(id), undefined)
    assert.equal(await timed.cancel(id), 'unknown')
  })
})

describe('timed messages on a disk that fails', () => {
  const HALF = 20 * MINUTE

  it('go into another file of their hour when a sync fails, and the failed one is never touched again', async () => {
    const { world: w, timed } = await world()
    await put(timed, 'a', w.now + HALF)
    w.disk.fault({ operation: 'sync', times: 1 }, { fail: 'EIO' })
    await assert.rejects(put(timed, 'b', w.now + HALF), FileError)
    await put(timed, 'c', w.now + HALF)
    assert.equal(w.names().filter((name) => name.endsWith('.bucket')).length, 2)
    await w.advance(HALF + 100)
    assert.deepEqual(w.ids, ['a', 'c'])
    for (const { entry } of w.came) entry.done()
    await w.advance(HOUR)
    assert.deepEqual(w.disk.misuses, [])
    assert.deepEqual(w.names(), [])
  })

  it('are refused while no file can be made, and taken again when the disk has room', async () => {
    const { world: w, timed } = await world()
    const full = w.disk.fault({ operation: ['create', 'write'] }, { fail: 'ENOSPC' })
    await assert.rejects(put(timed, 'a', w.now + HALF), FileError)
    const refused = timed.put({ topicId: 1, kind: 'delayed', dueAt: w.now + HALF }, message('b'))
    assert.equal(refused.kind, 'unavailable')
    assert.match(refused.kind === 'unavailable' ? refused.reason : '', /the disk is full/)
    full.cancel()
    await w.advance(1_000)
    await put(timed, 'c', w.now + HALF)
    assert.deepEqual(
      w.events.map(({ kind }) => kind),
      ['failed', 'unavailable', 'available'],
    )
  })

  it('wait again when the cancel could not be written, and its caller is told', async () => {
    for (const delay of [HALF, 20 * HOUR]) {
      const { world: w, timed } = await world()
      const id = await put(timed, 'a', w.now + delay)
      w.disk.fault({ operation: 'sync', times: 1 }, { fail: 'EIO' })
      await assert.rejects(timed.cancel(id), FileError)
      assert.equal((await timed.find(id))?.message.messageId, 'a')
      assert.equal(await timed.cancel(id), 'cancelled')
      assert.deepEqual(w.disk.misuses, [])
    }
  })

  it('are read again later when their time comes and the disk does not answer', async () => {
    const { world: w, timed } = await world()
    await put(timed, 'a', w.now + 1_000)
    const broken = w.disk.fault({ operation: 'read' }, { fail: 'EIO' })
    await w.advance(5_000)
    assert.deepEqual(w.ids, [])
    assert.ok(broken.hits > 1 && broken.hits < 10)
    broken.cancel()
    await w.advance(1_100)
    assert.deepEqual(w.ids, ['a'])
    await timed.close()
  })

  it('of a bucket that cannot be read when it comes near are read later', async () => {
    const { world: w, timed } = await world()
    await put(timed, 'a', w.now + 2 * HOUR)
    const broken = w.disk.fault({ operation: 'read' }, { fail: 'EIO' })
    await w.advance(HOUR)
    assert.ok(broken.hits > 1)
    assert.equal(w.events[0]?.kind, 'unreadable')
    broken.cancel()
    await w.advance(HOUR + 100)
    assert.deepEqual(w.ids, ['a'])
    await timed.close()
  })

  it('keep no file open when one could not be removed', async () => {
    const { world: w, timed } = await world()
    const id = await put(timed, 'a', w.now + HALF)
    await timed.cancel(id)
    await put(timed, 'b', w.now + HALF)
    await w.advance(HALF + 100)
    w.came[0]?.entry.done()
    w.disk.fault({ operation: 'syncFolder' }, { fail: 'EIO' })
    await w.advance(HOUR)
    assert.deepEqual(
      w.events.map(({ kind }) => kind),
      ['not-removed'],
    )
    assert.equal(w.disk.openFiles, 0)
    w.disk.heal()
    await timed.close()
    const next = await w.open()
    await w.advance(MINUTE)
    assert.deepEqual([w.ids, w.names()], [[], []])
    await next.close()
  })

  it('do not come back with the power when their cancel was on the disk and their file was being removed', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const w = new TimedWorld({ seed })
      const timed = await w.open()
      const id = await put(timed, 'a', w.now + HALF)
      await timed.cancel(id)
      // The bucket file goes, and then its marks: what of both comes back is chance.
      w.disk.fault({ operation: 'syncFolder' }, { hold: true })
      await w.advance(HOUR)
      w.disk.crash('power')
      w.disk.heal()
      await w.open()
      await w.advance(MINUTE)
      assert.deepEqual(w.ids, [])
    }
  })

  it('do not come back when the broker was killed while their file was being removed, and the power goes after its next start', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const w = new TimedWorld({ seed })
      const timed = await w.open()
      const id = await put(timed, 'a', w.now + HALF)
      await timed.cancel(id)
      const held = w.disk.fault({ operation: 'syncFolder' }, { hold: true })
      await w.advance(HOUR)
      assert.deepEqual(
        w.names().filter((name) => name.endsWith('.bucket')),
        [],
      )
      w.disk.crash('kill')
      held.cancel()
      await (await w.open()).close()
      w.disk.crash('power')
      await w.open()
      await w.advance(MINUTE)
      assert.deepEqual(w.ids, [])
    }
  })
})

describe('timed messages between two moments', () => {
  it('do not come when they were cancelled while far, and their hour comes near before that is written', async () => {
    const { world: w, timed } = await world()
    const id = await put(timed, 'a', w.now + 2 * HOUR)
    const slow = w.disk.fault({ operation: 'create', path: '.marks' }, { hold: true })
    const cancelled = timed.cancel(id)
    await w.advance(2 * HOUR - MINUTE)
    slow.cancel()
    assert.equal(await cancelled, 'cancelled')
    await w.advance(2 * MINUTE)
    assert.deepEqual(w.ids, [])
  })

  it('do not come when the wall clock is set back while they are being read', async () => {
    const { world: w, timed } = await world()
    await put(timed, 'a', w.now + 1_000)
    const slow = w.disk.fault({ operation: 'read' }, { hold: true })
    await w.advance(1_100)
    assert.equal(slow.held, 1)
    w.jump(-10_000)
    slow.cancel()
    await w.advance(9_000)
    assert.deepEqual(w.ids, [])
    await w.advance(2_000)
    assert.deepEqual(w.ids, ['a'])
  })

  it('do not come when they are cancelled while they are being read', async () => {
    const { world: w, timed } = await world()
    const id = await put(timed, 'a', w.now + 1_000)
    const slow = w.disk.fault({ operation: 'read', times: 1 }, { hold: true })
    await w.advance(1_100)
    assert.equal(slow.held, 1)
    const cancelled = timed.cancel(id)
    await turns()
    slow.cancel()
    assert.equal(await cancelled, 'cancelled')
    await w.advance(MINUTE)
    assert.deepEqual(w.ids, [])
  })

  it('are found and cancelled before they are durable, once they are', async () => {
    const { world: w, timed } = await world()
    for (const delay of [MINUTE, 20 * HOUR]) {
      const result = timed.put({ topicId: 1, kind: 'delayed', dueAt: w.now + delay }, message('a'))
      assert.ok(result.kind === 'put')
      assert.equal((await timed.find(result.id))?.message.messageId, 'a')
      assert.equal(await timed.cancel(result.id), 'cancelled')
    }
  })

  it('that are put into a bucket while it is being read come as all others', async () => {
    const { world: w, timed } = await world()
    await put(timed, 'a', w.now + 2 * HOUR)
    const slow = w.disk.fault({ operation: 'read' }, { hold: true })
    await w.advance(HOUR)
    assert.ok(slow.held > 0)
    const later = put(timed, 'b', w.now + HOUR)
    slow.cancel()
    await later
    await w.advance(HOUR + 100)
    assert.deepEqual(w.ids, ['a', 'b'])
  })
})
