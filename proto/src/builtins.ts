/**
 * Modules of Node that not every process needs which imports this package: they are read when something is done with them. It is no `import()`, because that
 * would have callers wait.
 */
import type * as Crypto from 'node:crypto'
import type * as Os from 'node:os'
import type * as Zlib from 'node:zlib'

let loadedCrypto: typeof Crypto | undefined
let loadedZlib: typeof Zlib | undefined

export const crypto = (): typeof Crypto => (loadedCrypto ??= process.getBuiltinModule('node:crypto'))
export const os = (): typeof Os => process.getBuiltinModule('node:os')
export const zlib = (): typeof Zlib => (loadedZlib ??= process.getBuiltinModule('node:zlib'))
