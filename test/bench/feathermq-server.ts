import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askForRoute } from '../interop/rocketmq/first-call.ts'
import { brokerCommand, startBrokerProcess } from '../support/broker-process.ts'
import { describeEnd } from '../support/child.ts'
import type { Contender } from './served.ts'

/** Ms that a broker of ours may live. */
const LIFE = 900_000
/** Room in memory for all that the clients of a round are given. */
const ALL = '2GiB'

/**
 * Our broker, started as its users start it; topics and groups are made on first use.
 *
 * @param flush When what it stores goes to disk; undefined: it stores nothing.
 */
export function feathermq(flush: string | undefined): Contender['start'] {
  return async () => {
    const folder = flush === undefined ? undefined : mkdtempSync(join(tmpdir(), 'feathermq-bench-'))
    const storage = folder === undefined || flush === undefined ? ['--max-memory', ALL] : ['--data', folder, '--flush', flush, '--auto-create']
    const remove = () => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    }
    const begin = Date.now()
    try {
      const broker = await startBrokerProcess(brokerCommand(storage), { timeout: LIFE })
      await askForRoute(broker.grpc, 'nothing')
      return {
        endpoints: broker.grpc,
        pid: broker.pid,
        others: {},
        startTime: Date.now() - begin,
        createTopic: async () => {},
        createGroup: async () => {},
        async stop() {
          broker.child.kill('SIGKILL')
          const end = await broker.child.ended
          remove()
          if (end.signal !== 'SIGKILL' || end.late)
            throw new Error(`Our broker ${describeEnd(end)} while it was measured.\n${end.stdout}${end.stderr}`)
          const complaints = end.stderr.split('\n').filter((line) => line !== '' && !line.includes('"level":"info"'))
          if (complaints.length > 0) throw new Error(`Our broker complained while it was measured.\n${complaints.join('\n')}`)
        },
      }
    } catch (error) {
      remove()
      throw error
    }
  }
}
