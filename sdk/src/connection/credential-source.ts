import type { Clock } from '../clock.ts'
import { within } from '../deferred.ts'
import { clientError, describe, type FeatherMQError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { type Credentials, type CredentialsProvider, checkCredentials } from '../options.ts'

/** A provider is asked again once what it gave is so old, ms. */
const OLD = 60_000

export interface CredentialSourceOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** For how long a call waits for a provider, ms. */
  readonly timeout: number
}

/**
 * Where the keys of a client come from: given once, or by a provider that is asked now and then. Only a call before anything was given waits for it; later
 * ones go with what there is while it is asked, so that a provider which fails for a while fails no call whose keys still hold.
 */
export class CredentialSource {
  readonly #provider: CredentialsProvider | undefined
  readonly #options: CredentialSourceOptions
  #latest: Credentials | undefined
  /** When it was asked last, monotonic ms. */
  #askedAt = Number.NEGATIVE_INFINITY
  #asking: Promise<FeatherMQError | undefined> | undefined

  constructor(given: Credentials | CredentialsProvider | undefined, options: CredentialSourceOptions) {
    this.#options = options
    if (typeof given === 'function') this.#provider = given
    else this.#latest = given
  }

  /** To sign with now; undefined without credentials. A provider is asked again in the background when they are old. */
  latest(): Credentials | undefined {
    if (this.#provider !== undefined && this.#options.clock.monotonic() - this.#askedAt >= OLD) void this.#ask(this.#provider)
    return this.#latest
  }

  /**
   * What a call has to wait for before it can be signed; undefined when nothing.
   * @throws {FeatherMQError} (as a rejection) CREDENTIALS_UNAVAILABLE.
   */
  missing(): Promise<void> | undefined {
    return this.#provider === undefined || this.#latest !== undefined ? undefined : this.#first(this.#provider)
  }

  /** A server refused them. Resolves with whether there are others now, with which the call may be made again. */
  async renew(refused: Credentials | undefined): Promise<boolean> {
    if (this.#provider === undefined) return false
    if (this.#latest === refused) await this.#ask(this.#provider)
    const now = this.#latest
    return (
      now !== undefined && (now.accessKey !== refused?.accessKey || now.secretKey !== refused.secretKey || now.sessionToken !== refused.sessionToken)
    )
  }

  async #first(provider: CredentialsProvider): Promise<void> {
    const failure = await this.#ask(provider)
    if (failure !== undefined) throw failure
  }

  /** One question at a time, however many calls there are. Resolves with why it brought nothing. */
  #ask(provider: CredentialsProvider): Promise<FeatherMQError | undefined> {
    this.#asking ??= this.#answer(provider).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #answer(provider: CredentialsProvider): Promise<FeatherMQError | undefined> {
    const { clock, logger, timeout } = this.#options
    this.#askedAt = clock.monotonic()
    try {
      const given = await within(clock, Promise.resolve().then(provider), timeout, () => new Error(`it gave nothing within ${timeout} ms`))
      this.#latest = checkCredentials(given, 'options.credentials()')
      return undefined
    } catch (cause) {
      const failure = clientError('CREDENTIALS_UNAVAILABLE', `the provider of credentials failed: ${describe(cause)}`, { cause })
      if (this.#latest !== undefined)
        logger.warn({ event: 'credentials-not-renewed', err: failure }, `${failure.message}; calls go on with what it gave before`)
      return failure
    }
  }
}
