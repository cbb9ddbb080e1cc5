import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, it } from 'mocha'
import { nodeWire } from '../support/official/node-wire.ts'
import { OfficialError } from '../support/official/wire.ts'
import { acrossARestart } from './support/cases/across-a-restart.ts'
import { transactionsAndRecall } from './support/cases/transactions-and-recall.ts'
import { officialClientCases } from './support/official-client-cases.ts'
import { bytes, officialStage, type Traits } from './support/official-stage.ts'

const version: string = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('rocketmq-client-nodejs/package.json'), 'utf8')).version

const traits: Traits = {
  unknownTopic: 'start',
  // It leaves gRPC's limit for received messages at 4 MiB in all.
  largestReceived: 4 * 1024 * 1024 - 65_536,
  // It takes a retry policy that is a list for one of a single attempt.
  orderedAttempts: undefined,
}

describe(`the official Node client ${version}, unmodified`, function () {
  // Each client is a process that loads half a second long, and its push consumer asks for queues a second after its start.
  this.timeout(60_000)

  officialClientCases(nodeWire, traits)

  transactionsAndRecall(officialStage(nodeWire, traits))
  acrossARestart(officialStage(nodeWire, traits), { transactions: true })

  describe('with what it does not check itself', () => {
    const { broker, producer } = officialStage(nodeWire, traits)

    it('is told of an illegal tag by the code of the protocol', async () => {
      const { endpoints } = await broker()
      const from = await producer(endpoints, 'orders')
      await assert.rejects(
        from.send({ topic: 'orders', body: bytes('x'), tag: 'a|b' }),
        (error: unknown) => error instanceof OfficialError && error.code === 40_004,
      )
    })
  })
})
