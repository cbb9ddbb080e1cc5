import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filterFile, inject, type MeshConfig, startEnvoy } from '@feathermq/mesh-filter'
import { after, before, describe, it } from 'mocha'
import { parse, parseAllDocuments } from 'yaml'
import { requests } from '../support/filter/requests.ts'
import { toldMetrics } from './support/admin.ts'
import { Client } from './support/client.ts'
import { requireEnvoy } from './support/envoy.ts'
import { FakeBroker } from './support/fake-broker.ts'
import { freePort } from './support/free-port.ts'
import { twoClusters } from './support/mesh.ts'

const pod = 'kind: Pod\nmetadata:\n  name: one\nspec:\n  containers:\n    - name: app\n      image: a:1\n'

describe('the sidecar that inject writes, run as a kubelet would', () => {
  let envoyPath: string
  const folder = mkdtempSync(join(tmpdir(), 'feathermq-injected-'))
  before(async function () {
    envoyPath = await requireEnvoy(this)
  })
  after(() => rmSync(folder, { recursive: true }))

  it('routes calls by its ConfigMap, answers probes and metrics, and keeps the rest of the admin interface to itself', async () => {
    const config: MeshConfig = { ...twoClusters, reject: { style: 'native' } }
    const brokers = { east: await FakeBroker.start('east'), west: await FakeBroker.start('west') }
    const [listen, admin, probe] = [await freePort(), await freePort(), await freePort()]
    const { text } = inject(pod, config, {
      clusters: { east: brokers.east.address, west: brokers.west.address },
      listen: `127.0.0.1:${listen}`,
      admin: `127.0.0.1:${admin}`,
      wasm: readFileSync(filterFile),
    })
    const [, map] = parseAllDocuments(text).map((document) => document.toJS())
    // Mounted in a folder of this machine, and probed on its loopback.
    const mounted = (content: string) =>
      content.replaceAll('/etc/feathermq-mesh', folder).replace('0.0.0.0', '127.0.0.1').replace('14021', String(probe))
    writeFileSync(join(folder, 'feathermq-mesh.wasm'), Buffer.from(map.binaryData['feathermq-mesh.wasm'], 'base64'))
    writeFileSync(join(folder, 'filter.json'), mounted(map.data['filter.json']))
    const envoy = await startEnvoy(parse(mounted(map.data['envoy.yaml'])), { envoy: envoyPath, workers: 2 })
    const client = await Client.connect(`127.0.0.1:${listen}`)
    try {
      const asked = async (path: string, method = 'GET') => (await fetch(`http://127.0.0.1:${probe}${path}`, { method })).status
      assert.equal(await asked('/ready'), 200)
      const end = await client.call('SendMessage', requests.send({ topic: 'payments' }))
      assert.equal(end.status, 0, end.message)
      assert.equal(brokers.west.calls.length, 1)
      await toldMetrics(envoy.adminUrl)
      const metrics = await (await fetch(`http://127.0.0.1:${probe}/stats/prometheus`)).text()
      assert.match(metrics, /^fmq_calls\{op="send",topic="payments",group="-",code="20000"\} 1$/m)
      for (const [path, method] of [
        ['/config_dump', 'GET'],
        ['/quitquitquit', 'POST'],
        ['/ready', 'POST'],
      ] as const) {
        assert.equal(await asked(path, method), 404, path)
      }
    } finally {
      await client.close()
      await envoy.stop()
      for (const broker of Object.values(brokers)) await broker.stop()
    }
  })
})
