import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { after, before, describe, it } from 'mocha'
import { type Child, describeEnd, message, start } from '../support/child.ts'
import { Load } from './load.ts'
import type { BrokerReport } from './report.ts'

const seconds = process.env['FEATHERMQ_LONG'] === '1' ? 600 : 60
/** A machine may be so slow that these take longer than the time: then it takes longer. Retention has gone round several times after them. */
const MESSAGES = 25_000
const LOOKS = 40

/**
 * How much more it may be in the second half; of some a part comes and goes: a segment of the log, a file of delayed messages, which is removed when it is
 * full, at 64 MiB, and all of it is over, and the journal of the state, which becomes a snapshot after 32 MiB.
 */
const slack = { memory: 8, handles: 6, log: 9, index: 2, timed: 72, state: 72 } as const
type Kind = keyof typeof slack
const kinds: readonly Kind[] = ['memory', 'handles', 'log', 'index', 'timed', 'state']

describe(`a broker on disk under mixed load for ${seconds} s`, function () {
  this.timeout(3 * seconds * 1_000 + 240_000)

  let folder: string
  let broker: Child
  before('start the broker', async () => {
    folder = mkdtempSync(join(tmpdir(), 'feathermq-soak-'))
    const program = fileURLToPath(new URL('broker-process.ts', import.meta.url))
    const args = ['--conditions=feathermq-source', '--import', 'tsx', program, folder]
    broker = start(process.execPath, args, { ipc: true, timeout: 4 * seconds * 1_000 + 300_000 })
  })
  after('remove what it left', async () => {
    broker?.kill('SIGKILL')
    await broker?.ended
    rmSync(folder, { recursive: true, force: true })
  })

  it('loses nothing, logs no error, and takes up no more in the second half than in the first', async () => {
    const { endpoints } = (await message(broker)) as { readonly endpoints: string }
    const load = new Load(endpoints)
    const looks: BrokerReport[] = []
    const look = async () => {
      const told = message(broker)
      broker.process.send('report')
      looks.push((await told) as BrokerReport)
    }
    load.start()
    try {
      for (let n = 0; n < LOOKS || load.ledger.sent < MESSAGES; n += 1) {
        await pause((seconds * 1_000) / LOOKS)
        await look()
      }
      await load.drain()
    } finally {
      await load.close()
    }
    await look()

    console.log(`      ${load.ledger}, ${load.again} deliveries after the first, ${load.gone} consumers came and went`)
    for (const what of kinds) {
      const every = looks.filter((_, n) => n % 4 === 3).map((each) => Math.round(each[what]))
      console.log(`      ${what}: ${every.join(' ')}`)
    }
    assert.deepEqual([load.ledger.faults, load.complaints, looks.at(-1)?.errors, load.ledger.outstanding], [[], [], [], 0])
    assert.ok(load.again > MESSAGES / 50 && load.gone > 20, `${load.again} deliveries after the first, ${load.gone} consumers that went`)

    // The first quarter is how it fills up.
    const [first, second] = [looks.slice(LOOKS / 4, looks.length / 2), looks.slice(looks.length / 2)]
    const most = (half: readonly BrokerReport[], what: Kind) => Math.max(...half.map((each) => each[what]))
    for (const what of kinds) {
      const [before, now] = [most(first, what), most(second, what)]
      assert.ok(now <= before * 1.1 + slack[what], `${what}: at most ${before.toFixed(1)} in the first half, ${now.toFixed(1)} in the second`)
    }
    // Retention has removed far more than it keeps.
    assert.ok(
      most(looks, 'log') < load.megabytes / 2,
      `${load.megabytes.toFixed(0)} MiB were sent, and the log takes ${most(looks, 'log').toFixed(0)}`,
    )

    broker.process.send('stop')
    const end = await broker.ended
    assert.deepEqual([end.code, end.stderr], [0, ''], `The broker ${describeEnd(end)}`)
  })
})
