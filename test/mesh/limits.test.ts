import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { Client } from './support/client.ts'
import { requireEnvoy } from './support/envoy.ts'
import { type Mesh, startMesh, twoClusters } from './support/mesh.ts'

// So low that also a busy machine asks for several times as much.
const rate = 60
const burst = 20
const clientRate = 15
const clientBurst = 8
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

  /** Clients that never stop asking, each for itself. How many of the calls were admitted per client, in how many ms. */
  async function overload(topic: string): Promise<{ readonly admitted: readonly number[]; readonly refused: number; readonly elapsed: number }> {
    const request = requests.send({ topic })
    const admitted = clients.map(() => 0)
    let refused = 0
    const start = performance.now()
    const ask = async (client: Client, index: number) => {
      while (performance.now() - start < span) {
        const { status } = await client.call('SendMessage', request, { 'x-mq-client-id': `client-${index}` })
        if (status === 0) admitted[index] = (admitted[index] ?? 0) + 1
        else {
          assert.equal(status, 8)
          refused++
        }
      }
    }
    await Promise.all(clients.flatMap((client, index) => [ask(client, index), ask(client, index)]))
    return { admitted, refused, elapsed: performance.now() - start }
  }

  it('admit what the rate and the burst say, over all workers and clients together, and nearly all of it', async () => {
    const { admitted, refused, elapsed } = await overload('orders')
    const total = admitted.reduce((sum, count) => sum + count, 0)
    const most = burst + (rate * elapsed) / 1000
    assert.ok(refused > total, `${refused} of ${total + refused} calls were refused: that is no overload`)
    assert.ok(total <= most + 1, `${total} calls were admitted, of at most ${most}`)
    assert.ok(total >= 0.9 * most, `${total} calls were admitted, of at most ${most}`)
    assert.equal(mesh.broker('east').calls.length, total)
  }).timeout(30_000)

  it('admit to each client what is its own, whichever workers it is served by', async () => {
    const { admitted, elapsed } = await overload('own')
    const most = clientBurst + (clientRate * elapsed) / 1000
    for (const count of admitted) assert.ok(count <= most + 1 && count >= 0.9 * most, `${count} calls were admitted, of at most ${most}`)
  }).timeout(30_000)
})
