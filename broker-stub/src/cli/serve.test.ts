import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'mocha'
import { OptionError } from '../options.ts'
import { type ServeFlags, serveOptions } from './serve.ts'

const file = {
  name: 'file',
  host: '0.0.0.0',
  port: 1,
  httpPort: 2,
  advertise: 'file:1',
  autoCreate: true,
  maxMemory: '1MiB',
  maxDelay: '1h',
  transport: 'grpc-js',
  tls: { cert: 'file-cert', key: 'file-key' },
  topics: { orders: { queues: 8 } },
  groups: { billing: { ordered: true } },
}

describe('options of feathermq serve', () => {
  let folder: string
  let config: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'feathermq-serve-'))
    config = join(folder, 'broker.json')
    writeFileSync(config, JSON.stringify(file))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('are none without flags and without a file', () => {
    assert.deepEqual(serveOptions({}), {})
  })

  it('are those of the file where no flag is given', () => {
    assert.deepEqual(serveOptions({ config }), file)
  })

  const flags: readonly (readonly [given: Partial<ServeFlags>, changed: object])[] = [
    [{ name: 'flag' }, { name: 'flag' }],
    [{ host: '127.0.0.1' }, { host: '127.0.0.1' }],
    [{ port: 0 }, { port: 0 }],
    [{ httpPort: 0 }, { httpPort: 0 }],
    [{ advertise: 'flag:1' }, { advertise: 'flag:1' }],
    [{ autoCreate: false }, { autoCreate: false }],
    [{ data: 'flag' }, { data: 'flag' }],
    [{ flush: 'os' }, { flush: 'os' }],
    [{ retentionTime: '1h' }, { retention: { time: '1h' } }],
    [{ retentionSize: '1GiB' }, { retention: { size: '1GiB' } }],
    [{ maxMemory: '2MiB' }, { maxMemory: '2MiB' }],
    [{ maxDelay: '2h' }, { maxDelay: '2h' }],
    [{ transport: 'http2' }, { transport: 'http2' }],
    [{ tlsCert: 'flag-cert', tlsKey: 'flag-key' }, { tls: { cert: 'flag-cert', key: 'flag-key' } }],
    [{ tlsSelfSigned: true }, { tls: { selfSigned: true } }],
  ]
  for (const [given, changed] of flags) {
    it(`are those of the file except ${Object.keys(changed)} where that flag is given`, () => {
      assert.deepEqual(serveOptions({ config, ...given }), { ...file, ...changed })
      assert.deepEqual(serveOptions(given), changed)
    })
  }

  it('have a certificate with its key or neither, whatever the file has', () => {
    for (const half of [{ tlsCert: 'flag-cert' }, { tlsKey: 'flag-key' }]) {
      assert.throws(
        () => serveOptions({ autoCreate: true, config, ...half }),
        (error) => error instanceof OptionError && error.message === '--tls-cert and --tls-key belong together: give both or none',
      )
    }
  })

  it('are refused when the file is not there', () => {
    assert.throws(() => serveOptions({ autoCreate: true, config: join(folder, 'none') }), OptionError)
  })
})
