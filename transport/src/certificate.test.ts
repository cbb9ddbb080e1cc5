import { strict as assert } from 'node:assert'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { describe, it } from 'mocha'
import { selfSignedCertificate } from './certificate.ts'
import { http2Transport } from './grpc/transport.ts'

const now = Date.UTC(2026, 6, 30, 12, 0, 0)
const DAY = 86_400_000

describe('a self-signed certificate', () => {
  it('names its hosts, its time and nobody who vouches for it, and is no authority', () => {
    const hosts = ['broker.example', '127.0.0.1', '::1', 'fe80::a:0:1', '2001:db8::', '::ffff:192.0.2.1', 'x'.repeat(80)]
    const { certificate, key } = selfSignedCertificate({ hosts, now })
    const read = new X509Certificate(certificate)
    assert.equal(
      read.subjectAltName,
      [
        'DNS:broker.example',
        'IP Address:127.0.0.1',
        'IP Address:0:0:0:0:0:0:0:1',
        'IP Address:FE80:0:0:0:0:A:0:1',
        'IP Address:2001:DB8:0:0:0:0:0:0',
        'IP Address:0:0:0:0:0:FFFF:C000:201',
        `DNS:${'x'.repeat(80)}`,
      ].join(', '),
    )
    for (const host of ['127.0.0.1', '::1', '2001:db8::']) assert.equal(read.checkIP(host), host)
    assert.equal(read.checkIP('192.0.2.2'), undefined)
    assert.equal(read.subject, 'CN=broker.example')
    assert.equal(read.issuer, read.subject)
    assert.equal(read.ca, false)
    assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.1'])
    assert.ok(read.verify(read.publicKey))
    assert.ok(read.checkPrivateKey(createPrivateKey(key)))
    assert.deepEqual([new Date(read.validFrom).getTime(), new Date(read.validTo).getTime()], [now - DAY, now + 397 * DAY])
  })

  it('may be valid beyond 2049', () => {
    const { validTo } = new X509Certificate(selfSignedCertificate({ hosts: ['a'], now: Date.UTC(2049, 11, 31), days: 2 }).certificate)
    assert.equal(new Date(validTo).getTime(), Date.UTC(2050, 0, 2))
  })

  it('is another one each time', () => {
    const [first, second] = [1, 2].map(() => new X509Certificate(selfSignedCertificate({ hosts: ['a'], now }).certificate))
    assert.notEqual(first?.serialNumber, second?.serialNumber)
    assert.notEqual(first?.fingerprint256, second?.fingerprint256)
  })

  it('is trusted by who was given it, for the names in it, and by nobody else', async () => {
    const tls = selfSignedCertificate({ hosts: ['localhost', '127.0.0.1'], now: Date.now() })
    const server = http2Transport().createServer({ tls })
    const { port } = await server.listen('127.0.0.1', 0)
    const outcome = async (options: ConnectionOptions): Promise<string> => {
      const socket = connectTls({ host: '127.0.0.1', port, ALPNProtocols: ['h2'], ...options })
      try {
        await once(socket, 'secureConnect')
        return 'trusted'
      } catch (error) {
        return String(Reflect.get(error as object, 'code'))
      } finally {
        socket.destroy()
      }
    }
    assert.equal(await outcome({ ca: tls.certificate }), 'trusted')
    assert.equal(await outcome({ ca: tls.certificate, servername: 'localhost' }), 'trusted')
    assert.equal(await outcome({ ca: tls.certificate, servername: 'elsewhere.example' }), 'ERR_TLS_CERT_ALTNAME_INVALID')
    assert.equal(await outcome({}), 'DEPTH_ZERO_SELF_SIGNED_CERT')
    const other = selfSignedCertificate({ hosts: ['localhost', '127.0.0.1'], now: Date.now() })
    assert.notEqual(await outcome({ ca: other.certificate }), 'trusted')
    await server.close()
  })
})
