import { fileURLToPath } from 'node:url'

/** Path of the filter that this package ships: one file for every Envoy, whatever its processor. */
export const filterFile: string = fileURLToPath(new URL('../../dist/feathermq-mesh.wasm', import.meta.url))
