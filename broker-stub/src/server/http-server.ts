import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { adminApi } from '../admin/api.ts'
import type { BrokerContext } from '../context.ts'
import type { MessageLog } from '../log/message-log.ts'
import { metricsText } from './metrics.ts'

/** Largest request body, bytes. */
const MAX_BODY = 1024 * 1024

/** `/healthz`, `/metrics` and the admin API. */
export class HttpServer {
  readonly #server: Server
  readonly #broker: BrokerContext
  readonly #log: MessageLog
  /** Hosts by which a request may name this server; a web page that resolves its own name to this address is refused. */
  readonly #hosts: Set<string>

  constructor(broker: BrokerContext, log: MessageLog, host: string) {
    this.#broker = broker
    this.#log = log
    this.#hosts = new Set(['localhost', '127.0.0.1', '[::1]', host.includes(':') ? `[${host}]` : host])
    this.#server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => this.#serve(request, response))
  }

  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
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

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '')
    // An address in the Host header cannot come from DNS rebinding; any other name must be ours.
    if (!this.#hosts.has(host) && !/^[\d.]+$|^\[[\da-f:]+\]$/i.test(host)) {
      json(response, 403, { error: `the host "${host}" is not this broker: use its address` })
      return
    }
    const { pathname } = new URL(request.url ?? '/', 'http://broker')
    if (pathname.startsWith('/api/')) {
      this.#serveApi(request, response, pathname)
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      json(response, 405, { error: `${pathname} takes GET` })
      return
    }
    switch (pathname) {
      case '/healthz':
        json(response, 200, { status: 'ok', name: this.#broker.name })
        break
      case '/metrics':
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(metricsText(this.#broker, this.#log))
        break
      default:
        json(response, 404, {
          error: `there is nothing at ${pathname}; try /healthz, /metrics, /api/topics, /api/groups, /api/clients, /api/subscriptions`,
        })
    }
  }

  #serveApi(request: IncomingMessage, response: ServerResponse, path: string): void {
    const chunks: Buffer[] = []
    let size = 0
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_BODY) {
        json(response, 413, { error: `a request body has at most ${MAX_BODY} bytes` })
        request.destroy()
        return
      }
      chunks.push(chunk)
    })
    request.on('end', () => {
      let body: unknown
      try {
        body = size === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'))
      } catch {
        json(response, 400, { error: 'the request body is no JSON' })
        return
      }
      // A form or an image of a web page cannot send this type without asking first, which this server never allows.
      if (request.method === 'POST' && !/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
        json(response, 415, { error: 'send content-type: application/json' })
        return
      }
      const answer = adminApi(this.#broker, request.method ?? 'GET', path, body)
      json(response, answer.status, answer.body)
    })
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}
