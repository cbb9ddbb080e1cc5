import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, describe, it } from 'mocha'
import { callbacks, envImports, wasiImports } from './abi.ts'
import { WasmHost, WasmLoadError } from './host.ts'
import { type ModuleTypes, readModuleTypes } from './module-types.ts'
import { assemble, least } from './test-kit/assemble.ts'
import { releaseFilter } from './test-kit/release-filter.ts'

async function refusalOf(parts: Parameters<typeof assemble>[0]): Promise<string> {
  try {
    await WasmHost.load(assemble(parts))
  } catch (error) {
    if (error instanceof WasmLoadError) return error.message
    throw error
  }
  return ''
}

describe('loading a module', () => {
  it('takes the least that a filter can be', async () => {
    const host = await WasmHost.load(assemble({}))
    assert.equal(host.startVm().startPlugin().ok, true)
    assert.deepEqual(host.faults, [])
  })

  it('takes every import that Envoy has, of the type that it has', async () => {
    const imports = [
      ...Object.entries(envImports).map(([name, signature]) => ({ module: 'env', name, signature })),
      ...Object.entries(wasiImports).map(([name, signature]) => ({ module: 'wasi_snapshot_preview1', name, signature })),
      ...Object.entries(wasiImports).map(([name, signature]) => ({ module: 'wasi_unstable', name, signature })),
    ]
    const host = await WasmHost.load(assemble({ imports }))
    assert.equal(host.startVm().failure, undefined)
    assert.deepEqual(host.module.imports, imports)
  })

  for (const [what, parts, reason] of [
    [
      'an import of another ABI',
      { imports: [{ module: 'env', name: 'proxy_clear_route_cache', signature: '>i' }] },
      /missing import: env\.proxy_clear_route_cache/,
    ],
    [
      'a function of a module that Envoy does not have',
      { imports: [{ module: 'wasi', name: 'fd_write', signature: 'iiii>i' }] },
      /missing import: wasi\.fd_write/,
    ],
    ['a global', { imports: [{ module: 'env', name: 'proxy_log', signature: undefined }] }, /missing import: env\.proxy_log/],
    [
      'an import with a parameter too few',
      { imports: [{ module: 'env', name: 'proxy_log', signature: 'ii>i' }] },
      /type mismatch: env\.proxy_log, want: ii>i, but host exports: iii>i/,
    ],
    ['an import with an i32 for an i64', { imports: [{ module: 'env', name: 'proxy_increment_metric', signature: 'ii>i' }] }, /type mismatch/],
    [
      'a callback of another type',
      { functions: { ...least, proxy_on_request_body: 'ii>i' } },
      /Bad function signature for: proxy_on_request_body, want: iii>i/,
    ],
    ['no malloc', { functions: { proxy_abi_version_0_2_1: '>' } }, /missing malloc function/],
    ['no version of the ABI', { functions: { malloc: 'i>i' } }, /Missing or unknown Proxy-Wasm ABI version/],
    ['another version of the ABI', { functions: { malloc: 'i>i', proxy_abi_version_0_3_0: '>' } }, /Missing or unknown Proxy-Wasm ABI version/],
    ['no memory', { memory: false }, /no memory/],
  ] as const) {
    it(`refuses ${what}, by name`, async () => {
      assert.match(await refusalOf(parts), reason)
    })
  }

  it('refuses what is no module', async () => {
    await assert.rejects(WasmHost.load(Buffer.from('no module')), WasmLoadError)
    await assert.rejects(WasmHost.load(assemble({}).subarray(0, 40)), WasmLoadError)
  })

  it('takes proxy_on_memory_allocate where there is no malloc', async () => {
    const host = await WasmHost.load(assemble({ functions: { proxy_abi_version_0_2_1: '>', proxy_on_memory_allocate: 'i>i' } }))
    assert.equal(host.startVm().failure, undefined)
  })

  it('notes a callback that nobody will ever call', async () => {
    const host = await WasmHost.load(assemble({ functions: { ...least, proxy_on_grpc_trailing_metadata: 'iii>' } }))
    assert.deepEqual(
      host.faults.map(({ kind, call }) => [kind, call]),
      [['module', 'proxy_on_grpc_trailing_metadata']],
    )
  })
})

describe('the release filter as a module', function () {
  this.timeout(60_000)
  let types: ModuleTypes
  before(async () => {
    types = readModuleTypes(await readFile(releaseFilter()))
  })

  it('needs nothing but functions of ABI 0.2.1, and no WASI', () => {
    for (const { module, name, signature } of types.imports) {
      assert.equal(module, 'env', name)
      assert.equal(signature, envImports[name], name)
    }
  })

  it('has both names of the allocator, for a host knows one of them', () => {
    assert.equal(types.functions.get('malloc'), 'i>i')
    assert.equal(types.functions.get('proxy_on_memory_allocate'), 'i>i')
  })

  it('exports callbacks of ABI 0.2.1 and nothing that looks like one', () => {
    const unknown = [...types.functions.keys()].filter((name) => callbacks[name] === undefined)
    assert.deepEqual(unknown.sort(), ['abortWithLog', 'proxy_abi_version_0_2_1'])
  })

  it('initialises as a reactor, not in a start section, where the host has no memory yet', () => {
    assert.equal(types.functions.get('_initialize'), '>')
  })
})
