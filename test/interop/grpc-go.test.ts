import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Channel, grpcJsTransport, http2Transport, type Server, type Transport } from '@feathermq/transport'
import { testAuthority } from '@feathermq/transport/testing'
import { after, before, describe, it } from 'mocha'
import { type Child, type Ended, expectSuccess, run, start } from '../support/child.ts'
import { scratchFolder } from '../support/repository.ts'
import { type GoPrograms, grpcGoModule, requireGoPrograms } from './support/go-programs.ts'
import { interopCases } from './support/grpc-testing/cases.ts'
import { serveTestService } from './support/grpc-testing/service.ts'
import { pinned } from './support/runtime.ts'

const transports: readonly Transport[] = [grpcJsTransport(), http2Transport()]

describe(`the interoperability cases of grpc-go ${pinned(grpcGoModule.peer)}`, () => {
  let programs: GoPrograms
  before('build the programs', async function () {
    programs = await requireGoPrograms(this, grpcGoModule)
  })

  for (const transport of transports) {
    for (const tls of [false, true]) {
      const over = `over ${transport.name} ${tls ? 'with TLS' : 'in plaintext'}`

      describe(`its client and our server, ${over}`, () => {
        const errors: unknown[] = []
        let server: Server
        let play: (name: string) => Promise<Ended>

        before('serve', async () => {
          const { caFile, certificate, key } = certificates()
          server = transport.createServer({ ...(tls ? { tls: { certificate, key } } : {}), onError: (error) => errors.push(error) })
          serveTestService(server)
          const { host, port } = await server.listen('127.0.0.1', 0)
          const trust = tls ? ['-use_tls', '-use_test_ca', '-ca_file', caFile, '-server_host_override', 'localhost'] : []
          play = (name) => run(program('client'), ['-server_host', host, '-server_port', `${port}`, ...trust, '-test_case', name])
        })
        after('stop serving', () => server?.close())

        for (const name of Object.keys(interopCases)) {
          it(`agree on ${name}`, async () => {
            expectSuccess(`grpc-go's client, playing ${name},`, await play(name))
            assert.deepEqual(errors, [])
          })
        }
      })

      describe(`our client and its server, ${over}`, () => {
        let server: Child
        let channel: Channel

        before('start the server', async () => {
          const { ca, certificateFile, keyFile } = certificates()
          const identity = tls ? ['-use_tls', '-tls_cert_file', certificateFile, '-tls_key_file', keyFile] : []
          // The port it took is in its log, which is silent by default.
          server = start(program('server'), ['-port', '0', ...identity], { env: { GRPC_GO_LOG_SEVERITY_LEVEL: 'info' }, timeout: 120_000 })
          const [, port] = LISTENING.exec(await server.line((line) => LISTENING.test(line))) ?? []
          channel = transport.createChannel({ address: `localhost:${port}`, ...(tls ? { tls: { ca } } : {}) })
        })
        after('stop the server', async () => {
          channel?.close()
          server?.kill('SIGKILL')
          await server?.ended
        })

        for (const [name, play] of Object.entries(interopCases)) it(`agree on ${name}`, () => play(channel))
      })
    }
  }

  function program(name: 'client' | 'server'): string {
    const path = programs.get(name)
    assert.ok(path !== undefined)
    return path
  }
})

const LISTENING = /interop server listening on .*:(\d+)$/

function certificates() {
  const authority = testAuthority()
  const { certificate, key } = authority.issue('localhost', '127.0.0.1')
  const folder = scratchFolder('grpc-go-certificates')
  const [caFile, certificateFile, keyFile] = [join(folder, 'ca.pem'), join(folder, 'certificate.pem'), join(folder, 'key.pem')] as const
  writeFileSync(caFile, authority.ca)
  writeFileSync(certificateFile, certificate)
  writeFileSync(keyFile, key, { mode: 0o600 })
  return { ca: authority.ca, certificate, key, caFile, certificateFile, keyFile }
}
