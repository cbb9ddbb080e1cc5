import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { Client } from './support/client.ts'
import { requireEnvoy } from './support/envoy.ts'
import { type Mesh, startMesh, twoClusters } from './support/mesh.ts'

// So low that also a busy machine asks for several times as much.
const rate = 60
const burst = 60
const clientRate = 15
// What comes to it while a busy machine lets nobody ask: a second.
const clientBurst = 15
/** ms of overload. */
const span = 3000

describe('12: limits of a real Envoy with four workers', () => {
  let mesh: Mesh
  const clients: Client[] = []
  before(async function () {
    const config = {
      ...twoClusters,
      name: 'limited',
      limits: [
        { name: 'total', when: { op: 'send', topic: 'orders' }, messages: { rate, burst } },
        { name: 'each', when: { op: 'send', topic: 'own' }, per: ['client' as const], messages: { rate: clientRate, burst: clientBurst } },
      ],
    }
    mesh = await startMesh(await requireEnvoy(this), config, { workers: 4, accessLog: false })
    for (let index = 0; index < 8; index++) clients.push(await Client.connect(mesh.address))
  })
  after(async () => {
    for (const client of clients) await client.close()
    await mesh?.stop()
  })

  interface Overload {
    /** Calls of each client. */
    readonly admitted: readonly number[]
    readonly refused: number
    readonly elapsed: number
    /** Until when each client has asked, ms; for the rest of the time it was not there to be admitted. */
    readonly asked: readonly number[]
  }

  /** Clients that never stop asking, each for itself. */
  async function overload(topic: string): Promise<Overload> {
    const request = requests.send({ topic })
    const admitted = clients.map(() => 0)
    const asked = clients.map(() => 0)
    let refused = 0
    const start = performance.now()
    const ask = async (client: Client, index: number) => {
      for (let now = 0; now < span; now = performance.now() - start) {
        asked[index] = now
        const { status } = await client.call('SendMessage', request, { 'x-mq-client-id': `client-${index}` })
        if (status === 0) admitted[index] = (admitted[index] ?? 0) + 1
        else {
          assert.equal(status, 8)
          refused++
        }
      }
    }
    await Promise.all(clients.flatMap((client, index) => [ask(client, index), ask(client, index)]))
    return { admitted, refused, elapsed: performance.now() - start, asked }
  }

  it('admit what the rate and the burst say, over all workers and clients together, and nearly all of it', async () => {
    const { admitted, refused, elapsed, asked } = await overload('orders')
    const total = admitted.reduce((sum, count) => sum + count, 0)
    const most = burst + (rate * elapsed) / 1000
    const least = 0.9 * (burst + (rate * Math.max(...asked)) / 1000)
    assert.ok(refused > total, `${refused} of ${total + refused} calls were refused: that is no overload`)
    assert.ok(total <= most + 1, `${total} calls were admitted, of at most ${most}`)
    assert.ok(total >= least, `${total} calls were admitted, of at least ${least}`)
    assert.equal(mesh.broker('east').calls.length, total)
  }).timeout(30_000)

  it('admit to each client what is its own, whichever workers it is served by', async () => {
    const { admitted, elapsed, asked } = await overload('own')
    const most = clientBurst + (clientRate * elapsed) / 1000
    for (const [index, count] of admitted.entries()) {
      const least = 0.9 * (clientBurst + (clientRate * (asked[index] ?? 0)) / 1000)
      assert.ok(count <= most + 1 && count >= least, `${count} calls were admitted, of ${least} to ${most}`)
    }
  }).timeout(30_000)
})
