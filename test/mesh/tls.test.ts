import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type ClientHttp2Session, connect, type SecureClientSessionOptions } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testAuthority } from '@feathermq/transport/testing'
import { after, before, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { ClientCall } from './support/client.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'
import { type Mesh, startMesh, twoClusters } from './support/mesh.ts'

const folder = mkdtempSync(join(tmpdir(), 'feathermq-mesh-tls-'))
const authority = testAuthority()

function files(name: string): { certificate: string; key: string } {
  const issued = authority.issue('localhost')
  const paths = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
  writeFileSync(paths.certificate, issued.certificate)
  writeFileSync(paths.key, issued.key)
  return paths
}

async function send(session: ClientHttp2Session) {
  session.on('error', () => {})
  const path = '/apache.rocketmq.v2.MessagingService/SendMessage'
  const call = new ClientCall(session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' }))
  call.stream.end(requests.send({ topic: 'payments' }))
  const end = await within(call.ended, 'the end of the call')
  session.destroy()
  return end
}

describe('a port of a real Envoy with the filter', () => {
  let envoy: string
  let mesh: Mesh | undefined
  before(async function () {
    envoy = await requireEnvoy(this)
    writeFileSync(join(folder, 'ca.pem'), authority.ca)
  })
  after(() => rmSync(folder, { recursive: true }))

  function secure(address: string, options: SecureClientSessionOptions = {}): ClientHttp2Session {
    return connect(`https://localhost:${address.split(':').at(-1)}`, {
      ca: authority.ca,
      lookup: (_, __, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
      ...options,
    })
  }

  it('takes TLS and plaintext alike, and routes both by topic', async () => {
    mesh = await startMesh(envoy, twoClusters, { tls: files('both') })
    try {
      for (const session of [secure(mesh.address), connect(`http://${mesh.address}`)]) assert.equal((await send(session)).status, 0)
      assert.equal(mesh.broker('west').calls.length, 2)
    } finally {
      await mesh.stop()
    }
  })

  it('wants a certificate of TLS clients when it knows whose', async () => {
    mesh = await startMesh(envoy, twoClusters, { tls: { ...files('mutual'), clientCa: join(folder, 'ca.pem') } })
    try {
      assert.equal((await send(secure(mesh.address))).status, undefined, 'the connection ends before any answer')
      const known = authority.issue('client')
      assert.equal((await send(secure(mesh.address, { cert: known.certificate, key: known.key }))).status, 0)
    } finally {
      await mesh.stop()
    }
  })
})
