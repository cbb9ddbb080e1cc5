import { describe } from 'mocha'
import { drivenClientCases } from './support/driver-cases.ts'
import { javaClientVersion, javaDriver } from './support/java-client.ts'

describe(`the official Java client ${javaClientVersion}, unmodified`, function () {
  // A JVM starts in a second or two, and the push consumer asks for queues a second after its start.
  this.timeout(60_000)

  drivenClientCases({
    language: 'JAVA',
    version: javaClientVersion,
    driver: javaDriver,
    traits: { unknownTopic: 'start', largestReceived: 4 * 1024 * 1024, orderedAttempts: [1, 2, 3] },
  })
})
