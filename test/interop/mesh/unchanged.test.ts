import assert from 'node:assert/strict'
import type { FilterMetrics } from '@feathermq/mesh-filter'
import { after, before, describe, it } from 'mocha'
import { requireEnvoy } from '../../mesh/support/envoy.ts'
import { connectionsOf } from '../../support/connections.ts'
import { officialClients } from '../../support/official/clients.ts'
import { eventually, type Patience } from '../rocketmq/first-call.ts'
import { requirePeer } from '../support/runtime.ts'
import { begin, contentsFor, controlOf, expected, type Journey, kinds, type Seen, sent, topicOf, transactions } from './journey.ts'
import { type Language, languages } from './languages.ts'
import { type Kind, type Server, servers } from './servers.ts'
import { type Sidecar, startSidecar } from './sidecar.ts'

for (const { name, start } of servers) {
  describe(`clients behind a real Envoy with the filter, and ${name}`, function () {
    // A stock server answers some receives only at the end of their wait, 20 s.
    this.timeout(120_000)
    let server: Server | undefined
    let sidecar: Sidecar | undefined
    /** The same without a rule for addresses. */
    let control: Sidecar | undefined
    const journeys = new Map<Language, Journey>()
    const running = () => {
      if (server === undefined || sidecar === undefined || control === undefined) throw new Error('no test runs before the server does')
      return { server, sidecar, control }
    }
    const journey = (language: Language): Journey => {
      const found = journeys.get(language)
      if (found === undefined) throw new Error('no test runs before its clients do')
      return found
    }

    before('start the server, its sidecars, and the clients of all languages', async function () {
      if (process.platform !== 'linux') this.skip()
      const envoy = await requireEnvoy(this)
      server = await requirePeer(this, () => start(contentsFor(languages)))
      sidecar = await startSidecar(envoy, server.endpoints, { endpoints: [{ to: 'requested' }] })
      control = await startSidecar(envoy, server.endpoints, {})
      for (const language of languages) journeys.set(language, begin(language, sidecar.endpoints))
      void Promise.allSettled([...journeys.values()].map(({ ended }) => ended)).then(() => server?.lookForOrphans())
    })
    after('stop all', async () => {
      await Promise.all([...journeys.values()].map((each) => each.end()))
      await Promise.all([sidecar?.stop(), control?.stop()])
      await server?.stop()
    })

    for (const language of languages) {
      describe(language.name, () => {
        before('find it', async function () {
          await requirePeer(this, () => journey(language).found)
        })

        for (const kind of kinds) {
          it(`sends and consumes ${kind} messages`, async () => {
            const arrived = await journey(language).arrived[kind]
            const ordered = (all: readonly Seen[]) => (kind === 'FIFO' ? all : [...all].sort((a, b) => (a.body < b.body ? -1 : 1)))
            assert.deepEqual(ordered(arrived), ordered(expected(kind)))
          })
        }

        it('is connected to the sidecar and to nothing else', async () => {
          const { sidecar } = running()
          const processes = await journey(language).processes
          assert.ok(processes.length > 0)
          for (const pid of processes) assert.deepEqual(connectionsOf(pid), [sidecar.endpoints])
        })

        it('made its calls through the filter, which could read and rewrite all of them', async () => {
          await journey(language).processes
          const { sidecar } = running()
          // A call is counted when Envoy is done with it, which is a moment after the client is.
          const metrics = await eventually(async () => {
            const now = await sidecar.metrics()
            assert.deepEqual(missing(now, language), [])
            return now
          }, patience())
          assert.deepEqual([...metrics.opaque, ...metrics.denied], [])
          assert.deepEqual(await sidecar.notRewritten(), [])
        })

        it('is led past the sidecar by a filter without a rule for addresses (control)', async () => {
          const { server, control } = running()
          const { open } = await journey(language).found
          const producer = await officialClients(open).producer({ endpoints: control.endpoints, topic: controlOf(language) })
          await producer.send({ topic: controlOf(language), body: Buffer.from('x') })
          assert.ok(connectionsOf(producer.pid).includes(server.endpoints))
        })
      })
    }
  })
}

/** Far longer than anything takes. */
const patience = (): Patience => ({ until: Date.now() + 60_000, check: () => {} })

/** What the filter has not counted yet of what a language's clients did with success, as `op topic`. */
function missing({ calls }: FilterMetrics, language: Language): readonly string[] {
  const count = (op: string, kind: Kind) =>
    calls
      .filter((call) => call.op === op && call.topic === topicOf(language, kind) && call.code === '20000')
      .reduce((sum, call) => sum + call.count, 0)
  const wanted = kinds.flatMap((kind): readonly (readonly [op: string, kind: Kind, count: number])[] => [
    ['route', kind, 1],
    ['send', kind, sent(kind)],
    ['receive', kind, 1],
    ['ack', kind, 1],
    ...(kind === 'TRANSACTION' ? ([['end-transaction', kind, transactions]] as const) : []),
    ...(kind === 'NORMAL' || kind === 'FIFO' ? ([['assignment', kind, 1]] as const) : []),
  ])
  return wanted.filter(([op, kind, least]) => count(op, kind) < least).map(([op, kind]) => `${op} ${topicOf(language, kind)}`)
}
