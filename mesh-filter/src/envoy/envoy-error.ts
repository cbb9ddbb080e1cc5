/**
 * Why there is no Envoy, or none that runs. `code`:
 * - `ENVOY_NOT_FOUND`: none here, and none could be fetched; the message says why and how to get one.
 * - `ENVOY_TOO_OLD`: the one that `ENVOY_BIN` names cannot run the filter.
 * - `ENVOY_FAILED`: it ended, or was not ready in time; the message quotes its log.
 */
export class EnvoyError extends Error {
  override readonly name = 'EnvoyError'
  readonly code: 'ENVOY_NOT_FOUND' | 'ENVOY_TOO_OLD' | 'ENVOY_FAILED'

  constructor(code: EnvoyError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
