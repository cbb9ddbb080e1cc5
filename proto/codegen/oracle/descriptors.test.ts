import { strict as assert } from 'node:assert'
import { fileDescriptorSet } from '@feathermq/protocol/descriptors'
import google from 'google-protobuf/google/protobuf/descriptor_pb.js'
import { describe, it } from 'mocha'
import protobuf from 'protobufjs'
import 'protobufjs/ext/descriptor.js'
import { loadSchema, parseProtoFiles } from '../schema.ts'

const files = google.FileDescriptorSet.deserializeBinary(fileDescriptorSet()).getFileList()
const { Type, Label } = google.FieldDescriptorProto

/** A message with its name without the package, and those within, entries of maps aside. */
function messages(): (readonly [name: string, message: google.DescriptorProto])[] {
  const visit = (message: google.DescriptorProto, prefix: string): (readonly [string, google.DescriptorProto])[] => {
    const name = `${prefix}${message.getName()}`
    const inner = message.getNestedTypeList().filter((nested) => nested.getOptions()?.getMapEntry() !== true)
    return [[name, message], ...inner.flatMap((nested) => visit(nested, `${name}.`))]
  }
  return files.flatMap((file) => file.getMessageTypeList().flatMap((message) => visit(message, '')))
}

describe('the descriptors of the protocol, as google-protobuf reads them', () => {
  it('are files under the names by which they are imported, each after those it imports', () => {
    assert.deepEqual(
      files.map((file) => [file.getName(), file.getPackage(), file.getSyntax(), file.getDependencyList()]),
      [
        ['google/protobuf/duration.proto', 'google.protobuf', 'proto3', []],
        ['google/protobuf/timestamp.proto', 'google.protobuf', 'proto3', []],
        ['rocketmq/v2/definition.proto', 'apache.rocketmq.v2', 'proto3', ['google/protobuf/duration.proto', 'google/protobuf/timestamp.proto']],
        ...['service', 'admin'].map((name) => [
          `rocketmq/v2/${name}.proto`,
          'apache.rocketmq.v2',
          'proto3',
          ['google/protobuf/duration.proto', 'google/protobuf/timestamp.proto', 'rocketmq/v2/definition.proto'],
        ]),
      ],
    )
  })

  it('have each message once, with each field of the schema', () => {
    const described = new Map(messages())
    assert.equal(described.size, messages().length)
    const schema = loadSchema()
    assert.deepEqual([...described.keys()].sort(), schema.messages.map(({ protoName }) => protoName).sort())
    for (const { protoName, fields } of schema.messages) {
      const own = new Map(
        described
          .get(protoName)
          ?.getFieldList()
          .map((field) => [field.getNumber(), field]),
      )
      assert.deepEqual([...own.keys()].sort(), fields.map(({ number }) => number).sort(), protoName)
      for (const { wireName, number, type, label } of fields) {
        const field = own.get(number)
        const name = `${protoName}.${wireName}`
        assert.equal(field?.getName(), wireName)
        assert.equal(field?.getLabel() === Label.LABEL_REPEATED, label === 'repeated' || label === 'map', name)
        assert.equal(field?.getProto3Optional(), label === 'optional', name)
        const kind = label === 'map' ? 'message' : type.kind === 'safe-int64' ? 'int64' : type.kind
        assert.equal(field?.getType(), Type[`TYPE_${kind.toUpperCase()}` as keyof typeof Type], name)
      }
    }
  })

  it('say the type of each field by a name that is there', () => {
    const names = new Set<string>()
    for (const file of files) {
      const visit = (message: google.DescriptorProto, prefix: string): void => {
        const name = `${prefix}.${message.getName()}`
        names.add(name)
        for (const type of message.getEnumTypeList()) names.add(`${name}.${type.getName()}`)
        for (const nested of message.getNestedTypeList()) visit(nested, name)
      }
      for (const type of file.getEnumTypeList()) names.add(`.${file.getPackage()}.${type.getName()}`)
      for (const message of file.getMessageTypeList()) visit(message, `.${file.getPackage()}`)
    }
    for (const [name, message] of messages()) {
      for (const field of message.getFieldList()) {
        const named = [Type.TYPE_ENUM, Type.TYPE_MESSAGE].some((type) => type === field.getType())
        assert.equal(names.has(field.getTypeName() ?? ''), named, `${name}.${field.getName()}: ${field.getTypeName()}`)
      }
    }
    for (const method of files.flatMap((file) => file.getServiceList()).flatMap((service) => service.getMethodList())) {
      for (const type of [method.getInputType(), method.getOutputType()]) assert.ok(names.has(type ?? ''), `${method.getName()}: ${type}`)
    }
  })

  it('have maps with the entries that the compiler of protobuf makes', () => {
    let maps = 0
    for (const [name, message] of messages()) {
      for (const entry of message.getNestedTypeList()) {
        if (entry.getOptions()?.getMapEntry() !== true) continue
        maps += 1
        const field = message.getFieldList().find((one) => one.getTypeName() === `.apache.rocketmq.v2.${name}.${entry.getName()}`)
        const expected = `${(field?.getName() ?? '?').replace(/(^|_)(.)/g, (_, _before, letter: string) => letter.toUpperCase())}Entry`
        assert.equal(entry.getName(), expected)
        assert.deepEqual(
          entry.getFieldList().map((one) => [one.getName(), one.getNumber(), one.getLabel()]),
          [
            ['key', 1, Label.LABEL_OPTIONAL],
            ['value', 2, Label.LABEL_OPTIONAL],
          ],
        )
      }
    }
    assert.equal(maps, loadSchema().messages.flatMap(({ fields }) => fields.filter(({ label }) => label === 'map')).length)
  })

  it('have each oneof, with a synthetic one after them for each optional field', () => {
    for (const [name, message] of messages()) {
      const oneofs = message.getOneofDeclList().map((oneof) => oneof.getName() ?? '')
      const members = oneofs.map((_, index) => message.getFieldList().filter((field) => field.hasOneofIndex() && field.getOneofIndex() === index))
      members.forEach((fields, index) => {
        const synthetic = fields.every((field) => field.getProto3Optional())
        assert.equal(oneofs[index], synthetic ? `_${fields[0]?.getName()}` : oneofs[index], name)
        assert.ok(fields.length === 1 || !synthetic, name)
        assert.ok(!synthetic || members.slice(index).every((later) => later[0]?.getProto3Optional()), `${name}: a real oneof after a synthetic one`)
      })
      for (const field of message.getFieldList()) assert.ok(!field.getProto3Optional() || field.hasOneofIndex(), name)
    }
  })

  it('have each enum with its values and each method with its streams', () => {
    const schema = loadSchema()
    const nested = messages().flatMap(([name, message]) => message.getEnumTypeList().map((type) => [`${name}.${type.getName()}`, type] as const))
    const top = files.flatMap((file) => file.getEnumTypeList().map((type) => [type.getName() ?? '', type] as const))
    const values = [...top, ...nested].map(([name, type]) => [name, type.getValueList().map((value) => [value.getName(), value.getNumber()])])
    assert.deepEqual(
      values.sort(),
      schema.enums.map(({ protoName, values: own }) => [protoName, own.map(({ name, number }) => [name, number])]).sort(),
    )
    const methods = files.flatMap((file) =>
      file.getServiceList().flatMap((service) =>
        service.getMethodList().map((method) => {
          const streams = `${method.getClientStreaming()} ${method.getServerStreaming()}`
          return [`/${file.getPackage()}.${service.getName()}/${method.getName()}`, streams, method.getInputType(), method.getOutputType()]
        }),
      ),
    )
    const streams = { unary: 'false false', 'client-stream': 'true false', 'server-stream': 'false true', bidi: 'true true' }
    assert.deepEqual(
      methods,
      schema.rpcs.map(({ path, kind, request, response }) => [
        path,
        streams[kind],
        `.apache.rocketmq.v2.${request}`,
        `.apache.rocketmq.v2.${response}`,
      ]),
    )
  })
})

describe('the descriptors of the protocol, as protobufjs reads them', () => {
  it('make the same types as the .proto files', () => {
    const described = protobuf.Root.fromDescriptor(fileDescriptorSet(), { keepCase: true } as never)
    described.resolveAll()
    const parsed = parseProtoFiles()
    for (const { protoName } of loadSchema().messages) {
      const space = ['Timestamp', 'Duration'].includes(protoName) ? 'google.protobuf' : 'apache.rocketmq.v2'
      const [ours, theirs] = [described, parsed].map((root) => root.lookupType(`${space}.${protoName}`)) as [protobuf.Type, protobuf.Type]
      const shape = (type: protobuf.Type): unknown =>
        type.fieldsArray.map((field) => [
          field.name,
          field.id,
          field.resolvedType?.fullName ?? field.type,
          field.repeated,
          field.map,
          field.partOf?.name,
          field instanceof protobuf.MapField ? field.keyType : '',
        ])
      assert.deepEqual(shape(ours), shape(theirs), protoName)
    }
  })
})
