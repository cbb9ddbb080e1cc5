import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { startEnvoy } from '@feathermq/mesh-filter'
import { after, before, describe, it } from 'mocha'
import { start } from '../support/child.ts'
import { root } from '../support/repository.ts'
import { requireEnvoy } from './support/envoy.ts'

const empty = { static_resources: {} }

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // An orphan that has ended is still listed until somebody asks for its exit code, which in a container may be nobody.
    return process.platform !== 'linux' || !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function gone(pid: number): Promise<void> {
  const deadline = performance.now() + 10_000
  while (isAlive(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} is still there`)
    await turn()
  }
}

const foldersOf = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('feathermq-envoy-'))

describe('startEnvoy', () => {
  let envoy: string
  // Others on this machine have Envoys of their own below the usual folder.
  const usual = process.env['TMPDIR']
  let folder: string
  before(async function () {
    envoy = await requireEnvoy(this)
    folder = mkdtempSync(join(tmpdir(), 'feathermq-test-'))
    process.env['TMPDIR'] = folder
  })
  after(() => {
    if (usual === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = usual
    if (folder !== undefined) rmSync(folder, { recursive: true })
  })

  it('leaves nothing behind when it is stopped, once or twice', async () => {
    const running = await startEnvoy(empty, { envoy, workers: 1 })
    assert.ok(isAlive(running.pid))
    await Promise.all([running.stop(), running.stop()])
    await running.stop()
    assert.equal(isAlive(running.pid), false)
    assert.deepEqual(await running.ended, { code: 0, signal: null })
    assert.match(running.log(), /SIGTERM/, 'the log is still there to be read')
    assert.deepEqual(foldersOf(folder), [])
  })

  it('quotes the log of an Envoy that does not come up', async () => {
    await assert.rejects(startEnvoy({ static_resources: { listeners: [{}] } }, { envoy }), {
      code: 'ENVOY_FAILED',
      message: /ended with 1 before it was ready\. The end of its log:\n.*error adding listener/s,
    })
  })

  it('says that an address is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    assert.ok(typeof address === 'object' && address !== null)
    const admin = { address: { socket_address: { address: '127.0.0.1', port_value: address.port } } }
    await assert.rejects(startEnvoy({ admin }, { envoy }), { code: 'ENVOY_FAILED', message: /Address already in use/ })
    server.close()
  })

  it('says that a program does not start', async () => {
    await assert.rejects(startEnvoy(empty, { envoy: '/no/such/envoy' }), { code: 'ENVOY_FAILED', message: /\/no\/such\/envoy.*does not start/ })
  })

  for (const [name, end, signal] of [
    ['ends normally without stopping it', 'return', undefined],
    ['crashes', 'throw', undefined],
    ['is killed', 'hold', 'SIGKILL'],
  ] as const) {
    it(`leaves no Envoy and no folder behind when the process that started it ${name}`, async () => {
      const flags = ['--conditions', 'feathermq-source', '--import', 'tsx', join(root, 'test/mesh/support/envoy-holder.ts'), envoy, end]
      const child = start(process.execPath, flags)
      const line = await child.line((text) => text.startsWith('envoy '))
      const pid = Number(line.split(' ')[1])
      if (signal !== undefined) child.process.kill(signal)
      await child.ended
      await gone(pid)
      const deadline = performance.now() + 10_000
      while (foldersOf(folder).length > 0 && performance.now() < deadline) await turn()
      assert.deepEqual(foldersOf(folder), [])
    })
  }
})
