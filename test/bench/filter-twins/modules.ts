import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compile } from './compile.ts'

const text = (name: string) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')

/** A filter that does nothing. */
export function emptyFilter(): Promise<Uint8Array> {
  return compile(text('empty.as'), ['--runtime', 'stub', '--exportStart', '_initialize', '--use', 'abort='])
}

/** Our filter's work on the AssemblyScript SDK. It compiles with the runtime that collects alone, and with its log by way of WASI. */
export function sdkTwin(): Promise<Uint8Array> {
  return compile(text('sdk-twin.as'), ['--config', 'node_modules/@assemblyscript/wasi-shim/asconfig.json', '--runtime', 'incremental'])
}

/** Our filter's work as a Lua script of Envoy's. */
export const luaTwin: string = text('routing.lua')
