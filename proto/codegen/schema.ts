import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

/** Folder of our `.proto` files. */
export const protoFolder: string = fileURLToPath(new URL('../', import.meta.url))
export const protoFiles = ['rocketmq/v2/definition.proto', 'rocketmq/v2/service.proto', 'rocketmq/v2/admin.proto'] as const

/** Names of generated types: nested ones are joined, `OffsetOption.Policy` → `OffsetOptionPolicy`. */
export type TypeName = string

export interface EnumType {
  readonly name: TypeName
  readonly file: string
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
  readonly type: FieldType
  readonly label: 'implicit' | 'optional' | 'repeated' | 'map'
  /** Type of a map's values; its keys are strings. */
  readonly mapValue: FieldType | undefined
  readonly oneof: string | undefined
  readonly comment: string | undefined
}

export interface MessageType {
  readonly name: TypeName
  /** Name with dots, without the package. */
  readonly protoName: string
  readonly file: string
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
const wellKnown = new Set(['Timestamp', 'Duration'])

/** Parses our `.proto` files with protobufjs into what the generator needs. */
export function loadSchema(): Schema {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, target) => (target.startsWith('google/') ? target : `${protoFolder}${target}`)
  root.loadSync([...protoFiles], { keepCase: true, alternateCommentMode: true })
  root.resolveAll()

  const enums: EnumType[] = []
  const messages: MessageType[] = []
  const rpcs: Rpc[] = []
  const joined = (object: protobuf.ReflectionObject): string => {
    const full = object.fullName.replace(/^\./, '')
    return full.replace(/^(apache\.rocketmq\.v2|google\.protobuf)\./, '')
  }
  const typeName = (object: protobuf.ReflectionObject): TypeName => joined(object).replace(/\./g, '')
  const fileOf = (object: protobuf.ReflectionObject): string => /(\w+)\.proto$/.exec(object.filename ?? '')?.[1] ?? 'definition'

  const fieldType = (field: protobuf.Field, owner: string): FieldType => {
    const resolved = field.resolvedType
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
        return { kind: wellKnown.has(owner) ? 'safe-int64' : 'int64' }
      default:
        throw new Error(`${field.fullName}: the generator knows no type ${field.type}`)
    }
  }

  const visit = (namespace: protobuf.NamespaceBase): void => {
    for (const object of namespace.nestedArray) {
      if (object instanceof protobuf.Enum) {
        const values = Object.entries(object.values).map(([name, number]) => ({ name, number }))
        enums.push({ name: typeName(object), file: fileOf(object), comment: object.comment ?? undefined, values })
      } else if (object instanceof protobuf.Type) {
        messages.push(message(object))
        visit(object)
      } else if (object instanceof protobuf.Service) {
        for (const method of object.methodsArray) {
          const kind = method.requestStream ? (method.responseStream ? 'bidi' : 'client-stream') : method.responseStream ? 'server-stream' : 'unary'
          rpcs.push({
            service: object.name,
            name: method.name,
            path: `/${object.fullName.replace(/^\./, '')}/${method.name}`,
            kind,
            request: method.requestType,
            response: method.responseType,
            comment: method.comment ?? undefined,
          })
        }
      }
    }
  }

  const message = (type: protobuf.Type): MessageType => {
    const fields = type.fieldsArray.map((field): Field => {
      const proto3Optional = field.partOf !== null && /^_/.test(field.partOf.name)
      const map = field instanceof protobuf.MapField
      return {
        wireName: field.name,
        name: camel(field.name),
        number: field.id,
        type: map ? { kind: 'string' } : fieldType(field, type.name),
        label: map ? 'map' : field.repeated ? 'repeated' : proto3Optional ? 'optional' : 'implicit',
        mapValue: map ? fieldType(field, type.name) : undefined,
        oneof: field.partOf !== null && !proto3Optional ? camel(field.partOf.name) : undefined,
        comment: field.comment ?? undefined,
      }
    })
    fields.sort((a, b) => a.number - b.number)
    const oneofs = [...new Set(fields.flatMap((field) => (field.oneof === undefined ? [] : [field.oneof])))]
    return { name: typeName(type), protoName: joined(type), file: fileOf(type), comment: type.comment ?? undefined, fields, oneofs }
  }

  const google = root.lookup('google.protobuf')
  if (google instanceof protobuf.Namespace) visit(google)
  const ours = root.lookup('apache.rocketmq.v2')
  if (ours instanceof protobuf.Namespace) visit(ours)
  return { enums, messages, rpcs }
}
