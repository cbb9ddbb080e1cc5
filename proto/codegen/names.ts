import type { Field, FieldType } from './schema.ts'

/** Wire types (protobuf encoding, message structure). */
export type WireType = 0 | 1 | 2 | 5

/** Wire type of a value on its own. */
export function wireType(type: FieldType): WireType {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'message':
      return 2
    case 'float':
      return 5
    case 'double':
      return 1
    default:
      return 0
  }
}

/** The varint before a field's value. */
export const tagOf = (field: Pick<Field, 'number'>, type: WireType): number => (field.number << 3) | type

const lower = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`
/** `Code` → `codeNumber`: the function from a name to its number. */
export const numberFunction = (name: string): string => `${lower(name)}Number`
/** `Code` → `codeName`: the function from a number to its name. */
export const nameFunction = (name: string): string => `${lower(name)}Name`
export const lowerFirst = lower
export const indent = (lines: readonly string[], by: string): string[] => lines.map((line) => `${by}${line}`)
export const docComment = (text: string | undefined, before: string): string[] =>
  text === undefined ? [] : [`${before}/** ${text.replace(/\n/g, ' ')} */`]

export const header = (source: string): string => `// Generated from ${source} by "npm run generate". Do not edit.`
