import { createRequire } from 'node:module'
import type * as OpenTelemetry from '@opentelemetry/api'

/** `@opentelemetry/api`, as a whole. */
export type Api = typeof OpenTelemetry

/** Under which every copy of the API, whatever its version 1.x, keeps what the application has registered. */
const registry = Symbol.for('opentelemetry.js.api.1')

let found: Api | undefined
let missing = false

/**
 * The API as soon as anything in the process has registered something with it: until then nobody listens, so that nothing is loaded. Undefined also where it
 * is not installed: it is an optional peer.
 */
export function openTelemetry(): Api | undefined {
  return found ?? (!missing && registry in globalThis ? load() : undefined)
}

/** Whether the application has registered this. */
export function isRegistered(what: 'trace' | 'metrics'): boolean {
  const registered = (globalThis as Record<symbol, unknown>)[registry]
  return typeof registered === 'object' && registered !== null && what in registered
}

/** The API whether or not anything is registered: for who was given a provider. */
export function load(): Api | undefined {
  if (found !== undefined || missing) return found
  try {
    // `import` would have to wait, and a module that waits cannot be required.
    found = createRequire(import.meta.url)('@opentelemetry/api') as Api
  } catch {
    missing = true
  }
  return found
}

/** For programs that are bundled: there the API has no place of its own to be loaded from. */
export function provide(api: Api): void {
  found = api
}
