import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import { FeatherMQ } from './client.ts'
import { FeatherMQError } from './errors.ts'
import type { Message } from './message/message.ts'
import { bench } from './testing-internal/bench.ts'
import { failure } from './testing-internal/expect.ts'
import { delivered } from './testing-internal/fake-server.ts'

/** What is done with an object of options, to see whether it is refused. */
type Use = (options: never, mq: FeatherMQ) => unknown

interface Row {
  /** Where errors say that the object is. */
  readonly path: string
  readonly use: Use
  /** A value that is right without the option under test. */
  readonly base?: object
  /** One wrong value at least for each option. */
  readonly wrong: Readonly<Record<string, readonly unknown[]>>
}

const endpoints = '127.0.0.1:8081'
const consumer = { group: 'billing', subscribe: { orders: '*' } }
const notDuration = [-1, Number.NaN, '5', '5 s', 'soon', {}, null]
const notSignal = [{}, 'x', null, new AbortController()]
const notCount = [0, -1, 1.5, '3', Number.NaN, null]

/**
 * Every interface of options, by name. The second test below finds an interface, or a field of one, that is missing here.
 */
const table: Readonly<Record<string, readonly Row[]>> = {
  FeatherMQOptions: [
    {
      path: 'options',
      use: (options) => new FeatherMQ(options),
      base: { endpoints },
      wrong: {
        endpoints: ['', 'x', 7, null, ['127.0.0.1:8081'], 'ftp://a:1'],
        namespace: ['a b', 7, null],
        credentials: ['ak:sk', 7, [], null],
        tls: ['yes', 1, [], null],
        requestTimeout: [...notDuration, 0],
        logger: [{}, 'pino', 7, null],
        clock: [{}, 7, null],
        clientId: ['a b', '', 7],
        transport: ['grpc', {}, 7, null],
        telemetry: [true, 7, [], null],
      },
    },
  ],
  Credentials: [
    {
      path: 'options.credentials',
      use: (credentials) => new FeatherMQ({ endpoints, credentials }),
      base: { accessKey: 'ak', secretKey: 'sk' },
      wrong: { accessKey: ['', 'a b', 7, undefined], secretKey: ['', 'ä', 7, undefined], sessionToken: ['', 7, 'a\n'] },
    },
  ],
  TlsOptions: [
    {
      path: 'options.tls',
      use: (tls) => new FeatherMQ({ endpoints, tls }),
      wrong: { ca: ['', 7], certificate: ['', 7], key: ['', 7], serverName: ['', 7], insecureSkipVerify: ['no', 0] },
    },
  ],
  TelemetryOptions: [
    {
      path: 'options.telemetry',
      use: (telemetry) => new FeatherMQ({ endpoints, telemetry }),
      wrong: {
        tracing: ['yes', 1],
        metrics: ['yes', 1],
        tracerProvider: [{}, 7],
        meterProvider: [{}, 7],
        propagator: [{}, 7],
        api: [{}, 7, 'api'],
        processParent: ['parent', 7],
        captureKeys: ['yes', 0],
        captureBodySize: ['yes', 0],
        semconv: ['1.44', 7, null],
        createSpans: ['always', 0, null],
        traceSettle: ['yes', 0],
      },
    },
  ],
  ProducerOptions: [
    {
      path: 'producer',
      use: (options, mq) => mq.producer(options),
      wrong: {
        topics: ['orders', ['a b'], [7], {}],
        maxAttempts: [...notCount, 101],
        timeout: [...notDuration, 0, '2h'],
        retryMaybeStored: ['no', 0],
        maxInFlight: [10, 'x', []],
        batch: [10, 'x', []],
        linger: [...notDuration, '2s'],
        checkTransaction: ['commit', 7, {}, null],
      },
    },
  ],
  MessageLimits: ['maxInFlight', 'batch'].map((name) => ({
    path: `producer.${name}`,
    use: (limits: never, mq: FeatherMQ) => mq.producer({ [name]: limits }),
    wrong: { messages: [...notCount, 1_000_001], bytes: notCount },
  })),
  SendOptions: [
    {
      path: 'send',
      use: (options, mq) => mq.producer().send({ topic: 'orders', body: 'x' }, options),
      wrong: { signal: notSignal, timeout: [...notDuration, 0, '2h'] },
    },
  ],
  TransactionOptions: [
    {
      path: 'transaction',
      use: (options, mq) => mq.producer().transaction({ topic: 'orders', body: 'x' }, async () => 'commit', options),
      wrong: { signal: notSignal, timeout: [...notDuration, 0, '2h'], checkAfter: [...notDuration, 0, '2h'] },
    },
  ],
  OutgoingMessage: [
    {
      path: 'message',
      use: (message, mq) => mq.producer().send(message),
      base: { topic: 'orders', body: 'x' },
      wrong: {
        topic: ['', 'a b', 7, undefined],
        body: ['', 7, undefined, null, {}, ['x'], new Uint8Array()],
        tag: ['', 'a|b', 7],
        keys: ['k', [''], [7], {}],
        properties: [new Map([['a', 'b']]), [], 'a', { a: 7 }, { '': 'x' }, { KEYS: 'x' }],
        messageGroup: ['', 7, 'g'.repeat(64)],
        deliverAfter: notDuration.filter((value) => value !== null),
        deliverAt: [-1, Number.NaN, new Date(Number.NaN), '2026-01-01', {}],
        priority: [-1, 1.5, '3', null, 2 ** 31],
      },
    },
  ],
  ConsumerOptions: [
    {
      path: 'consumer',
      use: (options, mq) => mq.consumer(options),
      base: consumer,
      wrong: {
        group: ['', 'a b', 7, undefined],
        subscribe: [undefined, 'orders', ['orders'], {}, { 'a b': '*' }, { orders: '' }, { orders: 7 }, { orders: 'a|b' }],
        ordered: ['yes', 1],
        maxCachedMessages: [...notCount, 65_537],
        maxCachedBytes: notCount,
        maxInflatedBody: notCount,
        reportErrors: ['no', 0, null],
      },
    },
  ],
  RunOptions: [
    {
      path: 'run',
      use: (options, mq) => mq.consumer(consumer).run(() => {}, options),
      wrong: { concurrency: [...notCount, 4_097], signal: notSignal },
    },
  ],
  RunBatchOptions: [
    {
      path: 'runBatch',
      use: (options, mq) => mq.consumer(consumer).runBatch(() => {}, options),
      wrong: { max: [...notCount, 4_097], maxBytes: notCount, linger: [-1, '5', '2m', {}], concurrency: [...notCount, 257], signal: notSignal },
    },
  ],
  EventsOptions: [{ path: 'events', use: (options, mq) => mq.consumer(consumer).events(options), wrong: { signal: notSignal } }],
  MessagesOptions: [{ path: 'messages', use: (options, mq) => mq.consumer(consumer).messages(options), wrong: { signal: notSignal } }],
  CloseOptions: [
    { path: 'close', use: (options, mq) => mq.close(options), wrong: { drain: notDuration, abort: notDuration } },
    { path: 'close', use: (options, mq) => mq.consumer(consumer).close(options), wrong: { drain: notDuration, abort: notDuration } },
  ],
  ProducerCloseOptions: [{ path: 'close', use: (options, mq) => mq.producer().close(options), wrong: { drain: notDuration } }],
  SimpleConsumerOptions: [
    {
      path: 'simpleConsumer',
      use: (options, mq) => mq.simpleConsumer(options),
      base: consumer,
      wrong: { group: ['', 'a b', 7, undefined], subscribe: [undefined, 'orders', {}, { orders: 7 }], maxInflatedBody: notCount },
    },
  ],
  ReceiveOptions: [
    {
      path: 'receive',
      use: (options, mq) => mq.simpleConsumer(consumer).receive(options),
      wrong: {
        max: [...notCount, 1_025],
        wait: [-1, '5', '2h', {}],
        invisible: [-1, 0, '13h', {}],
        autoExtend: [...notDuration, 0],
        signal: notSignal,
      },
    },
  ],
}

/** The error that a use of options ends with, thrown or rejected. */
async function refusal(use: Use, options: unknown): Promise<FeatherMQError | undefined> {
  const mq = new FeatherMQ({ endpoints })
  try {
    await use(options as never, mq)
    return undefined
  } catch (error) {
    assert.ok(error instanceof FeatherMQError, `no FeatherMQError but ${String(error)}`)
    return error
  }
}

/** Fields of every interface of options that the package exports, read from the text of the source: types leave nothing behind that could be asked. */
function declared(): ReadonlyMap<string, readonly string[]> {
  const folder = new URL('.', import.meta.url)
  const published = new Set(readFileSync(new URL('index.ts', folder), 'utf8').match(/\w+/g))
  const found = new Map<string, readonly string[]>()
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file.startsWith('testing')) continue
    const source = readFileSync(new URL(file, folder), 'utf8')
    for (const [, name = '', body = ''] of source.matchAll(/^export interface (\w*Options|\w+Limits|Credentials|OutgoingMessage) \{\n(.*?)^\}/gms)) {
      if (!published.has(name)) continue
      found.set(
        name,
        [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field = '']) => field),
      )
    }
  }
  return found
}

describe('every object of options', () => {
  it('is in the table of this test, with each of its options', () => {
    const fields = declared()
    assert.ok(fields.size >= 15)
    assert.deepEqual([...fields.keys()].sort(), Object.keys(table).sort())
    for (const [name, rows] of Object.entries(table)) {
      for (const { wrong } of rows) assert.deepEqual(Object.keys(wrong).sort(), [...(fields.get(name) ?? [])].sort(), name)
    }
  })

  for (const [name, rows] of Object.entries(table)) {
    it(`${name} is refused with the path of what is wrong, before anything is done with it`, async () => {
      for (const { path, use, base = {}, wrong } of rows) {
        for (const [option, values] of Object.entries(wrong)) {
          for (const value of values) {
            const what = `${path}.${option} = ${typeof value === 'string' ? `'${value}'` : String(value)}`
            const error = await refusal(use, { ...base, [option]: value })
            assert.ok(error !== undefined, `${what} was accepted`)
            assert.match(error.message, new RegExp(`(^|: )${path.replaceAll('.', '\\.')}\\.${option}`), what)
            assert.equal(error.retryable, false, what)
          }
        }
      }
    })

    it(`${name} is refused with an option that does not exist, and when it is no object`, async () => {
      for (const { path, use, base = {} } of rows) {
        const unknown = await refusal(use, { ...base, zzz: 1 })
        assert.equal(unknown?.code, 'INVALID_OPTION', `${path} took an unknown option`)
        assert.match(unknown.message, new RegExp(`^${path.replaceAll('.', '\\.')}\\.zzz must be one of `))
        for (const value of [7, 'x', null]) {
          const error = await refusal(use, value)
          assert.equal(error?.code, 'INVALID_OPTION', `${path} took ${String(value)}`)
          assert.ok(error.message.startsWith(`${path} must be`), error.message)
        }
      }
    })
  }
})

describe('arguments that are no objects', () => {
  it('are refused by name as well', async () => {
    const mq = new FeatherMQ({ endpoints })
    const of = mq.consumer(consumer)
    const calls: readonly (readonly [run: () => unknown, text: RegExp])[] = [
      [() => of.run('handler' as never), /^run\.handler must be a function/],
      [() => of.runBatch(undefined as never), /^runBatch\.handler must be a function/],
      [() => of.subscribe('orders' as never), /^subscribe must be an object/],
      [() => of.pause('other'), /^pause\.topics must be a topic that is subscribed to, not 'other'/],
      [() => of.resume('other'), /^resume\.topics must be/],
      [() => of.unsubscribe('orders'), /^unsubscribe\.topics must be fewer/],
    ]
    for (const [run, text] of calls) {
      await assert.rejects(async () => await run(), { code: 'INVALID_OPTION', message: text })
    }
    await mq.close()
  })

  it('of a message leave it as it was', async () => {
    await using test = await bench()
    const receiving = test.mq.simpleConsumer(consumer).receive()
    await test.server.deliver(delivered({ id: 'a' }))
    const [message] = await receiving
    assert.ok(message !== undefined)
    const calls: readonly (readonly [run: (message: Message) => Promise<unknown>, path: RegExp])[] = [
      [(of) => of.nack('13h'), /^nack\.delay must be 0ms to 12h, not '13h'/],
      [(of) => of.nack(-1), /^nack\.delay must be/],
      [(of) => of.extend('soon' as never), /^extend\.duration must be/],
      [(of) => of.deadLetter(7 as never), /^deadLetter\.reason must be a text/],
    ]
    for (const [run, path] of calls) {
      const error = await failure(run(message))
      assert.equal(error.code, 'INVALID_OPTION')
      assert.match(error.message, path)
    }
    await message.ack()
  })
})
