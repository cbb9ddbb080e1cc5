import { createRequire } from 'node:module'
import type * as Grpc from '@grpc/grpc-js'

let loaded: typeof Grpc | undefined

/**
 * The package `@grpc/grpc-js`, which is loaded when a server or a channel of this transport is made and not before: whoever uses another transport need
 * not have it.
 *
 * @throws an Error that says how to install it.
 */
export function loadGrpc(): typeof Grpc {
  try {
    loaded ??= createRequire(import.meta.url)('@grpc/grpc-js') as typeof Grpc
    return loaded
  } catch (cause) {
    throw new Error('the transport "grpc-js" needs the package @grpc/grpc-js: npm install @grpc/grpc-js', { cause })
  }
}
