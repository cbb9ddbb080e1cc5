import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scenario } from './scenario.ts'
import { START } from './scenario.ts'
import { within } from './stage.ts'

const hello = { topic: 'orders', body: 'hello' }
const queues = (count: number) => Array.from({ length: count }, (_, id) => id)

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function unusedBefore(endpoints: string): Promise<string> {
  return `127.0.0.1:${await closedPort()};${endpoints}`
}

export const starting: readonly Scenario[] = [
  {
    name: 'a producer of three topics starts',
    serve({ server }) {
      const usual = server.onRoute
      server.onRoute = async (request, call) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return await usual(request, call)
      }
    },
    async official(stage) {
      const program = stage.official('start with three topics')
      // Its settings came, so what it waits for has happened.
      await stage.server.settings.reaches(1)
      return (await program.says('started', 4_000)) === 'said' ? 'it starts' : 'it still waits 4 s after its settings came, and would for 5 minutes'
    },
    async ours(stage) {
      await stage
        .client()
        .producer({ topics: ['orders', 'payments', 'refunds'] })
        .send(hello)
      return 'it starts'
    },
  },
  {
    name: 'the access point is a list whose first address is down',
    async official(stage) {
      const program = stage.official('start', await unusedBefore(stage.endpoints))
      await Promise.race([program.says('started', START), program.says('failed', START)])
      return program.said.includes('started') ? 'it starts at the second' : 'its start fails: it resolves the list as one name'
    },
    async ours(stage) {
      await stage
        .client({ endpoints: await unusedBefore(stage.endpoints) })
        .producer()
        .send(hello)
      return 'it starts at the second'
    },
  },
  {
    name: 'the access point begins with http://',
    async official(stage) {
      const program = stage.official('start', `http://${stage.endpoints}`)
      await Promise.race([program.says('started', START), program.says('failed', START)])
      return program.said.includes('started') ? 'it starts' : 'its start fails: it takes "http" for the host'
    },
    async ours(stage) {
      await stage
        .client({ endpoints: `http://${stage.endpoints}` })
        .producer()
        .send(hello)
      return 'it starts'
    },
  },
  {
    name: "the server's certificate is signed by an authority of one's own",
    tls: true,
    async official(stage) {
      const program = stage.official('start with TLS')
      await Promise.race([program.says('started', START), program.says('failed', START)])
      return program.said.includes('started') ? 'it starts' : 'its start fails, and no option names the authority'
    },
    async ours(stage) {
      await stage
        .client({ tls: { ca: stage.certificate ?? '' } })
        .producer()
        .send(hello)
      return 'it starts with tls.ca'
    },
  },
  {
    name: 'the topic does not exist',
    serve({ server }) {
      server.onRoute = () => ({ status: { code: 'TOPIC_NOT_FOUND', message: 'no such topic' }, messageQueues: [] })
    },
    async official(stage) {
      const program = stage.official('look up')
      await program.says('[', START)
      return program.said.some((text) => text.startsWith('["')) ? 'it logs lines with "%s" where the topic should be' : 'it says which'
    },
    async ours(stage) {
      const error = await stage
        .client()
        .producer()
        .send(hello)
        .catch((reason: unknown) => reason)
      return /orders/.test(String(error)) && !/%[sdj]/.test(String(error)) ? 'its error names the topic' : String(error)
    },
  },
  {
    name: 'a client is only made',
    async official(stage) {
      const program = stage.official('only made')
      await program.says('made', START)
      return (await program.ends(3_000)) === undefined ? 'it keeps its process alive' : 'its process ends by itself'
    },
    async ours(stage) {
      const program = stage.ours('only made')
      return (await program.ends(START)) === undefined ? 'it keeps its process alive' : 'its process ends by itself'
    },
  },
  {
    name: 'a consumer of eight queues connects by TLS',
    tls: true,
    serve({ server }) {
      server.queueCount = 8
      server.onAssignment = ({ topic }) => ({
        status: { code: 'OK' },
        assignments: queues(8).map((id) => ({ messageQueue: server.queue(topic?.name ?? '', id) })),
      })
    },
    async official(stage) {
      const folder = mkdtempSync(join(tmpdir(), 'feathermq-roots-'))
      const roots = join(folder, 'ca.pem')
      writeFileSync(roots, stage.certificate ?? '')
      // The variable of grpc-js is the one way to have a server of one's own trusted.
      const program = stage.official('consume by TLS', stage.endpoints, { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: roots })
      await within(stage.server.receives.reaches(8), START)
      rmSync(folder, { recursive: true, force: true })
      return `${program.said.length > 0 ? '' : 'unstarted: '}${stage.link.connected > 8 ? 'more than eight connections' : `${stage.link.connected} connections`}`
    },
    async ours(stage) {
      const running = stage
        .client({ tls: { ca: stage.certificate ?? '' } })
        .consumer({ group: 'billing', subscribe: { orders: '*' } })
        .run(() => {})
      running.catch(() => {})
      await stage.server.receives.reaches(8)
      return stage.link.connected === 1 ? 'one connection' : `${stage.link.connected} connections`
    },
  },
]
