import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { startBroker, type TestBroker } from '../testing/index.ts'

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

const JSON_TYPE = { 'content-type': 'application/json' }
const MIB = 1024 * 1024

describe('the HTTP side of a broker', () => {
  let broker: TestBroker
  let faults: unknown[]
  beforeEach(async () => {
    faults = []
    broker = await startBroker({ transport: inMemoryTransport(), name: 'edge', onError: (error) => faults.push(error) })
  })
  afterEach(async () => {
    await broker.close()
  })

  /** As a browser, a script or an attacker asks: everything of the request is as given. */
  async function ask(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
    const [host, port] = broker.http.split(':')
    const sent = request({ host, port, method, path, headers, agent: false })
    sent.end(body)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    return { status: response.statusCode, headers: response.headers, body: await text(response) }
  }

  const post = (path: string, body: string, headers: Readonly<Record<string, string>> = JSON_TYPE): Promise<Answer> =>
    ask(path, { method: 'POST', headers, body })
  const refused = (answer: Answer): readonly [number | undefined, string] => [answer.status, (JSON.parse(answer.body) as { error: string }).error]

  it('tells at /healthz that the broker lives, and its name', async () => {
    const answer = await ask('/healthz')
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['content-type'], 'application/json')
    assert.equal(answer.body, '{"status":"ok","name":"edge"}\n')
    assert.equal((await ask('/healthz?verbose=1')).status, 200)
  })

  it('names what there is to those who ask for something else', async () => {
    const places = '/healthz, /metrics, /api/topics, /api/groups, /api/clients, /api/subscriptions'
    for (const path of ['/', '/health', '/healthz/', '/api', '/METRICS']) {
      assert.deepEqual(refused(await ask(path)), [404, `there is nothing at ${path}; try ${places}`])
    }
    for (const path of ['/api/', '/api/topic', '/api/topics/a/b', '/api/clients/me', '/api/constructor', '/api/toString/a']) {
      assert.deepEqual(refused(await ask(path)), [404, `there is nothing at ${path}; try ${places.replace('/healthz, /metrics, ', '')}`])
    }
    for (const place of places.split(', ')) assert.equal((await ask(place)).status, 200, place)
  })

  it('names the methods that a path takes', async () => {
    for (const path of ['/healthz', '/metrics', '/nothing']) {
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
        const answer = await ask(path, { method })
        assert.deepEqual(refused(answer), [405, `${path} takes GET`])
        assert.equal(answer.headers['allow'], 'GET, HEAD')
      }
    }
    const taken = {
      '/api/topics': 'GET, HEAD, POST',
      '/api/topics/a': 'GET, HEAD, DELETE',
      '/api/groups': 'GET, HEAD, POST',
      '/api/groups/a': 'GET, HEAD, DELETE',
      '/api/clients': 'GET, HEAD',
      '/api/subscriptions': 'GET, HEAD',
    }
    for (const [path, allow] of Object.entries(taken)) {
      for (const method of ['PUT', 'PATCH', 'OPTIONS', 'POST', 'DELETE'].filter((method) => !allow.includes(method))) {
        const answer = await ask(path, { method, headers: JSON_TYPE })
        assert.deepEqual(refused(answer), [405, `${path} takes ${allow}`])
        assert.equal(answer.headers['allow'], allow)
      }
    }
  })

  it('answers HEAD as GET, without the body', async () => {
    await post('/api/topics', '{"name":"orders"}')
    for (const path of ['/healthz', '/metrics', '/api/topics', '/api/topics/orders', '/api/topics/none', '/nothing']) {
      const got = await ask(path)
      const head = await ask(path, { method: 'HEAD' })
      assert.deepEqual([head.status, head.headers['content-type'], head.body], [got.status, got.headers['content-type'], ''], path)
    }
  })

  it('answers those who name it by an address, as localhost, or by the host it was given', async () => {
    for (const host of ['127.0.0.1', '127.0.0.1:8082', '10.1.2.3:80', 'localhost', 'LocalHost:1', '[::1]:8082', '[fe80::1]', '[::ffff:10.1.2.3]:1']) {
      assert.equal((await ask('/healthz', { headers: { host } })).status, 200, host)
    }
    const named = await startBroker({ transport: inMemoryTransport(), host: 'localhost' })
    assert.equal((await fetch(`http://${named.http}/healthz`)).status, 200)
    await named.close()
  })

  it('refuses a web page whose own name resolves to this machine', async () => {
    for (const host of ['evil.example', 'evil.example:8082', 'localhost.evil.example', '127.0.0.1.evil.example', 'a127.0.0.1', '[evil]']) {
      const name = host.replace(':8082', '')
      const sentence = `the host "${name}" is not this broker: use its address`
      assert.deepEqual(refused(await ask('/healthz', { headers: { host } })), [403, sentence])
      assert.deepEqual(refused(await ask('/api/topics', { method: 'POST', headers: { ...JSON_TYPE, host }, body: '{"name":"a"}' })), [403, sentence])
    }
    assert.deepEqual(broker.broker.context.registry.topics(), [])
  })

  it('takes no body that a web page could send without being asked', async () => {
    const body = '{"name":"orders"}'
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', 'text/json', 'application/jsonp']) {
      assert.deepEqual(refused(await post('/api/topics', body, { 'content-type': type })), [415, 'send content-type: application/json'])
    }
    assert.deepEqual(refused(await post('/api/groups', body, {})), [415, 'send content-type: application/json'])
    assert.deepEqual(broker.broker.context.registry.topics(), [])
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON']) {
      assert.equal((await post('/api/groups', body, { 'content-type': type })).status, type === 'application/json' ? 201 : 200, type)
    }
  })

  it('allows no other origin to read or to send', async () => {
    const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
    for (const [path, method] of [
      ['/api/topics', 'OPTIONS'],
      ['/api/topics', 'GET'],
      ['/metrics', 'GET'],
    ] as const) {
      const answer = await ask(path, { method, headers })
      assert.deepEqual(
        Object.keys(answer.headers).filter((name) => name.startsWith('access-control')),
        [],
      )
    }
  })

  it('refuses a body that is no JSON', async () => {
    for (const body of ['{', '{"name":orders}', 'name=orders', '{} {}', '\u0000']) {
      assert.deepEqual(refused(await post('/api/topics', body)), [400, 'the request body is no JSON'])
    }
    assert.deepEqual(refused(await post('/api/topics', '')), [400, '(top level): must be object'])
  })

  it('takes a body of one MiB and refuses a longer one, however long', async () => {
    const longest = `{"name":"orders"${' '.repeat(MIB - 17)}}`
    assert.equal(longest.length, MIB)
    assert.equal((await post('/api/topics', longest)).status, 201)
    const sentence = 'a request body has at most 1048576 bytes'
    assert.deepEqual(refused(await post('/api/topics', ` ${longest}`)), [413, sentence])
    assert.deepEqual(refused(await post('/api/topics', ' '.repeat(64 * MIB))), [413, sentence])
  })

  it('serves the next request of the connection after each refusal', async () => {
    const [host = '', port] = broker.http.split(':')
    const socket = connect(Number(port), host)
    const line = (start: string, more = '') => `${start} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}\r\n`
    const large = ' '.repeat(2 * MIB)
    socket.write(line('GET /nothing'))
    socket.write(line('POST /api/topics', `Content-Type: application/json\r\nContent-Length: ${large.length}\r\n`) + large)
    socket.write(`${line('POST /api/topics', 'Content-Type: application/json\r\nContent-Length: 1\r\n')}{`)
    socket.write(line('GET //'))
    socket.write('GET /healthz HTTP/1.1\r\nHost:\r\n\r\n')
    socket.write(line('GET /healthz', 'Connection: close\r\n'))
    const answers = await text(socket)
    assert.deepEqual(
      [...answers.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status),
      ['404', '413', '400', '400', '403', '200'],
    )
  })

  it('lives on when a request names no path at all', async () => {
    for (const path of ['//', '///', 'http://', '/\\']) {
      assert.deepEqual(refused(await ask(path)), [400, 'the request names no path'], path)
    }
    assert.equal((await ask('http://127.0.0.1/healthz')).status, 200)
    assert.equal((await ask('/healthz')).status, 200)
    assert.deepEqual(faults, [])
  })

  it('lives on when it fails to answer, and tells of the fault', async () => {
    const fault = new Error('broken')
    const { registry } = broker.broker.context
    registry.topics = () => {
      throw fault
    }
    const sentence = 'the broker failed to answer; its log says why'
    assert.deepEqual(refused(await ask('/api/topics')), [500, sentence])
    assert.deepEqual(refused(await ask('/metrics')), [500, sentence])
    assert.deepEqual(faults, [fault, fault])
    assert.equal((await ask('/healthz')).status, 200)
  })

  it('forgets a request whose client leaves in the middle of its body', async () => {
    const [host = '', port] = broker.http.split(':')
    const socket = connect(Number(port), host)
    socket.write('POST /api/topics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{"name":')
    await once(socket, 'connect')
    socket.destroy()
    await once(socket, 'close')
    assert.equal((await ask('/healthz')).status, 200)
    assert.deepEqual(broker.broker.context.registry.topics(), [])
    assert.deepEqual(faults, [])
  })

  it('ends connections that are open when the broker stops', async () => {
    const [host = '', port] = broker.http.split(':')
    const idle = connect(Number(port), host)
    await once(idle, 'connect')
    const ended = once(idle, 'close')
    idle.resume().on('error', () => {})
    await broker.close()
    await ended
  })
})
