import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import protobuf from 'protobufjs'
import type { Channel, MethodHandler, Server, ServerCall, Transport } from '../contract.ts'
import { grpcJsTransport } from '../grpc-js/transport.ts'
import { inMemoryTransport } from '../in-memory/transport.ts'
import { Caller, OK } from '../testing/conformance/harness.ts'
import { callUnary } from '../unary.ts'
import { HealthService, healthMethods, type ServingStatus } from './health.ts'
import { http2Transport } from './transport.ts'

/** As in gRPC's health checking protocol, for the oracle. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  package grpc.health.v1;
  message HealthCheckRequest { string service = 1; }
  message HealthCheckResponse {
    enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
    ServingStatus status = 1;
  }
`)
const requestType = root.lookupType('grpc.health.v1.HealthCheckRequest')
const responseType = root.lookupType('grpc.health.v1.HealthCheckResponse')
const request = (service: string): Uint8Array => requestType.encode({ service }).finish()
const statusOf = (bytes: Uint8Array): unknown => responseType.toObject(responseType.decode(bytes), { enums: String, defaults: true })['status']

const check = (channel: Channel, service: string): Promise<unknown> => callUnary(channel, healthMethods.check, request(service), statusOf)

function watch(channel: Channel, service: string): Caller & { readonly next: () => Promise<unknown>; readonly cancel: () => void } {
  const caller = new Caller()
  const call = channel.start(healthMethods.watch, caller)
  call.send(request(service))
  call.halfClose()
  return Object.assign(caller, { next: async () => statusOf(await caller.messages.next()), cancel: () => call.cancel() })
}

async function withHealth(transport: Transport, body: (health: HealthService, channel: Channel, server: Server) => Promise<void>): Promise<void> {
  const health = new HealthService()
  const server = transport.createServer()
  health.serve(server)
  const { port } = await server.listen('127.0.0.1', 0)
  const channel = transport.createChannel({ address: `127.0.0.1:${port}` })
  try {
    await body(health, channel, server)
  } finally {
    channel.close()
    await server.close()
  }
}

for (const create of [() => inMemoryTransport({ poison: true }), http2Transport, grpcJsTransport]) {
  describe(`the health service over ${create().name}`, () => {
    it('says how the server and each of its services fares', async () => {
      await withHealth(create(), async (health, channel) => {
        assert.equal(await check(channel, ''), 'SERVING')
        for (const status of ['NOT_SERVING', 'SERVING', 'UNKNOWN'] as const) {
          health.set('demo.Büro', status)
          assert.equal(health.status('demo.Büro'), status)
          assert.equal(await check(channel, 'demo.Büro'), status)
        }
        assert.equal(await check(channel, ''), 'SERVING')
      })
    })

    it('answers NOT_FOUND for a service that it does not know, with its name', async () => {
      await withHealth(create(), async (health, channel) => {
        assert.equal(health.status('demo.Other'), undefined)
        await assert.rejects(check(channel, 'demo.Other'), { code: 'NOT_FOUND', details: /"demo\.Other"/ })
      })
    })

    it('takes requests with fields of a later version, and the last of several names', async () => {
      await withHealth(create(), async (health, channel) => {
        health.set('demo.Service', 'NOT_SERVING')
        const later = Buffer.from('10ff01190102030405060708250102030422020102', 'hex')
        for (const bytes of [Buffer.concat([later, request('demo.Service')]), Buffer.concat([request(''), request('demo.Service'), later])]) {
          assert.equal(await callUnary(channel, healthMethods.check, bytes, statusOf), 'NOT_SERVING')
        }
      })
    })

    it('answers INTERNAL to what is no request', async () => {
      await withHealth(create(), async (_health, channel) => {
        for (const hex of ['0a', '0a05', '0a0161ff', '0a02c328', '0b', '00', '08ffffffffffffffffffff01', '0d0102', '090102']) {
          const broken = callUnary(channel, healthMethods.check, Buffer.from(hex, 'hex'), statusOf)
          await assert.rejects(broken, { code: 'INTERNAL', details: /^the request is no HealthCheckRequest: / }, hex)
        }
      })
    })

    it('tells each watcher the status at once and then each change, and nothing else', async () => {
      await withHealth(create(), async (health, channel) => {
        const whole = watch(channel, '')
        const unknown = watch(channel, 'demo.Service')
        assert.equal(await whole.next(), 'SERVING')
        assert.equal(await unknown.next(), 'SERVICE_UNKNOWN')
        for (const status of ['NOT_SERVING', 'NOT_SERVING', 'SERVING', 'SERVING', 'UNKNOWN'] as const) health.set('demo.Service', status)
        for (const status of ['NOT_SERVING', 'SERVING', 'UNKNOWN']) assert.equal(await unknown.next(), status)
        health.set('', 'NOT_SERVING')
        assert.equal(await whole.next(), 'NOT_SERVING')
        assert.deepEqual([whole.messages.all.length, unknown.messages.all.length], [2, 4])
        for (const caller of [whole, unknown]) {
          caller.cancel()
          assert.equal((await caller.status()).code, 'CANCELLED')
        }
        await check(channel, '')
        health.set('demo.Service', 'SERVING')
      })
    })

    it('is NOT_SERVING for good from the moment that it is shut down', async () => {
      await withHealth(create(), async (health, channel) => {
        health.set('demo.Service', 'SERVING')
        const watcher = watch(channel, 'demo.Service')
        assert.equal(await watcher.next(), 'SERVING')
        health.shutDown()
        health.set('demo.Service', 'SERVING')
        assert.equal(await watcher.next(), 'NOT_SERVING')
        for (const service of ['', 'demo.Service']) assert.equal(await check(channel, service), 'NOT_SERVING')
      })
    })

    it('tells watchers that the server drains, and does not use up its grace', async () => {
      await withHealth(create(), async (health, channel, server) => {
        const watcher = watch(channel, '')
        assert.equal(await watcher.next(), 'SERVING')
        await server.close(3_600_000)
        assert.equal(await watcher.next(), 'NOT_SERVING')
        assert.deepEqual(await watcher.status(), { code: 'UNAVAILABLE', message: 'the server is shutting down' })
        assert.equal(health.status(''), 'NOT_SERVING')
      })
    })
  })
}

describe('the health service', () => {
  it('tells a watcher that reads slowly no more than the last status', () => {
    const sent: unknown[] = []
    let taken = true
    const call = {
      state: undefined,
      send: (message: Uint8Array) => {
        sent.push(statusOf(message))
        return taken
      },
    }
    const handlers = new Map<string, MethodHandler<unknown>>()
    const health = new HealthService()
    health.serve({
      handle: ({ path }: { path: string }, handler: MethodHandler<unknown>) => handlers.set(path, handler),
      onClosing: () => {},
    } as unknown as Server)
    const handler = handlers.get(healthMethods.watch.path)
    const served = call as unknown as ServerCall<unknown>
    handler?.onMessage(served, request(''))
    taken = false
    for (const status of ['NOT_SERVING', 'SERVING', 'UNKNOWN', 'NOT_SERVING', 'UNKNOWN'] satisfies ServingStatus[]) health.set('', status)
    assert.deepEqual(sent, ['SERVING', 'NOT_SERVING'])
    taken = true
    handler?.onDrain?.(served)
    assert.deepEqual(sent, ['SERVING', 'NOT_SERVING', 'UNKNOWN'])
    handler?.onDrain?.(served)
    health.set('', 'SERVING')
    assert.deepEqual(sent.slice(3), ['SERVING'])
    handler?.onCancel?.(served)
    health.set('', 'NOT_SERVING')
    assert.equal(sent.length, 4)
  })

  it('closes several servers independently', async () => {
    const transport = inMemoryTransport()
    const health = new HealthService()
    const servers = [transport.createServer(), transport.createServer()] as const
    const watchers: Caller[] = []
    for (const server of servers) {
      health.serve(server)
      const { port } = await server.listen('127.0.0.1', 0)
      const caller = new Caller()
      const call = transport.createChannel({ address: `127.0.0.1:${port}` }).start(healthMethods.watch, caller)
      call.send(request(''))
      call.halfClose()
      await caller.messages.next()
      watchers.push(caller)
    }
    await servers[0].close()
    assert.equal((await watchers[0]?.status())?.code, 'UNAVAILABLE')
    assert.equal(statusOf((await watchers[1]?.messages.next()) ?? new Uint8Array()), 'NOT_SERVING')
    assert.deepEqual(watchers[1]?.ends.all, [])
    await servers[1].close()
    assert.notDeepEqual(await watchers[1]?.status(), OK)
  })
})
