import { docComment } from './names.ts'
import type { Field, FieldType, MessageType } from './schema.ts'

/** The type of one value. `init`: as it may be given to an encoder. */
export function tsType(type: FieldType, init: boolean): string {
  switch (type.kind) {
    case 'string':
      return 'string'
    case 'bytes':
      return 'Uint8Array'
    case 'bool':
      return 'boolean'
    case 'int64':
      return 'bigint'
    case 'enum':
      return `${type.name} | number`
    case 'message':
      return init ? `${type.name}Init` : type.name
    default:
      return 'number'
  }
}

const readonlyArray = (inner: string): string => (inner.includes('|') ? `readonly (${inner})[]` : `readonly ${inner}[]`)

/** The type of a property that holds the field. */
export function propertyType(field: Field, init: boolean): string {
  const inner = tsType(field.type, init)
  if (field.label === 'map') return `ReadonlyMap<string, ${inner}>`
  if (field.label === 'repeated') return readonlyArray(inner)
  return field.label === 'optional' || field.type.kind === 'message' ? `${inner} | undefined` : inner
}

function oneofType(message: MessageType, oneof: string, init: boolean): string {
  const cases = message.fields.filter((field) => field.oneof === oneof)
  const members = cases.map((field) => `\n    | { readonly case: '${field.name}'; readonly value: ${tsType(field.type, init)} }`)
  return `${members.join('')}\n    | undefined`
}

/** The interface of the decoded form, or of what an encoder takes. */
export function emitInterface(message: MessageType, init: boolean): string {
  const mark = init ? '?' : ''
  const lines: string[] = []
  const done = new Set<string>()
  for (const field of message.fields) {
    if (field.oneof !== undefined) {
      if (!done.has(field.oneof)) lines.push(`  readonly ${field.oneof}${mark}:${oneofType(message, field.oneof, init)}`)
      done.add(field.oneof)
      continue
    }
    const type = propertyType(field, init)
    lines.push(...(init ? [] : docComment(field.comment, '  ')))
    lines.push(`  readonly ${field.name}${mark}: ${init && !type.endsWith('| undefined') ? `${type} | undefined` : type}`)
  }
  const head = init ? [`/** What {@link encode${message.name}} takes: an absent field is not written. */`] : docComment(message.comment, '')
  const name = `${message.name}${init ? 'Init' : ''}`
  if (lines.length === 0) return [...head, `export type ${name} = Readonly<Record<never, never>>`, ''].join('\n')
  return [...head, `export interface ${name} {`, ...lines, '}', ''].join('\n')
}
