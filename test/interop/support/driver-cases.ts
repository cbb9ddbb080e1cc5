import assert from 'node:assert/strict'
import { afterEach, before, describe, it } from 'mocha'
import { officialClients } from '../../support/official/clients.ts'
import { type Driver, type DriverProcess, startDriver } from '../../support/official/json-lines.ts'
import type { OpenWire } from '../../support/official/wire.ts'
import { officialClientCases } from './official-client-cases.ts'
import { bytes, officialStage, type Traits } from './official-stage.ts'
import { requirePeer } from './runtime.ts'

/** An official client that a driver of ours leads. */
export interface DrivenClient {
  /** As the client names it in `x-mq-language`. */
  readonly language: string
  readonly version: string
  readonly traits: Traits
  /** @throws a MissingPeer where the machine cannot run it. */
  driver(): Promise<Driver>
}

/** The processes of a describe's tests. */
export interface DriverProcesses {
  /** Clients of one test share a process, so that its runtime starts once. */
  readonly open: OpenWire
  /** A process with no client yet. */
  begin(): DriverProcess
}

/** Finds the client before the tests, and ends its processes after each. */
export function driverProcesses({ language, driver }: DrivenClient): DriverProcesses {
  let found: Driver | undefined
  let shared: DriverProcess | undefined
  const processes: DriverProcess[] = []

  before(`find or build the ${language} client`, async function () {
    found = await requirePeer(this, driver)
  })
  afterEach('end the processes', async () => {
    shared = undefined
    await Promise.all(processes.splice(0).map((process) => process.kill()))
  })

  function begin(): DriverProcess {
    if (found === undefined) throw new Error('no test runs before the client is found')
    const process = startDriver(found)
    processes.push(process)
    return process
  }
  return {
    begin,
    open(onArrival, alone) {
      if (alone) return begin().open(onArrival)
      shared ??= begin()
      return shared.open(onArrival)
    },
  }
}

/** Declares what every official client must do, and that it signs off and ends by itself. */
export function drivenClientCases({ language, version, traits }: DrivenClient, { open, begin }: DriverProcesses): void {
  officialClientCases(open, traits)

  describe('as a process', () => {
    const { broker } = officialStage(open, traits)

    it('signs on, signs off, and ends by itself', async () => {
      const { endpoints, http, clock } = await broker()
      const signedOn = async () => {
        const response = await fetch(`http://${http}/api/clients`)
        const { clients } = (await response.json()) as { clients: readonly { language: string; version: string; type: string; state: string }[] }
        return clients.map((client) => [client.language, client.version, client.type, client.state].join(' ')).sort()
      }
      const process = begin()
      const official = officialClients((onArrival) => process.open(onArrival))
      const from = await official.producer({ endpoints, topic: 'orders' })
      const puller = await official.simpleConsumer({ endpoints, group: 'audit', topic: 'orders' })
      const pushed = await official.pushConsumer({ endpoints, group: 'billing', topic: 'orders' })
      await from.send({ topic: 'orders', body: bytes('x') })
      const { answer } = await pushed.next()
      answer(true)
      assert.deepEqual(
        await signedOn(),
        ['PRODUCER', 'PUSH_CONSUMER', 'SIMPLE_CONSUMER'].map((type) => `${language} ${version} ${type} connected`),
      )
      await Promise.all([from.shutdown(), puller.shutdown(), pushed.shutdown(() => clock.advance('30s'))])
      assert.deepEqual(await signedOn(), [])
      const { code, stderr } = await process.finish()
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    })
  })
}
