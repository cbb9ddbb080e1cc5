import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { FeatherMQ } from './client.ts'
import { FeatherMQError } from './errors.ts'
import { clientConfig, type FeatherMQOptions } from './options.ts'

const endpoints = '127.0.0.1:8081'

function refuses(run: () => unknown, path: RegExp): void {
  assert.throws(run, (error) => error instanceof FeatherMQError && error.code === 'INVALID_OPTION' && path.test(error.message))
}

describe('the options of a client', () => {
  it('come from the environment where code says nothing', () => {
    const config = clientConfig(
      {},
      { FEATHERMQ_ENDPOINTS: 'mq:8081', FEATHERMQ_NAMESPACE: 'shop', FEATHERMQ_ACCESS_KEY: 'ak', FEATHERMQ_SECRET_KEY: 'sk' },
    )
    assert.equal(config.accessPoint.addresses[0]?.host, 'mq')
    assert.equal(config.namespace, 'shop')
    assert.deepEqual(config.credentials, { accessKey: 'ak', secretKey: 'sk' })
  })

  it('win over the environment', () => {
    const env = { FEATHERMQ_ENDPOINTS: 'mq:8081', FEATHERMQ_NAMESPACE: 'shop', FEATHERMQ_ACCESS_KEY: 'ak', FEATHERMQ_SECRET_KEY: 'sk' }
    const config = clientConfig({ endpoints, namespace: 'bank', credentials: { accessKey: 'a', secretKey: 'b' } }, env)
    assert.equal(config.accessPoint.addresses[0]?.host, '127.0.0.1')
    assert.equal(config.namespace, 'bank')
    assert.deepEqual(config.credentials, { accessKey: 'a', secretKey: 'b', sessionToken: undefined })
  })

  it('are refused by path, and so are names that do not exist', () => {
    const wrong: [unknown, RegExp][] = [
      [{}, /^options\.endpoints must be given/],
      [{ endpoints: 'x' }, /^options\.endpoints must be/],
      [{ endpoints, endpoint: 'x' }, /^options\.endpoint must be one of endpoints, /],
      [{ endpoints, requesttimeout: 1 }, /^options\.requesttimeout must be written requestTimeout/],
      [{ endpoints, requestTimeout: '3 s' }, /^options\.requestTimeout must be/],
      [{ endpoints, requestTimeout: 0 }, /^options\.requestTimeout must be/],
      [{ endpoints, namespace: 'a b' }, /^options\.namespace must be/],
      [{ endpoints, logger: {} }, /^options\.logger must be a logger/],
      [{ endpoints, clock: {} }, /^options\.clock must be a clock/],
      [{ endpoints, transport: 'grpc' }, /^options\.transport must be 'http2', 'grpc-js' or a transport/],
      [{ endpoints, clientId: 'a b' }, /^options\.clientId must be/],
      [{ endpoints, credentials: { accessKey: 'a' } }, /^options\.credentials\.secretKey must be/],
      [{ endpoints, credentials: { accessKey: 'a', secretKey: 'b', token: '' } }, /^options\.credentials\.token must be one of/],
      [{ endpoints, tls: { ca: 7 } }, /^options\.tls\.ca must be PEM/],
      [{ endpoints, tls: { certificate: 'x' } }, /^options\.tls must be given both/],
      [{ endpoints, tls: { verify: false } }, /^options\.tls\.verify must be one of/],
      [{ endpoints: 'http://a:1', tls: true }, /^options\.tls must be left out/],
      [{ endpoints: 'https://a:1', tls: false }, /^options\.tls must be left out/],
      [{ endpoints, telemetry: { tracing: 'yes' } }, /^options\.telemetry\.tracing must be/],
      [{ endpoints, telemetry: { spans: true } }, /^options\.telemetry\.spans must be one of/],
      [{ endpoints, telemetry: { processParent: 'x' } }, /^options\.telemetry\.processParent must be one of/],
    ]
    for (const [options, path] of wrong) refuses(() => clientConfig(options as FeatherMQOptions, {}), path)
    for (const options of [null, [], 'x']) refuses(() => clientConfig(options as FeatherMQOptions, {}), /^options must be an object/)
  })

  it('never show a secret', () => {
    const secretKey = 'very\nsecret'
    assert.throws(
      () => clientConfig({ endpoints, credentials: { accessKey: 'a', secretKey } }, {}),
      (error) => error instanceof FeatherMQError && !error.message.includes('secret\n') && !/very/.test(error.message),
    )
  })

  it('say TLS by scheme or by option', () => {
    assert.equal(clientConfig({ endpoints }, {}).tls, undefined)
    assert.deepEqual(clientConfig({ endpoints: 'https://a:1' }, {}).tls, {})
    assert.deepEqual(clientConfig({ endpoints, tls: true }, {}).tls, {})
    assert.equal(clientConfig({ endpoints: 'https://a:1', tls: { serverName: 'mq' } }, {}).tls?.serverName, 'mq')
  })

  it('of producers and consumers are checked when these are made', () => {
    const mq = new FeatherMQ({ endpoints })
    const make = (options: unknown) => () => mq.consumer(options as never)
    refuses(make({ subscribe: { orders: '*' } }), /^consumer\.group must be the name of a consumer group/)
    refuses(make({ group: 'a b', subscribe: { orders: '*' } }), /^consumer\.group must be/)
    refuses(make({ group: 'g' }), /^consumer\.subscribe must be an object/)
    refuses(make({ group: 'g', subscribe: {} }), /^consumer\.subscribe must be an object with at least one topic/)
    refuses(make({ group: 'g', subscribe: { 'a b': '*' } }), /^consumer\.subscribe\.a b must be the name of a topic/)
    for (const expression of ['', 'a || ', '* || a', 'a|b', 7])
      refuses(make({ group: 'g', subscribe: { orders: expression } }), /^consumer\.subscribe\.orders must be/)
    refuses(make({ group: 'g', subscribe: { orders: '*' }, fifo: true }), /^consumer\.fifo must be one of/)
    refuses(make({ group: 'g', subscribe: { orders: '*' }, maxCachedMessages: 0 }), /^consumer\.maxCachedMessages must be/)
    refuses(() => mq.simpleConsumer({ group: 'g', subscribe: [] as never }), /^simpleConsumer\.subscribe must be/)
    refuses(() => mq.producer({ topics: ['ok', 'not ok'] }), /^producer\.topics\[1\] must be the name of a topic/)
    refuses(() => mq.producer({ maxAttempts: 0 }), /^producer\.maxAttempts must be/)
  })
})
