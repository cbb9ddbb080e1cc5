import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'
import { modules } from './modules.ts'

/** Folder of our `.proto` files. */
export const protoFolder: string = fileURLToPath(new URL('../', import.meta.url))
export const protoFiles = ['rocketmq/v2/definition.proto', 'rocketmq/v2/service.proto', 'rocketmq/v2/admin.proto'] as const

/** Names of generated types: nested ones are joined, `OffsetOption.Policy` → `OffsetOptionPolicy`. */
export type TypeName = string

export interface EnumType {
  readonly name: TypeName
  /** Name with dots, without the package. */
  readonly protoName: string
  readonly comment: string | undefined
  readonly values: readonly { readonly name: string; readonly number: number }[]
}

export type FieldType =
  | { readonly kind: 'string' | 'bytes' | 'bool' | 'int32' | 'int64' | 'safe-int64' | 'float' | 'double' }
  | { readonly kind: 'enum' | 'message'; readonly name: TypeName }

export interface Field {
  /** As in the `.proto` file. */
  readonly wireName: string
  /** As in TypeScript. */
  readonly name: string
  readonly number: number
  /** Of a map: the type of its values; keys are strings. */
  readonly type: FieldType
  readonly label: 'implicit' | 'optional' | 'repeated' | 'map'
  readonly oneof: string | undefined
  readonly comment: string | undefined
}

export interface MessageType {
  readonly name: TypeName
  /** Name with dots, without the package. */
  readonly protoName: string
  /** Which generated file holds it. */
  readonly module: string
  readonly comment: string | undefined
  readonly fields: readonly Field[]
  /** Names of the oneofs in the order of their first field. */
  readonly oneofs: readonly string[]
}

export interface Rpc {
  readonly service: string
  readonly name: string
  readonly path: string
  readonly kind: 'unary' | 'client-stream' | 'server-stream' | 'bidi'
  readonly request: TypeName
  readonly response: TypeName
  readonly comment: string | undefined
}

export interface Schema {
  readonly enums: readonly EnumType[]
  readonly messages: readonly MessageType[]
  readonly rpcs: readonly Rpc[]
}

const camel = (name: string): string => name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** Their seconds are numbers in TypeScript: no time that anybody means is outside of ±2^53 s. */
const NUMBER_SECONDS: ReadonlySet<TypeName> = new Set(['Timestamp', 'Duration'])

/** Our `.proto` files, parsed by protobufjs. Field names stay as they are written. */
export function parseProtoFiles(): protobuf.Root {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, target) => (target.startsWith('google/') ? target : `${protoFolder}${target}`)
  root.loadSync([...protoFiles], { keepCase: true, alternateCommentMode: true })
  root.resolveAll()
  return root
}

/** What the generator needs of our `.proto` files. @throws an Error for what the generated code could not do right, with the name of the field or type. */
export function loadSchema(): Schema {
  const root = parseProtoFiles()
  const enums: EnumType[] = []
  const messages: MessageType[] = []
  const rpcs: Rpc[] = []
  const visit = (namespace: protobuf.NamespaceBase): void => {
    for (const object of namespace.nestedArray) {
      if (object instanceof protobuf.Enum) enums.push(enumType(object))
      else if (object instanceof protobuf.Type) {
        messages.push(messageType(object))
        visit(object)
      } else if (object instanceof protobuf.Service) rpcs.push(...object.methodsArray.map((method) => rpc(object, method)))
    }
  }
  for (const name of ['google.protobuf', 'apache.rocketmq.v2']) {
    const found = root.lookup(name)
    if (!(found instanceof protobuf.Namespace)) throw new Error(`no package ${name}`)
    visit(found)
  }
  checkModules(messages)
  checkDepth(messages)
  return { enums, messages, rpcs }
}

const protoName = (object: protobuf.ReflectionObject): string => object.fullName.replace(/^\.(apache\.rocketmq\.v2|google\.protobuf)\./, '')
const typeName = (object: protobuf.ReflectionObject): TypeName => protoName(object).replace(/\./g, '')

function enumType(object: protobuf.Enum): EnumType {
  const values = Object.entries(object.values).map(([name, number]) => ({ name, number }))
  return { name: typeName(object), protoName: protoName(object), comment: object.comment ?? undefined, values }
}

function messageType(type: protobuf.Type): MessageType {
  const name = typeName(type)
  const fields = type.fieldsArray.map((field): Field => {
    const proto3Optional = field.partOf?.name.startsWith('_') === true
    return {
      wireName: field.name,
      name: camel(field.name),
      number: field.id,
      type: fieldType(field, name),
      label: field instanceof protobuf.MapField ? 'map' : field.repeated ? 'repeated' : proto3Optional ? 'optional' : 'implicit',
      oneof: field.partOf !== null && !proto3Optional ? camel(field.partOf.name) : undefined,
      comment: field.comment ?? undefined,
    }
  })
  fields.sort((a, b) => a.number - b.number)
  const oneofs = [...new Set(fields.flatMap((field) => (field.oneof === undefined ? [] : [field.oneof])))]
  return { name, protoName: protoName(type), module: moduleOf(name), comment: type.comment ?? undefined, fields, oneofs }
}

function fieldType(field: protobuf.Field, owner: TypeName): FieldType {
  const resolved = field.resolvedType
  if (field instanceof protobuf.MapField && field.keyType !== 'string')
    throw new Error(`${field.fullName}: the generator knows maps with string keys only`)
  if (resolved instanceof protobuf.Enum) return { kind: 'enum', name: typeName(resolved) }
  if (resolved instanceof protobuf.Type) return { kind: 'message', name: typeName(resolved) }
  switch (field.type) {
    case 'string':
    case 'bytes':
    case 'bool':
    case 'int32':
    case 'float':
    case 'double':
      return { kind: field.type }
    case 'int64':
      return { kind: NUMBER_SECONDS.has(owner) ? 'safe-int64' : 'int64' }
    default:
      throw new Error(`${field.fullName}: the generator knows no type ${field.type}`)
  }
}

function rpc(service: protobuf.Service, method: protobuf.Method): Rpc {
  const kind = method.requestStream ? (method.responseStream ? 'bidi' : 'client-stream') : method.responseStream ? 'server-stream' : 'unary'
  const path = `/${service.fullName.slice(1)}/${method.name}`
  return {
    service: service.name,
    name: method.name,
    path,
    kind,
    request: method.requestType,
    response: method.responseType,
    comment: method.comment ?? undefined,
  }
}

function moduleOf(name: TypeName): string {
  const homes = Object.entries(modules).flatMap(([module, names]) => names.filter((one) => one === name).map(() => module))
  const [home] = homes
  if (home === undefined || homes.length > 1) throw new Error(`${name} is in ${homes.length} modules; codegen/modules.ts must name it once`)
  return home
}

function checkModules(messages: readonly MessageType[]): void {
  const known = new Set(messages.map(({ name }) => name))
  const gone = Object.values(modules)
    .flat()
    .filter((name) => !known.has(name))
  if (gone.length > 0) throw new Error(`codegen/modules.ts names messages that no .proto file has: ${gone.join(', ')}`)
}

/** Decoders call each other as deep as messages nest. As long as no message holds itself, no input can make that deeper than the schema is. */
function checkDepth(messages: readonly MessageType[]): void {
  const byName = new Map(messages.map((message) => [message.name, message]))
  const visit = (name: TypeName, path: readonly TypeName[]): void => {
    if (path.includes(name)) throw new Error(`${[...path, name].join(' → ')}: a message that holds itself needs a bound of depth in its decoder`)
    for (const { type } of byName.get(name)?.fields ?? []) if (type.kind === 'message') visit(type.name, [...path, name])
  }
  for (const { name } of messages) visit(name, [])
}
