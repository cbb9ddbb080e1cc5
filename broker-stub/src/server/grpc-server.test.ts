import assert from 'node:assert/strict'
import {
  type Channel,
  callUnary,
  grpcJsTransport,
  healthMethods,
  http2Transport,
  inMemoryTransport,
  type Method,
  reflectionMethods,
  type Transport,
} from '@feathermq/transport'
import { describe, it } from 'mocha'
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor.js'
import { startBroker, type TestBroker } from '../testing/index.ts'

const MESSAGING = 'apache.rocketmq.v2.MessagingService'
const SERVING = '0801'
const NOT_SERVING = '0802'

/** A HealthCheckRequest; names here are shorter than 128 bytes. */
const service = (name: string): Buffer => (name === '' ? Buffer.alloc(0) : Buffer.concat([Buffer.of(0x0a, name.length), Buffer.from(name)]))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

async function withBroker(transport: Transport, body: (broker: TestBroker, channel: Channel) => Promise<void>): Promise<void> {
  const broker = await startBroker({ transport })
  const channel = transport.createChannel({ address: broker.endpoints })
  try {
    await body(broker, channel)
  } finally {
    channel.close()
    await broker.close()
  }
}

/** A call that asks once and reads as it likes. */
function ask(
  channel: Channel,
  method: Method,
  request: Uint8Array,
): { readonly next: () => Promise<Buffer>; readonly end: Promise<string>; halfClose(): void } {
  const messages: Buffer[] = []
  let wake = (): void => {}
  let done = (_code: string): void => {}
  const end = new Promise<string>((resolve) => {
    done = resolve
  })
  const call = channel.start(method, {
    onMessage: (bytes) => {
      messages.push(Buffer.from(bytes))
      wake()
    },
    onEnd: ({ code }) => done(code),
  })
  call.send(request)
  const next = async (): Promise<Buffer> => {
    if (messages.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return messages.shift() as Buffer
  }
  return { next, end, halfClose: () => call.halfClose() }
}

/** Field 3 of a ServerReflectionRequest and its like. */
const question = (field: number, text: string): Buffer => Buffer.concat([Buffer.of((field << 3) | 2, text.length), Buffer.from(text)])

for (const create of [inMemoryTransport, http2Transport, grpcJsTransport]) {
  describe(`the gRPC side of a broker over ${create().name}`, () => {
    it('says that it serves, as a whole and by the name of its service, and so does /healthz', async () => {
      await withBroker(create(), async (broker, channel) => {
        for (const name of ['', MESSAGING]) {
          assert.equal(await callUnary(channel, healthMethods.check, service(name), hex), SERVING)
        }
        assert.equal((await fetch(`http://${broker.http}/healthz`)).status, 200)
        await assert.rejects(callUnary(channel, healthMethods.check, service('apache.rocketmq.v2.Admin'), hex), { code: 'NOT_FOUND' })
      })
    })

    it('says to both kinds of asker that it stops, before it is gone', async () => {
      await withBroker(create(), async (broker, channel) => {
        const watch = ask(channel, healthMethods.watch, service(MESSAGING))
        watch.halfClose()
        assert.equal(hex(await watch.next()), SERVING)
        // An open stream that nobody ends: the broker waits for it, and is still there to be asked.
        const held = ask(channel, reflectionMethods[0] as Method, question(7, '*'))
        await held.next()
        const stopping = broker.broker.stop()
        assert.equal(hex(await watch.next()), NOT_SERVING)
        const answer = await fetch(`http://${broker.http}/healthz`)
        assert.deepEqual([answer.status, await answer.json()], [503, { status: 'stopping', name: 'feathermq' }])
        assert.equal(await watch.end, 'UNAVAILABLE')
        held.halfClose()
        assert.equal(await held.end, 'OK')
        await stopping
      })
    })

    it('describes itself to those who have no .proto files', async () => {
      await withBroker(create(), async (_broker, channel) => {
        for (const method of reflectionMethods) {
          const stream = ask(channel, method, question(7, '*'))
          const listed = (await stream.next()).toString('latin1')
          for (const name of [MESSAGING, 'grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection']) assert.ok(listed.includes(name), name)
          assert.ok(!listed.includes('apache.rocketmq.v2.Admin'))
          stream.halfClose()
        }
        const stream = ask(channel, reflectionMethods[0] as Method, question(4, `${MESSAGING}.SendMessage`))
        const root = protobuf.Root.fromDescriptor(filesOf(await stream.next()), { keepCase: true } as never)
        const method = root.lookupService(MESSAGING).methods['SendMessage']
        method?.resolve()
        assert.equal(method?.resolvedRequestType?.fullName, '.apache.rocketmq.v2.SendMessageRequest')
        stream.halfClose()
        assert.equal(await stream.end, 'OK')
      })
    })
  })
}

/** The FileDescriptorSet in the file_descriptor_response (4) of a ServerReflectionResponse. */
function filesOf(response: Uint8Array): Uint8Array {
  const reader = protobuf.Reader.create(response)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag === ((4 << 3) | 2)) return descriptor.FileDescriptorSet.encode(descriptor.FileDescriptorSet.decode(reader.bytes())).finish()
    reader.skipType(tag & 7)
  }
  throw new Error('the response has no files')
}
