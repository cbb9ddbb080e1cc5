import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { endpointKey, formatAddress, parseEndpoints } from './endpoints.ts'
import { FeatherMQError } from './errors.ts'

const at = (host: string, port: number) => ({ host, port })

describe('endpoints', () => {
  it('are read in every documented form', () => {
    const forms: [string, object][] = [
      ['127.0.0.1:8081', { scheme: 'IPv4', addresses: [at('127.0.0.1', 8081)], tls: undefined }],
      ['mq.example.com:8081', { scheme: 'DOMAIN_NAME', addresses: [at('mq.example.com', 8081)], tls: undefined }],
      ['[::1]:8081', { scheme: 'IPv6', addresses: [at('::1', 8081)], tls: undefined }],
      ['http://x:8080', { scheme: 'DOMAIN_NAME', addresses: [at('x', 8080)], tls: false }],
      ['https://x:8443/', { scheme: 'DOMAIN_NAME', addresses: [at('x', 8443)], tls: true }],
      ['https://x', { scheme: 'DOMAIN_NAME', addresses: [at('x', 443)], tls: true }],
      ['http://[::1]', { scheme: 'IPv6', addresses: [at('::1', 80)], tls: false }],
    ]
    for (const [text, expected] of forms) assert.deepEqual(parseEndpoints(text), expected, text)
  })

  it('may be several, separated by semicolons or commas', () => {
    const expected = { scheme: 'DOMAIN_NAME', addresses: [at('a', 1), at('b', 2)], tls: undefined }
    for (const text of ['a:1;b:2', 'a:1,b:2', ' a:1 ; b:2; ', 'a:1;b:2;a:1']) assert.deepEqual(parseEndpoints(text), expected, text)
    assert.deepEqual(parseEndpoints('https://a:1;b:2').tls, true)
    assert.deepEqual(parseEndpoints('1.2.3.4:1;[::1]:2').scheme, 'DOMAIN_NAME')
  })

  it('are refused with a sentence that helps', () => {
    for (const [text, hint] of [
      ['localhost', /host:port; RocketMQ proxies and FeatherMQ listen on 8081/],
      ['::1:8081', /in brackets/],
      ['[::1', /host:port/],
      ['[nothing]:1', /IPv6 address within the brackets/],
      ['a:0', /port from 1 to 65535/],
      ['a:65536', /port from 1 to 65535/],
      ['a:x', /host:port/],
      ['ftp://a:1', /http:\/\/ or https:\/\//],
      ['http://a:1;https://b:2', /not both/],
      ['http://user:secret@a:1', /host:port/],
      ['http://a:1/path', /host:port/],
      ['', /one or more addresses/],
      [';', /one or more addresses/],
    ] as const) {
      assert.throws(
        () => parseEndpoints(text),
        (error) => error instanceof FeatherMQError && error.code === 'INVALID_OPTION' && hint.test(error.message),
        text,
      )
    }
    assert.throws(() => parseEndpoints(8081), /endpoints must be/)
  })

  it('never fail otherwise than by INVALID_OPTION, and what is read is read again from its own text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9.:;,/[\]@-]{0,30}$/)), (text) => {
        try {
          const { addresses } = parseEndpoints(text)
          assert.deepEqual(parseEndpoints(addresses.map(formatAddress).join(';')).addresses, addresses)
        } catch (error) {
          assert.ok(error instanceof FeatherMQError && error.code === 'INVALID_OPTION', String(error))
        }
      }),
    )
  })

  it('are the same endpoint in any order', () => {
    assert.equal(endpointKey([at('a', 1), at('::1', 2)]), endpointKey([at('::1', 2), at('a', 1)]))
  })
})
