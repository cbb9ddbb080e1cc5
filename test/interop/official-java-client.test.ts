import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testAuthority } from '@feathermq/transport/testing'
import { describe, it } from 'mocha'
import { scratchFolder } from '../support/repository.ts'
import { acrossARestart } from './support/cases/across-a-restart.ts'
import { transactionsAndRecall } from './support/cases/transactions-and-recall.ts'
import { type DrivenClient, drivenClientCases, driverProcesses } from './support/driver-cases.ts'
import { javaClientVersion, javaDriver } from './support/java-client.ts'
import { bytes, officialStage, text } from './support/official-stage.ts'

const java: DrivenClient = {
  language: 'JAVA',
  version: javaClientVersion,
  driver: javaDriver,
  traits: { unknownTopic: 'start', largestReceived: 4 * 1024 * 1024, orderedAttempts: [1, 2, 3] },
}

describe(`the official Java client ${java.version}, unmodified`, function () {
  // A JVM starts in a second or two, and the push consumer asks for queues a second after its start.
  this.timeout(60_000)

  const processes = driverProcesses(java)
  drivenClientCases(java, processes)
  transactionsAndRecall(officialStage(processes.open, java.traits))
  acrossARestart(officialStage(processes.open, java.traits), { transactions: true })

  describe('with TLS, its default', () => {
    const { broker, producer, simple } = officialStage(processes.open, java.traits, { tls: true })

    it('sends and receives, and takes a certificate of an authority that nobody told it of', async () => {
      const { certificate, key } = testAuthority().issue('broker.test')
      const folder = scratchFolder('official-java-tls')
      const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
      writeFileSync(tls.cert, certificate)
      writeFileSync(tls.key, key)
      const { endpoints } = await broker({ tls })
      const from = await producer(endpoints, 'orders')
      await from.send({ topic: 'orders', body: bytes('x') })
      const to = await simple({ endpoints, group: 'billing', topic: 'orders' })
      const [message] = await to.receive(1, 30_000)
      assert.ok(message !== undefined)
      assert.equal(text(message.body), 'x')
      await to.ack(message)
    })
  })
})
