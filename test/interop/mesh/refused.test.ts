import assert from 'node:assert/strict'
import { startBroker } from '@feathermq/broker/testing'
import type { MeshConfig } from '@feathermq/mesh-filter'
import { after, before, describe, it } from 'mocha'
import { requireEnvoy } from '../../mesh/support/envoy.ts'
import { type OfficialClients, officialClients } from '../../support/official/clients.ts'
import { OfficialError } from '../../support/official/wire.ts'
import { eventually } from '../rocketmq/first-call.ts'
import { requirePeer } from '../support/runtime.ts'
import { type Clients, languages } from './languages.ts'
import { type Sidecar, startSidecar } from './sidecar.ts'

/** Of the topic `slow` the bytes of one message may pass, and none of the polls. */
const guarded: Partial<MeshConfig> = {
  acl: { rules: [{ name: 'closed', effect: 'deny', when: { op: ['send', 'receive'], topic: 'closed' } }] },
  limits: [
    { name: 'slowly', when: { op: 'send', topic: 'slow' }, bytes: { rate: 1, burst: 3000 } },
    { name: 'polls', when: { op: 'receive', topic: 'slow' }, bytes: { rate: 1, burst: 1 } },
  ],
  reject: { style: 'native', explain: true },
}
const body = Buffer.alloc(2000)

/** What a client does about a refusal. Pauses are in ms, and the least: on a busy machine they are longer. */
interface Manners {
  /** How often it sends a message that is refused, and how long it waits before each further time. */
  readonly forbidden: { readonly sends: number }
  readonly throttled: { readonly sends: number; readonly pauses: readonly number[] }
  /** Between two polls of its push consumer. */
  readonly poll: { readonly forbidden: number; readonly throttled: number }
}

const manners: Readonly<Record<string, Manners>> = {
  java: { forbidden: { sends: 3 }, throttled: { sends: 3, pauses: [20, 40] }, poll: { forbidden: 1_000, throttled: 20 } },
  python: { forbidden: { sends: 3 }, throttled: { sends: 1, pauses: [] }, poll: { forbidden: 1_000, throttled: 1_000 } },
}

/** Envoy's access log and the client have different clocks, which count alike but for this, in ms. */
const ROUNDING = 2

interface Line {
  readonly op: string
  readonly topic: string
  readonly code: string
  readonly rule: string
  readonly time: string
}

for (const language of languages) {
  const expected = manners[language.id]
  // Node's is looked at with the filter's other tests.
  if (expected === undefined) continue
  describe(`${language.name}, refused by a real Envoy with the filter`, function () {
    this.timeout(60_000)
    let broker: Awaited<ReturnType<typeof startBroker>> | undefined
    let sidecar: Sidecar
    let clients: Clients
    let official: OfficialClients
    before(async function () {
      const envoy = await requireEnvoy(this)
      clients = await requirePeer(this, () => language.begin())
      official = officialClients(clients.open)
      broker = await startBroker({ topics: { closed: { queues: 1 }, slow: { queues: 1 } } })
      sidecar = await startSidecar(envoy, broker.endpoints, guarded)
    })
    after(async () => {
      await clients?.end()
      await sidecar?.stop()
      await broker?.close()
    })

    /** When refused calls came, ms, once there are as many. */
    function refusals(op: string, topic: string, code: string, count: number): Promise<readonly number[]> {
      const until = Date.now() + 50_000
      return eventually(
        async () => {
          const text = sidecar.accessLog()
          const lines = text
            .slice(0, text.lastIndexOf('\n') + 1)
            .split('\n')
            .filter((line) => line !== '')
          const calls = lines.map((line): Line => JSON.parse(line)).filter((line) => line.op === op && line.topic === topic && line.code === code)
          assert.ok(calls.length >= count, `${calls.length} calls of ${count}`)
          return calls.map(({ time }) => Date.parse(time)).sort((a, b) => a - b)
        },
        { until, check: () => {} },
      )
    }

    function pauses(times: readonly number[]): readonly number[] {
      return times.slice(1).map((time, index) => time - (times[index] ?? time))
    }

    const producer = (topic: string) => official.producer({ endpoints: sidecar.endpoints, topic, tls: language.tls })
    const refused = (code: number, text: RegExp) => (error: unknown) => {
      assert.ok(error instanceof OfficialError, String(error))
      assert.equal(error.code, code)
      assert.match(error.message, text)
      return true
    }

    it('tells that a send is forbidden as if a broker had said so, and soon gives it up', async () => {
      const from = await producer('closed')
      await assert.rejects(from.send({ topic: 'closed', body }), refused(40_300, /Forbidden.*mesh: acl\/closed: /))
      const times = await refusals('send', 'closed', '40300', expected.forbidden.sends)
      assert.equal(times.length, expected.forbidden.sends)
    })

    it('tells of a limit as one of a broker, with pauses between its attempts, and its endpoint goes on to serve other topics', async () => {
      const from = await producer('slow')
      await from.send({ topic: 'slow', body })
      await assert.rejects(from.send({ topic: 'slow', body }), refused(42_900, /TooManyRequests.*mesh: limits\/slowly: /))
      await from.send({ topic: 'other', body })
      const times = await refusals('send', 'slow', '42900', expected.throttled.sends)
      assert.equal(times.length, expected.throttled.sends)
      const seen = pauses(times)
      for (const [index, least] of expected.throttled.pauses.entries()) assert.ok((seen[index] ?? 0) >= least - ROUNDING, `pauses of ${seen} ms`)
    })

    it('waits before a push consumer polls again, after each refusal', async () => {
      for (const topic of ['closed', 'slow']) await official.pushConsumer({ endpoints: sidecar.endpoints, topic, group: topic, tls: language.tls })
      for (const [topic, code, least] of [
        ['closed', '40300', expected.poll.forbidden],
        ['slow', '42900', expected.poll.throttled],
      ] as const) {
        const seen = pauses(await refusals('receive', topic, code, 3))
        assert.ok(
          seen.every((pause) => pause >= least - ROUNDING),
          `pauses of ${seen} ms`,
        )
      }
    })
  })
}
