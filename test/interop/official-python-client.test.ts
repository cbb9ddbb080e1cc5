import { describe } from 'mocha'
import { acrossARestart } from './support/cases/across-a-restart.ts'
import { transactionsAndRecall } from './support/cases/transactions-and-recall.ts'
import { type DrivenClient, drivenClientCases, driverProcesses } from './support/driver-cases.ts'
import { officialStage } from './support/official-stage.ts'
import { pythonClientVersion, pythonDriver } from './support/python-client.ts'

const python: DrivenClient = {
  language: 'PYTHON',
  version: pythonClientVersion,
  driver: pythonDriver,
  // An unknown topic it notes in its log alone when it starts. An ordered message it retries without counting.
  traits: { unknownTopic: 'send', largestReceived: 4 * 1024 * 1024, orderedAttempts: [1, 1, 1] },
}

describe(`the official Python client ${python.version}, unmodified`, function () {
  // Its push consumer asks for queues a second after its start.
  this.timeout(60_000)

  const processes = driverProcesses(python)
  drivenClientCases(python, processes)
  transactionsAndRecall(officialStage(processes.open, python.traits))
  // It looks after its Telemetry every five minutes: until then nobody can ask it about a transaction.
  acrossARestart(officialStage(processes.open, python.traits), { transactions: false })
})
