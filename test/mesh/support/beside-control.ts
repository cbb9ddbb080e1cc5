import type { MeshConfig } from '@feathermq/mesh-filter'
import { after, before, beforeEach } from 'mocha'
import { requireEnvoy } from './envoy.ts'
import { type Mesh, startMesh } from './mesh.ts'

/**
 * For the tests of the suite that calls it: an Envoy with these rules, and the control, one that has none of them. What brokers have seen is forgotten
 * before each test.
 */
export function besideControl(rules: MeshConfig, none: MeshConfig): { readonly mesh: () => Mesh; readonly control: () => Mesh } {
  let mesh: Mesh
  let control: Mesh
  before(async function () {
    const envoy = await requireEnvoy(this)
    mesh = await startMesh(envoy, rules)
    control = await startMesh(envoy, none)
  })
  after(async () => {
    await mesh?.stop()
    await control?.stop()
  })
  beforeEach(() => {
    mesh.reset()
    control.reset()
  })
  return { mesh: () => mesh, control: () => control }
}
