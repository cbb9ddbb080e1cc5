/**
 * Modules of Node that not every process needs which imports this package: TLS alone makes an import a tenth dearer. They are read when something is done with
 * them. It is no `import()`, because that would have callers wait.
 */
import type * as Crypto from 'node:crypto'
import type * as Net from 'node:net'
import type * as Tls from 'node:tls'
import type * as Zlib from 'node:zlib'

let loadedCrypto: typeof Crypto | undefined
let loadedNet: typeof Net | undefined
let loadedTls: typeof Tls | undefined
let loadedZlib: typeof Zlib | undefined

export const crypto = (): typeof Crypto => (loadedCrypto ??= process.getBuiltinModule('node:crypto'))
export const net = (): typeof Net => (loadedNet ??= process.getBuiltinModule('node:net'))
export const tls = (): typeof Tls => (loadedTls ??= process.getBuiltinModule('node:tls'))
export const zlib = (): typeof Zlib => (loadedZlib ??= process.getBuiltinModule('node:zlib'))
