import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ApiAnswer, problem } from '../admin/answer.ts'
import { adminApi, apiPaths } from '../admin/api.ts'
import { groupAction } from '../admin/group-actions.ts'
import type { BrokerContext } from '../context.ts'
import { CONTENT_TYPES } from '../metrics/exposition.ts'
import type { MessageStore } from '../store/message-store.ts'
import { Metrics } from './metrics.ts'

/** Largest request body, bytes. */
const MAX_BODY = 1024 * 1024

/** `/healthz`, `/metrics` and the admin API. */
export class HttpServer {
  readonly #server: Server
  readonly #broker: BrokerContext
  readonly #metrics: Metrics
  /** Hosts by which a request may name this server; a web page that resolves its own name to this address is refused. */
  readonly #hosts: ReadonlySet<string>
  readonly #onError: (error: unknown) => void

  /** @param onError Told about faults; whoever asked is told that there was one. */
  constructor(broker: BrokerContext, store: MessageStore, host: string, onError: (error: unknown) => void) {
    this.#broker = broker
    this.#metrics = new Metrics(broker, store)
    this.#hosts = new Set(['localhost', host.toLowerCase()])
    this.#onError = onError
    this.#server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) =>
      this.#guard(response, () => this.#serve(request, response)),
    )
  }

  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        // A connection that cannot be accepted, e.g. for want of file descriptors, must not end the broker.
        this.#server.on('error', this.#onError)
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  /** A fault in serving one request is answered and told; it does not reach the process. */
  #guard(response: ServerResponse, serve: () => void): void {
    try {
      serve()
    } catch (error) {
      this.#failed(response, error)
    }
  }

  #failed(response: ServerResponse, error: unknown): void {
    this.#onError(error)
    json(response, 500, { error: 'the broker failed to answer; its log says why' })
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
    // An address in the Host header cannot come from DNS rebinding; any other name must be ours.
    if (!this.#hosts.has(host) && !/^[\d.]+$|^\[[\da-f:.]+\]$/.test(host)) {
      json(response, 403, { error: `the host "${host}" is not this broker: use its address` })
      return
    }
    const pathname = pathOf(request.url ?? '/')
    if (pathname === undefined) {
      json(response, 400, { error: 'the request names no path' })
      return
    }
    if (pathname.startsWith('/api/')) {
      this.#serveApi(request, response, pathname)
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      json(response, 405, { error: `${pathname} takes GET` })
      return
    }
    switch (pathname) {
      case '/healthz':
        if (this.#broker.health.status('') === 'SERVING') json(response, 200, { status: 'ok', name: this.#broker.name })
        else json(response, 503, { status: 'stopping', name: this.#broker.name })
        break
      case '/metrics': {
        const format = /application\/openmetrics-text/.test(request.headers.accept ?? '') ? 'openmetrics' : 'text'
        const text = this.#metrics.text(format)
        response.writeHead(200, { 'content-type': CONTENT_TYPES[format] }).end(text)
        break
      }
      default:
        json(response, 404, {
          error: `there is nothing at ${pathname}; try /healthz, /metrics, ${apiPaths}`,
        })
    }
  }

  /** Who changes topics and groups is told so when it lasts, whatever ends the process or the machine. */
  async #saved(answering: ApiAnswer | Promise<ApiAnswer>): Promise<ApiAnswer> {
    const answer = await answering
    if (answer.status >= 300) return answer
    try {
      await this.#broker.saved()
      return answer
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return problem(503, `it is done, but could not be written to the disk, so a restart may undo it: ${reason}`)
    }
  }

  #serveApi(request: IncomingMessage, response: ServerResponse, path: string): void {
    const chunks: Buffer[] = []
    let size = 0
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      // The rest is read and forgotten: a client whose connection breaks while it still sends does not see why.
      if (size > MAX_BODY) chunks.length = 0
      else chunks.push(chunk)
    })
    request.on('end', () => {
      if (size > MAX_BODY) json(response, 413, { error: `a request body has at most ${MAX_BODY} bytes` })
      else this.#guard(response, () => this.#answerApi(request, response, path, Buffer.concat(chunks)))
    })
  }

  #answerApi(request: IncomingMessage, response: ServerResponse, path: string, bytes: Buffer): void {
    // A form or an image of a web page cannot send this type without asking first, which this server never allows.
    if (request.method === 'POST' && !/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      json(response, 415, { error: 'send content-type: application/json' })
      return
    }
    let body: unknown
    try {
      body = bytes.length === 0 ? undefined : JSON.parse(bytes.toString('utf8'))
    } catch {
      json(response, 400, { error: 'the request body is no JSON' })
      return
    }
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET')
    const send = (answer: ApiAnswer): void => {
      if (answer.allow !== undefined) response.setHeader('allow', answer.allow)
      json(response, answer.status, answer.body)
    }
    const answer = groupAction(this.#broker, method, path, body) ?? adminApi(this.#broker, method, path, body)
    if (method === 'GET' && !(answer instanceof Promise)) send(answer)
    else this.#saved(answer).then(send, (error: unknown) => this.#failed(response, error))
  }
}

/** The path of a request target, which may be a whole URL; undefined when it is none, as `//` is. */
function pathOf(target: string): string | undefined {
  try {
    return new URL(target, 'http://broker').pathname
  } catch {
    return undefined
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}
