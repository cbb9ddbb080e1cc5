import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor.js'
import type { Channel, ClientCall, Method, Transport } from '../contract.ts'
import { grpcJsTransport } from '../grpc-js/transport.ts'
import { inMemoryTransport } from '../in-memory/transport.ts'
import { Callee, Caller, echo, OK } from '../testing/conformance/harness.ts'
import { HealthService } from './health.ts'
import { writeBytes } from './protobuf.ts'
import { reflectionMethods, serveReflection } from './reflection.ts'
import { http2Transport } from './transport.ts'

/** As gRPC defines them, for the oracle. */
const reflectionProto = (version: string): string => `
  syntax = "proto3";
  package grpc.reflection.${version};
  service ServerReflection { rpc ServerReflectionInfo(stream ServerReflectionRequest) returns (stream ServerReflectionResponse); }
  message ServerReflectionRequest {
    string host = 1;
    oneof message_request {
      string file_by_filename = 3;
      string file_containing_symbol = 4;
      ExtensionRequest file_containing_extension = 5;
      string all_extension_numbers_of_type = 6;
      string list_services = 7;
    }
  }
  message ExtensionRequest { string containing_type = 1; int32 extension_number = 2; }
  message ServerReflectionResponse {
    string valid_host = 1;
    ServerReflectionRequest original_request = 2;
    oneof message_response {
      FileDescriptorResponse file_descriptor_response = 4;
      ExtensionNumberResponse all_extension_numbers_response = 5;
      ListServiceResponse list_services_response = 6;
      ErrorResponse error_response = 7;
    }
  }
  message FileDescriptorResponse { repeated bytes file_descriptor_proto = 1; }
  message ExtensionNumberResponse { string base_type_name = 1; repeated int32 extension_number = 2; }
  message ListServiceResponse { repeated ServiceResponse service = 1; }
  message ServiceResponse { string name = 1; }
  message ErrorResponse { int32 error_code = 1; string error_message = 2; }
`
const healthProto = `
  syntax = "proto3";
  package grpc.health.v1;
  message HealthCheckRequest { string service = 1; }
  message HealthCheckResponse {
    enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
    ServingStatus status = 1;
  }
  service Health {
    rpc Check(HealthCheckRequest) returns (HealthCheckResponse);
    rpc Watch(HealthCheckRequest) returns (stream HealthCheckResponse);
  }
`
const root = protobuf.parse(reflectionProto('v1'), { keepCase: true }).root
const requestType = root.lookupType('grpc.reflection.v1.ServerReflectionRequest')
const responseType = root.lookupType('grpc.reflection.v1.ServerReflectionResponse')

interface FileShape {
  readonly name: string
  readonly dependency?: readonly string[]
}
interface Response {
  readonly valid_host?: string
  readonly original_request?: object
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Uint8Array[] }
  readonly all_extension_numbers_response?: object
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] }
  readonly error_response?: { readonly error_code: number; readonly error_message: string }
}

/** A set with files that need each other, nested names, and extensions, made by protobufjs. */
const files = [
  { name: 'base.proto', package: 'demo', syntax: 'proto2', messageType: [{ name: 'Base', extensionRange: [{ start: 100, end: 200 }] }] },
  {
    name: 'mid.proto',
    package: 'demo',
    dependency: ['base.proto', 'missing.proto'],
    messageType: [
      {
        name: 'Mid',
        field: [{ name: 'text', number: 1, label: 1, type: 9, oneofIndex: 0 }],
        nestedType: [{ name: 'Inner', enumType: [{ name: 'Mood', value: [{ name: 'GOOD', number: 0 }] }] }],
        oneofDecl: [{ name: 'choice' }],
        extension: [{ name: 'inside', extendee: '.demo.Base', number: 150, label: 1, type: 9 }],
      },
    ],
    enumType: [{ name: 'Colour', value: [{ name: 'RED', number: 0 }] }],
    extension: [{ name: 'outside', extendee: '.demo.Base', number: 107, label: 1, type: 9 }],
  },
  {
    name: 'top.proto',
    package: 'demo.sub',
    dependency: ['mid.proto', 'base.proto'],
    service: [{ name: 'Greeter', method: [{ name: 'Greet', inputType: '.demo.Mid', outputType: '.demo.Mid' }] }],
  },
  { name: 'bare.proto', messageType: [{ name: 'Bare' }] },
]
const set = descriptor.FileDescriptorSet.encode(descriptor.FileDescriptorSet.fromObject({ file: files })).finish()

const greet: Method = { path: '/demo.sub.Greeter/Greet', kind: 'unary' }
const part: Method = { path: '/demo.sub.Greeter/Part', kind: 'bidi' }
const [v1, v1alpha] = reflectionMethods as readonly [Method, Method]

/** One reflection stream. */
class Questions {
  readonly caller = new Caller()
  readonly call: ClientCall

  constructor(channel: Channel, method: Method = v1) {
    this.call = channel.start(method, this.caller)
  }

  async ask(request: object): Promise<Response> {
    const [response] = await this.askAll([request])
    return response as Response
  }

  /** Waits for no answer before all questions are out. */
  async askAll(requests: readonly object[]): Promise<Response[]> {
    for (const request of requests) this.call.send(requestType.encode(requestType.fromObject(request)).finish())
    const messages = await this.caller.messages.take(requests.length)
    return messages.map((message) => responseType.toObject(responseType.decode(message)) as Response)
  }

  async files(request: object): Promise<string[]> {
    const response = await this.ask(request)
    return (response.file_descriptor_response?.file_descriptor_proto ?? []).map((bytes) => fileOf(bytes).name)
  }
}

const fileOf = (bytes: Uint8Array): FileShape =>
  descriptor.FileDescriptorProto.toObject(descriptor.FileDescriptorProto.decode(bytes)) as unknown as FileShape

async function withReflection(
  transport: Transport,
  body: (channel: Channel) => Promise<void>,
  descriptors: Parameters<typeof serveReflection>[1] = set,
): Promise<void> {
  const server = transport.createServer()
  server.handle(greet, echo)
  server.handle(part, new Callee())
  serveReflection(server, descriptors)
  const { port } = await server.listen('127.0.0.1', 0)
  const channel = transport.createChannel({ address: `127.0.0.1:${port}` })
  try {
    await body(channel)
  } finally {
    channel.close()
    await server.close()
  }
}

for (const create of [() => inMemoryTransport({ poison: true }), http2Transport, grpcJsTransport]) {
  describe(`server reflection over ${create().name}`, () => {
    it('lists the services that have handlers, itself included, in both of its versions', async () => {
      await withReflection(create(), async (channel) => {
        for (const version of [v1, v1alpha]) {
          const { list_services_response: list } = await new Questions(channel, version).ask({ list_services: '*' })
          assert.deepEqual(
            list?.service.map(({ name }) => name),
            ['demo.sub.Greeter', 'grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'],
          )
        }
      })
    })

    it('sends a file with all that it needs, and on the same stream only what was not sent', async () => {
      await withReflection(create(), async (channel) => {
        const questions = new Questions(channel)
        assert.deepEqual(await questions.files({ file_by_filename: 'base.proto' }), ['base.proto'])
        assert.deepEqual(await questions.files({ file_by_filename: 'top.proto' }), ['top.proto', 'mid.proto'])
        assert.deepEqual(await questions.files({ file_by_filename: 'top.proto' }), ['top.proto'])
        assert.deepEqual(await new Questions(channel).files({ file_by_filename: 'top.proto' }), ['top.proto', 'mid.proto', 'base.proto'])
      })
    })

    it('sends files byte for byte as they were given', async () => {
      await withReflection(create(), async (channel) => {
        const { file_descriptor_response: found } = await new Questions(channel).ask({ file_by_filename: 'mid.proto' })
        const given = descriptor.FileDescriptorProto.encode(descriptor.FileDescriptorProto.fromObject(files[1] ?? {})).finish()
        assert.deepEqual(Buffer.from(found?.file_descriptor_proto[0] ?? []), Buffer.from(given))
      })
    })

    it('answers several questions in their order, repeats each, and ends when the client is done', async () => {
      await withReflection(create(), async (channel) => {
        const questions = new Questions(channel)
        const asked = { host: 'some host', file_containing_symbol: 'demo.Mid' }
        const answers = await questions.askAll([asked, { list_services: '' }, { file_by_filename: 'no' }])
        assert.deepEqual([answers[0]?.valid_host, answers[0]?.original_request], ['some host', asked])
        assert.ok(answers[0]?.file_descriptor_response !== undefined && answers[1]?.list_services_response !== undefined)
        assert.deepEqual(answers[2]?.error_response, { error_code: 5, error_message: 'there is no file "no"' })
        questions.call.halfClose()
        assert.deepEqual(await questions.caller.status(), OK)
      })
    })

    it('waits for a client that asks but does not read', async () => {
      await withReflection(create(), async (channel) => {
        const questions = new Questions(channel)
        questions.call.pause()
        const ask = requestType.encode(requestType.fromObject({ file_containing_symbol: 'grpc.reflection.v1.ServerReflection' })).finish()
        for (let count = 0; count < 1_000; count += 1) questions.call.send(ask)
        questions.call.halfClose()
        questions.call.resume()
        assert.deepEqual(await questions.caller.status(), OK)
        assert.equal(questions.caller.messages.all.length, 1_000)
      })
    })
  })
}

describe('server reflection', () => {
  const places: readonly (readonly [symbol: string, file: string])[] = [
    ['demo.Base', 'base.proto'],
    ['demo.Mid', 'mid.proto'],
    ['demo.Mid.text', 'mid.proto'],
    ['demo.Mid.choice', 'mid.proto'],
    ['demo.Mid.Inner', 'mid.proto'],
    ['demo.Mid.Inner.Mood', 'mid.proto'],
    ['demo.Mid.Inner.GOOD', 'mid.proto'],
    ['demo.Mid.inside', 'mid.proto'],
    ['demo.Colour', 'mid.proto'],
    ['demo.RED', 'mid.proto'],
    ['demo.outside', 'mid.proto'],
    ['demo.sub.Greeter', 'top.proto'],
    ['demo.sub.Greeter.Greet', 'top.proto'],
    ['Bare', 'bare.proto'],
    ['grpc.health.v1.Health.Watch', 'grpc/health/v1/health.proto'],
    ['grpc.reflection.v1alpha.ServerReflection', 'grpc/reflection/v1alpha/reflection.proto'],
  ]
  it('finds the file of every kind of symbol', async () => {
    await withReflection(inMemoryTransport(), async (channel) => {
      for (const [symbol, file] of places) {
        assert.equal((await new Questions(channel).files({ file_containing_symbol: symbol }))[0], file, symbol)
      }
    })
  })

  it('answers NOT_FOUND, and goes on, for symbols that are none', async () => {
    await withReflection(inMemoryTransport(), async (channel) => {
      const questions = new Questions(channel)
      for (const symbol of ['', '.demo.Mid', 'demo', 'Mid', 'demo.Mid.Inner.Mood.GOOD', 'demo.Colour.RED', 'demo.sub.Greeter.Part', 'constructor']) {
        const { error_response: error } = await questions.ask({ file_containing_symbol: symbol })
        assert.deepEqual(error, { error_code: 5, error_message: `there is no symbol ${JSON.stringify(symbol)}` })
      }
    })
  })

  it('finds extensions and their numbers', async () => {
    await withReflection(inMemoryTransport(), async (channel) => {
      const questions = new Questions(channel)
      for (const number of [107, 150]) {
        const request = { file_containing_extension: { containing_type: 'demo.Base', extension_number: number } }
        assert.equal((await questions.files(request))[0], 'mid.proto')
      }
      for (const [containing_type, extension_number] of [
        ['demo.Base', 1],
        ['demo.Mid', 107],
        ['demo.Base', -1],
        ['nobody', 0],
      ] as const) {
        const { error_response: error } = await questions.ask({ file_containing_extension: { containing_type, extension_number } })
        assert.equal(error?.error_code, 5, `${containing_type} ${extension_number}`)
      }
      const numbers = async (type: string) => await questions.ask({ all_extension_numbers_of_type: type })
      const base = { base_type_name: 'demo.Base', extension_number: [107, 150] }
      assert.deepEqual((await numbers('demo.Base')).all_extension_numbers_response, base)
      assert.deepEqual((await numbers('demo.Mid')).all_extension_numbers_response, { base_type_name: 'demo.Mid' })
      assert.equal((await numbers('demo.Nobody')).error_response?.error_code, 5)
    })
  })

  it('ends the stream of a client that asks for nothing, or for nothing that can be read', async () => {
    await withReflection(inMemoryTransport(), async (channel) => {
      for (const [hex, code] of [
        ['', 'INVALID_ARGUMENT'],
        ['0a0161', 'INVALID_ARGUMENT'],
        ['420161', 'INVALID_ARGUMENT'],
        ['1801', 'INVALID_ARGUMENT'],
        ['1a05', 'INTERNAL'],
        ['1a02c328', 'INTERNAL'],
        ['2a020aff', 'INTERNAL'],
      ] as const) {
        const questions = new Questions(channel)
        questions.call.send(Buffer.from(hex, 'hex'))
        assert.equal((await questions.caller.status()).code, code, hex)
      }
    })
  })

  it('answers the last of several questions in one request', async () => {
    await withReflection(inMemoryTransport(), async (channel) => {
      const questions = new Questions(channel)
      questions.call.send(Buffer.concat([writeBytes(4, 'nobody'), writeBytes(3, 'base.proto')]))
      const response = responseType.decode(await questions.caller.messages.next()).toJSON()
      assert.ok('file_descriptor_response' in response)
    })
  })

  it('lists health where health is served', async () => {
    const transport = inMemoryTransport()
    const server = transport.createServer()
    serveReflection(server, set)
    new HealthService().serve(server)
    const { port } = await server.listen('127.0.0.1', 0)
    const channel = transport.createChannel({ address: `127.0.0.1:${port}` })
    const { list_services_response: list } = await new Questions(channel).ask({ list_services: '' })
    assert.equal(list?.service[0]?.name, 'grpc.health.v1.Health')
    channel.close()
    await server.close()
  })

  it('refuses bytes that are no descriptors, and asks for the others when somebody asks', async () => {
    assert.throws(() => serveReflection(http2Transport().createServer(), Buffer.from('0a0aff', 'hex')), TypeError)
    let asked = 0
    const descriptors = (): Uint8Array => {
      asked += 1
      return set
    }
    await withReflection(
      inMemoryTransport(),
      async (channel) => {
        assert.equal(asked, 0)
        for (let round = 0; round < 2; round += 1) assert.equal((await new Questions(channel).files({ file_by_filename: 'bare.proto' })).length, 1)
        assert.equal(asked, 1)
      },
      descriptors,
    )
  })

  it('takes several sets joined, the first of two files with one name', async () => {
    const other = descriptor.FileDescriptorSet.encode(
      descriptor.FileDescriptorSet.fromObject({
        file: [
          { name: 'bare.proto', messageType: [{ name: 'Other' }] },
          { name: 'more.proto', messageType: [{ name: 'More' }, { name: 'Bare' }] },
        ],
      }),
    ).finish()
    await withReflection(
      inMemoryTransport(),
      async (channel) => {
        const questions = new Questions(channel)
        assert.deepEqual(await questions.files({ file_containing_symbol: 'More' }), ['more.proto'])
        assert.deepEqual(await questions.files({ file_containing_symbol: 'Bare' }), ['bare.proto'])
        assert.equal((await questions.ask({ file_containing_symbol: 'Other' })).error_response?.error_code, 5)
      },
      Buffer.concat([set, other]),
    )
  })

  it('describes health and itself as gRPC defines them', async () => {
    const texts = [
      ['grpc/health/v1/health.proto', healthProto],
      ['grpc/reflection/v1/reflection.proto', reflectionProto('v1')],
      ['grpc/reflection/v1alpha/reflection.proto', reflectionProto('v1alpha')],
    ] as const
    await withReflection(inMemoryTransport(), async (channel) => {
      for (const [name, text] of texts) {
        const { file_descriptor_response: found } = await new Questions(channel).ask({ file_by_filename: name })
        const file = descriptor.FileDescriptorProto.decode(found?.file_descriptor_proto[0] ?? new Uint8Array())
        const described = protobuf.Root.fromDescriptor({ file: [file] } as unknown as Parameters<typeof protobuf.Root.fromDescriptor>[0])
        assert.deepEqual(shape(described), shape(protobuf.parse(text, { keepCase: true }).root), name)
      }
    })
  })
})

/** Everything of a schema that is on the wire or in a name. */
function shape(of: protobuf.Root): string[] {
  of.resolveAll()
  const lines: string[] = []
  const visit = (space: protobuf.NamespaceBase): void => {
    for (const object of space.nestedArray) {
      if (object instanceof protobuf.Enum) lines.push(`${object.fullName} ${JSON.stringify(object.values)}`)
      if (object instanceof protobuf.Service) {
        for (const method of object.methodsArray)
          lines.push(
            `${method.fullName} ${method.resolvedRequestType?.fullName} ${method.requestStream === true} ${method.resolvedResponseType?.fullName} ${method.responseStream === true}`,
          )
      }
      if (object instanceof protobuf.Type) {
        lines.push(object.fullName)
        for (const field of object.fieldsArray) {
          lines.push(`${field.fullName} ${field.id} ${field.resolvedType?.fullName ?? field.type} ${field.repeated} ${field.partOf?.name ?? ''}`)
        }
      }
      if (object instanceof protobuf.Namespace) visit(object)
    }
  }
  visit(of)
  return lines.sort()
}
