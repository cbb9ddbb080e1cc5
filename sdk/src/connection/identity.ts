import { authorizationHeader, headerNames, signingDate, type UAInit } from '@feathermq/protocol/client'
import { os } from '../builtins.ts'
import type { Clock } from '../clock.ts'
import type { Credentials } from '../options.ts'
import { version } from '../version.ts'
import type { CredentialSource } from './credential-source.ts'

let lastIndex = 0

/** `host@pid@index@base36`, unique per producer and consumer: servers keep their state by it. */
export function nextClientId(prefix: string | undefined, clock: Clock): string {
  lastIndex += 1
  const begins = prefix ?? `${asHeader(os().hostname())}@${process.pid}`
  return `${begins}@${lastIndex}@${Math.floor(clock.now() * 1_000 + (clock.monotonic() % 1_000)).toString(36)}`
}

/** What the client tells of itself in its settings. */
export function userAgent(): UAInit {
  return { language: 'NODE_JS', version, platform: `${os().type()} ${os().release()}`, hostname: os().hostname() }
}

type Header = readonly [name: string, value: string]

/**
 * The `x-mq-*` headers of one producer or consumer. What is constant is given to the channel once; date and signature are made once per second.
 */
export class CallHeaders {
  readonly clientId: string
  readonly #namespace: string
  readonly #credentials: CredentialSource
  readonly #clock: Clock
  #language: 'NODE_JS' | 'HTTP' = 'NODE_JS'
  #second = Number.NaN
  #dated: readonly Header[] = []
  /** Who signed what is dated. */
  #signer: Credentials | undefined
  #constant: readonly Header[] | undefined
  /** The token that is among what is constant. */
  #token: string | undefined

  constructor(clientId: string, namespace: string, credentials: CredentialSource, clock: Clock) {
    this.clientId = clientId
    this.#namespace = namespace
    this.#credentials = credentials
    this.#clock = clock
  }

  /** Servers before 5.3.1 know no NODE_JS and answer INTERNAL_SERVER_ERROR naming their enum; `HTTP` is what the official Node client says. */
  fallBackIfRefused(text: string): boolean {
    if (this.#language === 'HTTP' || !/LanguageCode/.test(text)) return false
    this.#language = 'HTTP'
    this.#constant = undefined
    return true
  }

  /** What a call has to wait for before there is anything to sign it with; undefined when nothing. */
  missing(): Promise<void> | undefined {
    return this.#credentials.missing()
  }

  /** A server says that the caller is not known. Resolves with whether there are other credentials now. */
  renew(): Promise<boolean> {
    return this.#credentials.renew(this.#signer)
  }

  /** The same array for as long as it says the same. */
  constant(): readonly Header[] {
    const token = this.#credentials.latest()?.sessionToken
    if (this.#constant !== undefined && token === this.#token) return this.#constant
    const headers: Header[] = [
      [headerNames.clientId, this.clientId],
      [headerNames.language, this.#language],
      [headerNames.clientVersion, version],
      [headerNames.protocol, 'v2'],
      [headerNames.namespace, this.#namespace],
    ]
    if (token !== undefined) headers.push([headerNames.sessionToken, token])
    this.#constant = headers
    this.#token = token
    return headers
  }

  perCall(requestId: string): readonly Header[] {
    const now = this.#clock.now()
    const second = Math.floor(now / 1_000)
    const credentials = this.#credentials.latest()
    if (second !== this.#second || credentials !== this.#signer) {
      this.#second = second
      this.#signer = credentials
      const date = signingDate(now)
      const signed: Header[] = [[headerNames.dateTime, date]]
      if (credentials !== undefined) {
        const { accessKey, secretKey } = credentials
        signed.push([headerNames.authorization, authorizationHeader({ accessKey, secretKey, date })])
      }
      this.#dated = signed
    }
    return [[headerNames.requestId, requestId], ...this.#dated]
  }
}

/** Host names may hold what headers may not. */
function asHeader(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '-')
}
