import { queueOf } from '@feathermq/protocol'
import type { FakeServer } from '../../../sdk/src/testing-internal/fake-server.ts'
import type { Scenario } from './scenario.ts'
import { START } from './scenario.ts'
import type { Program } from './stage.ts'

const hello = { topic: 'orders', body: 'hello' }
const QUEUES = 8

async function sent(program: Program): Promise<boolean> {
  await Promise.race([program.says('sent', START), program.says('failed', START)])
  return program.said.includes('sent')
}

function failure(program: Program): string {
  return program.said.find((text) => text.startsWith('failed')) ?? 'nothing'
}

function used(server: FakeServer): string {
  const ids = new Set(server.sends.all.map(({ request }) => request.messages[0]?.systemProperties?.queueId))
  return [...ids].sort().join(', ')
}

const java = `the queue that Java chooses`
const place = (server: FakeServer) =>
  used(server) === String(queueOf('customer-7', QUEUES)) ? java : `queue ${used(server)}, where Java chooses another`

function throttling(server: FakeServer): () => string {
  server.onSettings = (settings) => {
    const backoffPolicy = {
      maxAttempts: 3,
      strategy: { case: 'exponentialBackoff' as const, value: { initial: { nanos: 400_000_000 }, max: { seconds: 2 }, multiplier: 2 } },
    }
    return { status: { code: 'OK' }, command: { case: 'settings', value: { ...server.settingsFor(settings), backoffPolicy } } }
  }
  const times: number[] = []
  server.onSend = () => {
    times.push(performance.now())
    return { status: { code: 'TOO_MANY_REQUESTS', message: 'slow down' }, entries: [] }
  }
  // The second wait is longer: whatever holds the machine up, a client that waits takes more than these together.
  return () => ((times[2] ?? 0) - (times[0] ?? 0) > 800 ? 'it waits as it is told' : 'it tries again at once, three times')
}

export const sending: readonly Scenario[] = [
  {
    name: 'eight messages go to a topic of eight queues',
    serve: ({ server }) => {
      server.queueCount = QUEUES
    },
    async official(stage) {
      await sent(stage.official('send eight'))
      return `to queue ${used(stage.server)}`
    },
    async ours(stage) {
      const producer = stage.client().producer()
      for (let count = 0; count < QUEUES; count += 1) await producer.send(hello)
      return `to queue ${used(stage.server)}`
    },
  },
  {
    name: 'queue 0 is read-only',
    serve: ({ server }) => {
      server.onRoute = () => ({
        status: { code: 'OK' },
        messageQueues: server.queues('orders').map((queue, index) => (index === 0 ? { ...queue, permission: 'READ' as const } : queue)),
      })
    },
    async official(stage) {
      const program = stage.official('send')
      return (await sent(program)) ? 'to another queue' : `every send fails: ${/RangeError/.test(failure(program)) ? 'RangeError' : failure(program)}`
    },
    async ours(stage) {
      await stage.client().producer().send(hello)
      return 'to another queue'
    },
  },
  {
    name: 'a message of a message group goes to a topic of eight queues',
    serve: ({ server }) => {
      server.queueCount = QUEUES
    },
    async official(stage) {
      await sent(stage.official('send in order'))
      return place(stage.server)
    },
    async ours(stage) {
      await stage
        .client()
        .producer()
        .send({ ...hello, messageGroup: 'customer-7' })
      return place(stage.server)
    },
  },
  {
    name: 'a message has priority 0',
    serve: ({ server }) => {
      server.onRoute = () => ({
        status: { code: 'OK' },
        messageQueues: server.queues('orders').map((queue) => ({ ...queue, acceptMessageTypes: ['PRIORITY' as const] })),
      })
    },
    async official(stage) {
      return (await sent(stage.official('send with priority 0'))) ? 'it is sent' : 'it is refused: it is taken for one without a priority'
    },
    async ours(stage) {
      await stage
        .client()
        .producer()
        .send({ ...hello, priority: 0 })
      return 'it is sent'
    },
  },
  {
    name: 'the server throttles, and its back-off is 400 ms and twice that',
    async official(stage) {
      const waits = throttling(stage.server)
      await sent(stage.official('send'))
      return waits()
    },
    async ours(stage) {
      const waits = throttling(stage.server)
      await stage
        .client()
        .producer()
        .send(hello)
        .catch(() => {})
      return waits()
    },
  },
  {
    name: 'a send is refused',
    serve: ({ server }) => {
      server.onSend = () => ({ status: { code: 'FORBIDDEN', message: 'no' }, entries: [] })
    },
    async official(stage) {
      const program = stage.official('send')
      await sent(program)
      const times = stage.server.sends.all.length
      return `it asks ${times === 1 ? 'once' : `${times} times`}; the error ${/request-id=undefined/.test(failure(program)) ? 'says request-id=undefined' : 'names the request'}`
    },
    async ours(stage) {
      const error = await stage
        .client()
        .producer()
        .send(hello)
        .catch((reason: unknown) => reason)
      const times = stage.server.sends.all.length
      const id = stage.server.sends.all[0]?.headers['x-mq-request-id']
      const named = typeof error === 'object' && error !== null && 'requestId' in error && error.requestId === id
      return `it asks ${times === 1 ? 'once' : `${times} times`}; the error ${named ? 'names the request' : 'does not'}`
    },
  },
]
