import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../support/repository.ts'

const entry = 'module.ts'
const compiler = pathToFileURL(join(dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')), 'dist/asc.js')).href
let compilers = 0

/** A compiler of its own: one that has met a library once takes it into every module that it compiles from then on. */
async function freshCompiler(): Promise<typeof import('assemblyscript/asc')> {
  compilers += 1
  return import(`${compiler}?${compilers}`)
}

/** Null for what is not there: the compiler then looks elsewhere. */
function found<T>(look: () => T): T | null {
  try {
    return look()
  } catch {
    return null
  }
}

/** Compiles AssemblyScript as our filter's is: optimised, without assertions. `options`: further ones of `asc`. @throws an Error when it does not compile. */
export async function compile(source: string, options: readonly string[]): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined
  const asc = await freshCompiler()
  const { error, stderr } = await asc.main([entry, '--outFile', 'module.wasm', '-O3', '--converge', '--noAssert', ...options], {
    readFile: (name, folder) => (name === entry ? source : found(() => readFileSync(join(root, folder, name), 'utf8'))),
    writeFile(name, content) {
      if (name === 'module.wasm' && typeof content !== 'string') bytes = content
    },
    listFiles: (name, folder) => found(() => readdirSync(join(root, folder, name)).filter((file) => file.endsWith('.ts'))),
  })
  if (error !== null || bytes === undefined) throw new Error(`It does not compile: ${stderr.toString()}`)
  return bytes
}
