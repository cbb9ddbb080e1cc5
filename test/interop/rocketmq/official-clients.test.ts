import assert from 'node:assert/strict'
import { FeatherMQ, silentLogger } from '@feathermq/sdk'
import { after, afterEach, before, describe, it } from 'mocha'
import { type OfficialClients, officialClients } from '../../support/official/clients.ts'
import { type Driver, type DriverProcess, startDriver } from '../../support/official/json-lines.ts'
import { nodeWire } from '../../support/official/node-wire.ts'
import { events } from '../../support/stage.ts'
import { type Crossing, everyKind } from '../support/cases/every-kind.ts'
import { javaDriver } from '../support/java-client.ts'
import { pythonDriver } from '../support/python-client.ts'
import { requirePeer } from '../support/runtime.ts'
import type { Mode } from './configuration.ts'
import { rocketmqVersion } from './jars.ts'
import { type Rocketmq, startRocketmq } from './server.ts'

const languages: readonly (readonly [name: string, driver: (() => Promise<Driver>) | undefined])[] = [
  ['Java', javaDriver],
  ['Python', pythonDriver],
  // A process for each of its clients, which ends with it.
  ['Node', undefined],
]

const modes: readonly (readonly [mode: Mode, what: string])[] = [
  ['local', 'its broker in the proxy'],
  ['cluster', 'its broker and its proxy apart'],
]

/** The modes differ in what the proxy makes of calls, which one language is enough to see; not worth another minute of every run. */
const all = process.env['FEATHERMQ_LONG'] === '1'

let names = 0

for (const [mode, what] of modes) {
  describe(`our SDK and the official clients over a stock RocketMQ ${rocketmqVersion}, ${what}`, function () {
    this.timeout(60_000)
    let server: Rocketmq | undefined
    const running = () => {
      if (server === undefined) throw new Error('no test runs before the server does')
      return server
    }
    before('start RocketMQ', async function () {
      server = await requirePeer(this, () => startRocketmq({ mode }))
    })
    after('stop RocketMQ', () => server?.stop())

    for (const [name, driver] of languages.filter(([language]) => all || mode === 'local' || language === 'Java')) {
      describe(`the ${name} client`, () => {
        let found: Driver | undefined
        let process: DriverProcess | undefined
        let clients: OfficialClients = officialClients(nodeWire)
        const closing: (() => Promise<unknown>)[] = []
        const kept = async <Client extends { shutdown(): Promise<void> }>(starting: Promise<Client>): Promise<Client> => {
          const client = await starting
          closing.push(() => client.shutdown())
          return client
        }

        /** Clients in a process of their own, which is ended after the test. */
        const apart = (): OfficialClients => {
          if (found === undefined) return officialClients(nodeWire)
          const own = startDriver(found)
          closing.push(() => own.kill())
          return officialClients((onArrival) => own.open(onArrival))
        }

        before(async function () {
          if (driver === undefined) return
          found = await requirePeer(this, driver)
          const shared = startDriver(found)
          process = shared
          clients = officialClients((onArrival) => shared.open(onArrival))
        })
        afterEach('close what the test left', () => Promise.all(closing.splice(0).map((close) => close())))
        after(() => process?.kill())

        const crossing: Crossing = {
          async topic(kind) {
            const topic = `${kind.toLowerCase()}-${++names}`
            await running().createTopic(topic, { type: kind })
            return topic
          },
          async group(options) {
            const group = `billing-${++names}`
            await running().createGroup(group, options)
            return group
          },
          async ours() {
            const mq = new FeatherMQ({ endpoints: running().endpoints, logger: silentLogger })
            closing.push(() => mq.close())
            return mq
          },
          producer: (topic) => kept(clients.producer({ endpoints: running().endpoints, topic })),
          simple: (options) => kept(clients.simpleConsumer({ endpoints: running().endpoints, ...options })),
          // A stock server is up to a second late by itself.
          soon: () => Math.ceil(Date.now() / 1_000) * 1_000 + 1_000,
          reach: async () => {},
        }
        everyKind(crossing)

        it('shares a consumer group with our consumer, push beside push, each message going to one of both', async () => {
          const [topic, group] = await Promise.all([crossing.topic('NORMAL'), crossing.group({ ordered: false })])
          const [from, mq] = await Promise.all([crossing.producer(topic), crossing.ours()])
          const got = events<string>()
          // Its shutdown waits for its open polls, up to 20 s, so it is killed.
          const pushed = await apart().pushConsumer({ endpoints: running().endpoints, group, topic })
          closing.push(() => pushed.kill())
          const theirs = (async () => {
            for (;;) {
              const { message, answer } = await pushed.next()
              answer(true)
              got.push(message.messageId)
            }
          })()
          theirs.catch(() => {})
          const ours = mq.consumer({ group, subscribe: { [topic]: '*' } }).run((message) => got.push(message.messageId), { concurrency: 1 })
          const producer = mq.producer({ topics: [topic] })
          const sent: string[] = []
          for (let index = 0; index < 20; index += 1) {
            sent.push((await from.send({ topic, body: Buffer.from(`theirs ${index}`) })).messageId)
            sent.push((await producer.send({ topic, body: `ours ${index}` })).messageId)
          }
          assert.deepEqual([...(await got.take(40))].sort(), sent.sort())
          await mq.close()
          await ours
          assert.deepEqual(got.waiting, [])
        })
      })
    }
  })
}
