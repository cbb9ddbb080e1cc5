import { describe } from 'mocha'
import { drivenClientCases } from './support/driver-cases.ts'
import { pythonClientVersion, pythonDriver } from './support/python-client.ts'

describe(`the official Python client ${pythonClientVersion}, unmodified`, function () {
  // Its push consumer asks for queues a second after its start.
  this.timeout(60_000)

  drivenClientCases({
    language: 'PYTHON',
    version: pythonClientVersion,
    driver: pythonDriver,
    // An unknown topic it notes in its log alone when it starts. An ordered message it retries without counting.
    traits: { unknownTopic: 'send', largestReceived: 4 * 1024 * 1024, orderedAttempts: [1, 1, 1] },
  })
})
