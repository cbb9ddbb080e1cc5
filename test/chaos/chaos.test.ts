import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { after, before, describe, it } from 'mocha'
import { Random, givenSeed as seed } from '../support/random.ts'
import { Clients } from './clients.ts'
import type { Place, Routes } from './fleet.ts'
import { CONSUMERS } from './load.ts'
import type { LoadReport } from './load-process.ts'
import { Member } from './member.ts'
import { type Blow, plan } from './plan.ts'

const long = process.env['FEATHERMQ_LONG'] === '1'
const ROUND = 40_000
const rounds = (long ? 1_200_000 : 120_000) / ROUND
/** Leases of a broker that was killed run for a minute, and a handler's failure comes on top. */
const PATIENCE = 120_000
const LIFE = rounds * (ROUND + PATIENCE) + 120_000

describe(`clients in chaos for ${(rounds * ROUND) / 60_000} minutes, FEATHERMQ_SEED=${seed}`, function () {
  this.timeout(LIFE)
  const members: Member[] = []
  /** Those out of the routes of the topics that have no order. */
  const away = new Set<Member>()
  const stderr: string[] = []
  let folder: string
  let clients: Clients

  before('start the brokers', async () => {
    folder = mkdtempSync(join(tmpdir(), 'feathermq-chaos-'))
    for (const name of ['broker-a', 'broker-b', 'broker-c']) members.push(await Member.make(name, join(folder, name), LIFE))
    tell()
    await Promise.all(members.map((member) => member.start()))
    clients = new Clients(members.map(({ link }) => link.address).join(';'), LIFE)
  })
  after('remove what is left', async () => {
    await clients?.kill()
    await Promise.all(members.map((member) => member.close()))
    rmSync(folder, { recursive: true, force: true })
  })

  /** The topic whose messages are ordered stays where it is: with other queues, message groups would find themselves on others. */
  function tell(): void {
    const places = (some: readonly Member[]): readonly Place[] => some.map(({ place }) => place)
    const present = places(members.filter((member) => !away.has(member)))
    const routes: Routes = { orders: present, payments: present, accounts: places(members.slice(0, 2)) }
    for (const member of members) member.tell(routes)
  }

  /**
   * What falls upon a broker waits until it has recovered from the blow before, and until another one is well: a slow machine needs longer than planned.
   * Resolves when it falls.
   */
  const recovered = new Map<number, Promise<void>>()
  const hands = Array.from({ length: 2 }, () => Promise.resolve())
  const under: Promise<void>[] = []
  let hand = 0
  async function strike(blow: Blow): Promise<void> {
    if ('member' in blow) await Promise.all([recovered.get(blow.member), hands[hand]])
    const over = fall(blow)
    under.push(over)
    // They are awaited at the end of the round; until then nobody else would hear of a failure.
    const quiet = over.catch(() => {})
    if (!('member' in blow)) return
    recovered.set(blow.member, quiet)
    hands[hand] = quiet
    hand = (hand + 1) % hands.length
  }

  async function fall(blow: Blow): Promise<void> {
    if (blow.kind === 'replace') {
      await clients.order({ replace: blow.consumer })
      return
    }
    if (blow.kind === 'blackout') {
      for (const { link } of members) link.down()
      await pause(blow.lasts)
      for (const { link } of members) link.heal()
      return
    }
    const member = members[blow.member]
    assert.ok(member !== undefined)
    const { link } = member
    switch (blow.kind) {
      case 'cut':
        return link.cut()
      case 'stall':
        link.stall()
        await pause(blow.lasts)
        if (blow.thenCut) link.cut()
        return link.heal()
      case 'down':
        link.down()
        await pause(blow.lasts)
        return link.heal()
      case 'kill':
        await member.kill()
        await pause(blow.lasts)
        return await member.start()
      case 'stop':
        stderr.push(await member.stop())
        await pause(blow.lasts)
        return await member.start()
      case 'leave':
        away.add(member)
        tell()
        if (blow.off) stderr.push(await member.stop())
        await pause(blow.lasts)
        if (blow.off) await member.start()
        away.delete(member)
        return tell()
    }
  }

  const reports: LoadReport[] = []
  const random = new Random(seed)
  for (let round = 1; round <= rounds; round += 1) {
    it(`round ${round}: all that was promised is handled, in the order of its message group`, async () => {
      await clients.order('resume')
      const counts = new Map<string, number>()
      const began = performance.now()
      for (const { after: wait, blow } of plan(random, members.length, CONSUMERS, ROUND)) {
        await pause(wait)
        await strike(blow)
        counts.set(blow.kind, (counts.get(blow.kind) ?? 0) + 1)
        if (performance.now() - began > ROUND) break
      }
      await Promise.all(under.splice(0))
      await clients.order('hold')
      const before = performance.now()
      const ending = new AbortController()
      await Promise.race([clients.order('drained'), pause(PATIENCE, undefined, { signal: ending.signal }).catch(() => {})])
      ending.abort()
      const report = await clients.report()
      reports.push(report)
      const struck = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
      console.log(`      ${struck}: ${report.promises}; drained in ${((performance.now() - before) / 1_000).toFixed(1)} s`)
      console.log(
        `      failed sends: ${JSON.stringify(report.codes)}; ${report.sockets} sockets, ${report.timers} timers, ${report.heap.toFixed(1)} MiB heap`,
      )
      assert.deepEqual(report.faults, [])
      assert.equal(report.unhandled, 0, [report.promises, ...report.consumers].join('\n'))
    })
  }

  it('nothing has grown: sockets, timers, heap', async () => {
    // What stays after the first round is what the clients need; a leak of one per blow, message or reconnection would be many times the slack by the last.
    const [first] = reports
    const last = reports.at(-1)
    assert.ok(reports.length === rounds && first !== undefined && last !== undefined)
    for (const [what, slack] of [
      ['sockets', 8],
      ['timers', 20],
      ['heap', 8],
    ] as const) {
      const grown = last[what] - first[what]
      assert.ok(grown <= first[what] * 0.2 + slack, `${what}: ${reports.map((each) => each[what].toFixed(0)).join(' ')}`)
    }
    assert.ok(last.promised > rounds * 500, `${last.promised} messages are no load`)
  })

  it('all of it closes in time, and its process ends by itself, having written nothing', async () => {
    const end = await clients.stop()
    assert.deepEqual([end.code, end.stdout, end.stderr], [0, '', ''])
    for (const member of members) stderr.push(await member.stop())
    assert.deepEqual([...new Set(stderr)], [''])
  })
})
