import { readFileSync } from 'node:fs'
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor.js'
import { header } from './names.ts'
import { parseProtoFiles, protoFiles, protoFolder } from './schema.ts'

/** Numbers of field types (descriptor.proto, FieldDescriptorProto.Type). */
const typeNumbers: Readonly<Record<string, number>> = { double: 1, float: 2, int64: 3, int32: 5, bool: 8, string: 9, bytes: 12 }
const MESSAGE = 11
const ENUM = 14
const OPTIONAL = 1
const REPEATED = 3

/** As the compiler of protobuf names the entries of a map: `user_properties` → `UserPropertiesEntry`. */
const entryName = (field: string): string => `${field.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())}Entry`

function typeOf(type: string, resolved: protobuf.Type | protobuf.Enum | null): { readonly type: number; readonly typeName?: string } {
  if (resolved !== null) return { type: resolved instanceof protobuf.Enum ? ENUM : MESSAGE, typeName: resolved.fullName }
  const number = typeNumbers[type]
  if (number === undefined) throw new Error(`the descriptors know no type ${type}`)
  return { type: number }
}

function enumDescriptor(type: protobuf.Enum): object {
  return { name: type.name, value: Object.entries(type.values).map(([name, number]) => ({ name, number })) }
}

/** protobufjs has a conversion of its own, which says neither files nor imports, and names types and map entries otherwise than protobuf does. */
function messageDescriptor(type: protobuf.Type): object {
  // Those that stand for `optional` come after the real ones (descriptor.proto, proto3_optional).
  const isReal = (oneof: protobuf.OneOf): boolean => !oneof.name.startsWith('_')
  const oneofs = [...type.oneofsArray.filter(isReal), ...type.oneofsArray.filter((oneof) => !isReal(oneof))]
  const entries: object[] = []
  const field = type.fieldsArray.map((one) => {
    const base = { name: one.name, number: one.id, label: one.repeated || one.map ? REPEATED : OPTIONAL }
    if (one instanceof protobuf.MapField) {
      const name = entryName(one.name)
      const key = { name: 'key', number: 1, label: OPTIONAL, ...typeOf(one.keyType, null) }
      const value = { name: 'value', number: 2, label: OPTIONAL, ...typeOf(one.type, one.resolvedType) }
      entries.push({ name, field: [key, value], options: { mapEntry: true } })
      return { ...base, type: MESSAGE, typeName: `${type.fullName}.${name}` }
    }
    const whole = { ...base, ...typeOf(one.type, one.resolvedType) }
    if (one.partOf === null) return whole
    return { ...whole, oneofIndex: oneofs.indexOf(one.partOf), ...(isReal(one.partOf) ? {} : { proto3Optional: true }) }
  })
  const nested = type.nestedArray
  return {
    name: type.name,
    field,
    nestedType: [...nested.filter((one) => one instanceof protobuf.Type).map(messageDescriptor), ...entries],
    enumType: nested.filter((one) => one instanceof protobuf.Enum).map(enumDescriptor),
    oneofDecl: oneofs.map(({ name }) => ({ name })),
  }
}

function serviceDescriptor(service: protobuf.Service): object {
  return {
    name: service.name,
    method: service.methodsArray.map((method) => ({
      name: method.name,
      inputType: method.resolvedRequestType?.fullName,
      outputType: method.resolvedResponseType?.fullName,
      ...(method.requestStream ? { clientStreaming: true } : {}),
      ...(method.responseStream ? { serverStreaming: true } : {}),
    })),
  }
}

interface ProtoFile {
  readonly name: string
  readonly package: string
  readonly dependency: readonly string[]
  /** What of the package is in this file. */
  readonly holds: (object: protobuf.ReflectionObject) => boolean
}

function protoFile(name: string): ProtoFile {
  const dependency = [...readFileSync(`${protoFolder}${name}`, 'utf8').matchAll(/^import "([^"]+)";$/gm)].map(([, file]) => file as string)
  return { name, package: 'apache.rocketmq.v2', dependency, holds: (object) => object.filename === `${protoFolder}${name}` }
}

/** protobufjs brings these along and does not say from which file. */
function googleFile(type: string): ProtoFile {
  return {
    name: `google/protobuf/${type.toLowerCase()}.proto`,
    package: 'google.protobuf',
    dependency: [],
    holds: (object) => object.name === type,
  }
}

function fileDescriptor(root: protobuf.Root, file: ProtoFile): object {
  const space = root.lookup(file.package)
  if (!(space instanceof protobuf.Namespace)) throw new Error(`no package ${file.package}`)
  const own = space.nestedArray.filter(file.holds)
  return {
    name: file.name,
    package: file.package,
    dependency: file.dependency,
    messageType: own.filter((one) => one instanceof protobuf.Type).map(messageDescriptor),
    enumType: own.filter((one) => one instanceof protobuf.Enum).map(enumDescriptor),
    service: own.filter((one) => one instanceof protobuf.Service).map(serviceDescriptor),
    syntax: 'proto3',
  }
}

/** The files of a FileDescriptorSet, each after those it imports. */
export function fileDescriptors(): ReadonlyMap<string, Uint8Array> {
  const root = parseProtoFiles()
  const files = [...['Duration', 'Timestamp'].map(googleFile), ...protoFiles.map(protoFile)]
  return new Map(
    files.map((file) => {
      const proto = descriptor.FileDescriptorProto.fromObject(fileDescriptor(root, file))
      return [file.name, descriptor.FileDescriptorProto.encode(proto).finish()]
    }),
  )
}

/** The text of the module with the descriptors: one line for each file, so that a change shows which one it was. */
export function emitDescriptors(): string {
  const files = [...fileDescriptors()]
  const lines = files.map(([name, bytes]) => {
    // Field 1 of the set; sets are joined by joining their bytes.
    const set = protobuf.Writer.create().uint32(0x0a).bytes(bytes).finish()
    return `  // ${name}\n  '${Buffer.from(set).toString('base64')}',`
  })
  return `${header('rocketmq/v2/*.proto')}

/** A FileDescriptorSet in pieces, each a set with one file. */
const pieces: readonly string[] = [
${lines.join('\n')}
]

/** A FileDescriptorSet (descriptor.proto) of \`apache.rocketmq.v2\` with what it imports, each file after those that it needs. For reflection. */
export function fileDescriptorSet(): Uint8Array {
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64')))
}
`
}
