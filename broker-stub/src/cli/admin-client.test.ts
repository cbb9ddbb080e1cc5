import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, it } from 'mocha'
import { startBroker } from '../testing/index.ts'
import { AdminError, callAdmin } from './admin-client.ts'

const isAdminError = (message: string) => (error: unknown) => {
  assert.ok(error instanceof AdminError, String(error))
  assert.equal(error.message, message)
  return true
}

describe('a call of the admin API', () => {
  const servers: Server[] = []
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  async function close(): Promise<void> {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
  afterEach(close)

  it('sends what it is given as JSON, to an address in any form, and answers what comes back', async () => {
    const seen: unknown[] = []
    const address = await serve(async (request: IncomingMessage, response) => {
      const { method, url, headers } = request
      seen.push([method, url, headers['content-type'], await text(request)])
      response.end('{"name":"orders"}')
    })
    for (const base of [address, `${address}/`, `http://${address}`, `http://${address}/`]) {
      assert.deepEqual(await callAdmin(base, 'POST', '/api/topics', { name: 'orders', queues: undefined }), { name: 'orders' })
    }
    assert.deepEqual(seen.splice(0), new Array(4).fill(['POST', '/api/topics', 'application/json', '{"name":"orders"}']))
    await callAdmin(address, 'DELETE', '/api/topics/a%2Fb')
    assert.deepEqual(seen, [['DELETE', '/api/topics/a%2Fb', undefined, '']])
  })

  it('fails with the sentence of the broker', async () => {
    const address = await serve((_, response) => response.writeHead(409).end('{"error":"the topic \\"a\\" exists already"}'))
    await assert.rejects(callAdmin(address, 'POST', '/api/topics', {}), isAdminError('the topic "a" exists already'))
  })

  it('fails with the status when there is no sentence', async () => {
    const address = await serve((_, response) => response.writeHead(502).end('{}'))
    await assert.rejects(callAdmin(address, 'GET', '/api/topics'), isAdminError(`http://${address}/api/topics answered 502`))
  })

  it('says where nobody listens, and what to do', async () => {
    const address = await serve(() => {})
    await close()
    const help = 'Start one with "feathermq serve", or name its HTTP address with --admin or FEATHERMQ_ADMIN.'
    await assert.rejects(
      callAdmin(address, 'GET', '/api/topics'),
      isAdminError(`no broker answers at http://${address}/api/topics (ECONNREFUSED). ${help}`),
    )
    await assert.rejects(
      callAdmin('127.0.0.1:1', 'GET', '/api/topics'),
      isAdminError(`no broker answers at http://127.0.0.1:1/api/topics (bad port). ${help}`),
    )
    await assert.rejects(callAdmin('[', 'GET', '/api/topics'), isAdminError(`no broker answers at http://[/api/topics (ERR_INVALID_URL). ${help}`))
  })

  it('says that something else answers, and where to look', async () => {
    const page = await serve((_, response) => response.end('<html>'))
    const help = 'Use the HTTP port (default 8082), not the gRPC port.'
    await assert.rejects(
      callAdmin(page, 'GET', '/api/topics'),
      isAdminError(`http://${page}/api/topics is no FeatherMQ broker: it answered 200 and no JSON. ${help}`),
    )
    await using broker = await startBroker()
    await assert.rejects(
      callAdmin(broker.endpoints, 'GET', '/api/topics'),
      isAdminError(`http://${broker.endpoints}/api/topics is no FeatherMQ broker: it answered 505 and no JSON. ${help}`),
    )
    await using silent = await startBroker({ transport: 'grpc-js' })
    await assert.rejects(
      callAdmin(silent.endpoints, 'GET', '/api/topics'),
      isAdminError(`http://${silent.endpoints}/api/topics is no FeatherMQ broker: it answered no HTTP/1.1. ${help}`),
    )
  })
})
