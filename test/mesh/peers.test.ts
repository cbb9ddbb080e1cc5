import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type ClientHttp2Session, connect } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MeshConfig } from '@feathermq/mesh-filter'
import { testAuthority } from '@feathermq/transport/testing'
import { after, before, beforeEach, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { ClientCall } from './support/client.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'
import { type Mesh, startMesh } from './support/mesh.ts'

/** Only billing may read payments, whoever else has a certificate. */
const config: MeshConfig = {
  version: 1,
  name: 'peers',
  mode: 'route',
  direction: 'inbound',
  clusters: { default: 'east', allow: ['east'] },
  acl: {
    identity: 'peer',
    rules: [
      {
        name: 'only-billing',
        effect: 'deny',
        when: { op: ['receive', 'assignment', 'telemetry'], topic: 'payments*' },
        unless: { peer: 'spiffe://prod/ns/billing/*' },
      },
    ],
  },
}

describe('a real Envoy with the filter, asking for certificates', () => {
  const authority = testAuthority()
  let folder: string
  let mesh: Mesh
  before(async function () {
    const envoy = await requireEnvoy(this)
    folder = mkdtempSync(join(tmpdir(), 'feathermq-mesh-peers-'))
    const own = authority.issue('localhost')
    const file = (name: string, content: string) => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    const tls = { certificate: file('own.pem', own.certificate), key: file('own.key', own.key), clientCa: file('ca.pem', authority.ca) }
    mesh = await startMesh(envoy, config, { tls })
  })
  after(async () => {
    await mesh?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(() => mesh.reset())

  function as(peer: string): ClientHttp2Session {
    const { certificate, key } = authority.issue(peer)
    const session = connect(`https://localhost:${mesh.address.split(':').at(-1)}`, {
      ca: authority.ca,
      cert: certificate,
      key,
      lookup: (_, __, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    session.on('error', () => {})
    return session
  }

  async function status(session: ClientHttp2Session, method: string, request: Buffer, more = {}): Promise<number | undefined> {
    const path = `/apache.rocketmq.v2.MessagingService/${method}`
    const call = new ClientCall(session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...more }))
    call.stream.end(request)
    return (await within(call.ended, `the end of ${method}`)).status
  }

  it('lets a topic be read by whom the rule names, and by nobody else, whatever he says in headers', async () => {
    const billing = as('spiffe://prod/ns/billing/sa/reader')
    const lab = as('spiffe://prod/ns/lab/sa/reader')
    const payments = requests.receive('payments-eu', 'g')
    try {
      assert.equal(await status(billing, 'ReceiveMessage', payments), 0)
      assert.equal(await status(lab, 'ReceiveMessage', payments), 7)
      const forged = { 'x-fmq-peer': 'spiffe://prod/ns/billing/x', 'x-forwarded-client-cert': 'URI=spiffe://prod/ns/billing/x' }
      assert.equal(await status(lab, 'ReceiveMessage', payments, forged), 7)
      assert.equal(await status(lab, 'ReceiveMessage', requests.receive('orders', 'g')), 0)
      assert.equal(await status(lab, 'SendMessage', requests.send({ topic: 'payments-eu' })), 0, 'sending is another matter')
      assert.equal(mesh.broker('east').calls.length, 3)
    } finally {
      billing.destroy()
      lab.destroy()
    }
  })

  it('is plaintext to whoever has no certificate, who is nobody', async () => {
    const nobody = connect(`http://${mesh.address}`)
    nobody.on('error', () => {})
    try {
      assert.equal(await status(nobody, 'ReceiveMessage', requests.receive('payments-eu', 'g')), 7)
      assert.equal(await status(nobody, 'ReceiveMessage', requests.receive('orders', 'g')), 0)
    } finally {
      nobody.destroy()
    }
  })
})
