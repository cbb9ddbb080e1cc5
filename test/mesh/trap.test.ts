import assert from 'node:assert/strict'
import { setTimeout as pass } from 'node:timers/promises'
import { afterEach, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { adminCounter } from './support/admin.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'
import { type Mesh, startMesh, twoClusters } from './support/mesh.ts'
import { trappingModule } from './support/trapping-module.ts'

describe('a filter that traps, in a real Envoy with a generated bootstrap', () => {
  let mesh: Mesh | undefined
  afterEach(() => mesh?.stop())

  it('costs the call it trapped in, lets none pass unfiltered, and is back by itself', async function () {
    mesh = await startMesh(await requireEnvoy(this), { ...twoClusters, clientCalls: undefined }, { wasm: { inline: trappingModule() } })
    const { client, envoy } = mesh
    // A call without a body reaches the broker as long as the filter is alive.
    const healthy = client.open('QueryRoute')
    healthy.end()
    assert.equal((await within(healthy.ended, 'a call while all is well')).status, 0)
    const trapped = await client.call('SendMessage', requests.send({ topic: 'orders' }))
    assert.equal(trapped.status, 14)
    assert.equal(mesh.broker('east').calls.filter(({ isComplete, method }) => isComplete && method === 'SendMessage').length, 0)
    const statuses: (number | undefined)[] = []
    const recovered = async () => {
      for (let status: number | undefined; status !== 0; await pass(20)) {
        const call = client.open('QueryRoute')
        call.end()
        status = (await call.ended).status
        statuses.push(status)
      }
    }
    await within(recovered(), 'the filter to be back')
    // Until then every call was refused: none hung, none went past the filter.
    assert.deepEqual([...new Set(statuses.slice(0, -1))], [14])
    assert.ok((await adminCounter(envoy.adminUrl, 'wasm.test.vm_reload_success')) >= 1)
  })
})
