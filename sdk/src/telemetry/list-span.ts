import type { Span } from '@opentelemetry/api'
import type { FeatherMQError } from '../errors.ts'
import { semconv } from './semconv.ts'
import type { SendSpan } from './tracing.ts'

/** The span of one call that sends several messages: it ends with the last of them, and has failed when one of them has. */
export class ListSpan {
  readonly headers: SendSpan['headers']
  readonly #span: Span
  readonly #fail: (span: Span, error: unknown) => void
  #left: number
  #attempts = 0
  #failed: { readonly error: unknown } | undefined
  #lastRetry: FeatherMQError | undefined

  /** @param fail marks the span */
  constructor(span: Span, messages: number, headers: SendSpan['headers'], fail: (span: Span, error: unknown) => void) {
    this.#span = span
    this.#left = messages
    this.headers = headers
    this.#fail = fail
  }

  /** What one of its messages tells. */
  message(traceContext: string | undefined): SendSpan {
    return {
      traceContext,
      headers: this.headers,
      retry: (attempt, failure) => this.#retry(attempt, failure),
      succeed: ({ endpoint, attempts }) => {
        this.#attempts = Math.max(this.#attempts, attempts)
        this.#span.setAttributes(semconvServer(endpoint))
        this.#ended()
      },
      fail: (error) => {
        this.#failed ??= { error }
        this.#ended()
      },
    }
  }

  /** The messages of a request are tried again together: that is one event. */
  #retry(attempt: number, failure: FeatherMQError): void {
    if (failure === this.#lastRetry) return
    this.#lastRetry = failure
    this.#span.addEvent(semconv.retryEvent, { attempt, endpoint: failure.endpoint ?? '', [semconv.errorType]: failure.code })
  }

  #ended(): void {
    this.#left -= 1
    if (this.#left > 0) return
    if (this.#attempts > 0) this.#span.setAttribute(semconv.attempts, this.#attempts)
    if (this.#failed !== undefined) this.#fail(this.#span, this.#failed.error)
    this.#span.end()
  }
}

/** @param endpoint `host:port` */
export function semconvServer(endpoint: string): { readonly [name: string]: string | number } {
  const colon = endpoint.lastIndexOf(':')
  return {
    [semconv.serverAddress]: endpoint.slice(0, colon).replace(/^\[|\]$/g, ''),
    [semconv.serverPort]: Number(endpoint.slice(colon + 1)),
  }
}
