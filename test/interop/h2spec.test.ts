import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBroker } from '@feathermq/broker/testing'
import { http2Transport, type Transport } from '@feathermq/transport'
import { testAuthority } from '@feathermq/transport/testing'
import { before, describe, it } from 'mocha'
import { scratchFolder } from '../support/repository.ts'
import { h2specModule, requireGoPrograms } from './support/go-programs.ts'
import { h2specGroups, runH2spec } from './support/h2spec.ts'
import { describeBad, type H2specCase, totalsOf } from './support/h2spec-report.ts'
import { pinned } from './support/runtime.ts'

/** The transports whose HTTP/2 is ours to answer for. */
const judged: readonly Transport[] = [http2Transport()]

describe(`h2spec ${pinned(h2specModule.peer)}, strict, against the broker's port`, () => {
  for (const transport of judged) {
    for (const tls of [false, true]) {
      describe(`over ${transport.name} ${tls ? 'with TLS' : 'in plaintext'}`, () => {
        let cases: readonly H2specCase[]

        before('run h2spec once', async function () {
          const programs = await requireGoPrograms(this, h2specModule)
          const program = programs.get('h2spec')
          assert.ok(program !== undefined)
          await using broker = await startBroker({ transport, ...(tls ? { tls: certificateFiles() } : {}) })
          cases = await runH2spec({ program, address: broker.endpoints, tls })
        })

        for (const [group, title, count] of h2specGroups) {
          it(`passes ${group}, ${title}`, () => {
            const bad = describeBad(cases, group)
            if (bad !== '') assert.fail(`\n  ${bad}`)
            assert.equal(cases.filter((one) => one.group === group).length, count)
          })
        }

        it('passes all 146 cases and skips none', () => {
          assert.deepEqual(totalsOf(cases), { passed: 146, skipped: 0, failed: 0 })
        })
      })
    }
  }
})

function certificateFiles(): { readonly cert: string; readonly key: string } {
  const { certificate, key } = testAuthority().issue('localhost', '127.0.0.1')
  const folder = scratchFolder('h2spec-certificates')
  const files = { cert: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
  writeFileSync(files.cert, certificate)
  writeFileSync(files.key, key, { mode: 0o600 })
  return files
}
