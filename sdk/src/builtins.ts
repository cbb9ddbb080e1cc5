/**
 * Modules of Node that not every process needs which imports this package: they are read when something is done with them. It is no `import()`, because that
 * would have callers wait.
 */
import type * as Crypto from 'node:crypto'
import type * as Net from 'node:net'
import type * as Os from 'node:os'
import type * as PerfHooks from 'node:perf_hooks'
import type * as Tls from 'node:tls'
import type * as Zlib from 'node:zlib'

let loadedCrypto: typeof Crypto | undefined

export const crypto = (): typeof Crypto => (loadedCrypto ??= process.getBuiltinModule('node:crypto'))
export const net = (): typeof Net => process.getBuiltinModule('node:net')
export const os = (): typeof Os => process.getBuiltinModule('node:os')
export const perfHooks = (): typeof PerfHooks => process.getBuiltinModule('node:perf_hooks')
export const tls = (): typeof Tls => process.getBuiltinModule('node:tls')
export const zlib = (): typeof Zlib => process.getBuiltinModule('node:zlib')
