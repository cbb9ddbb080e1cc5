import { indent, lowerFirst, numberFunction, tagOf, wireType } from './names.ts'
import type { Field, FieldType, MessageType } from './schema.ts'

/** A condition that is false for the default value, which proto3 does not write. `value` is a plain name. */
function isWritten(type: FieldType, value: string): string {
  switch (type.kind) {
    case 'string':
      return `${value} !== ''`
    case 'bytes':
      return `${value}.length > 0`
    case 'bool':
      return value
    case 'int64':
      return `${value} !== 0n`
    case 'float':
    case 'double':
      // Minus zero is not the default (protobuf, field presence).
      return `!Object.is(${value}, 0)`
    default:
      return `${value} !== 0`
  }
}

/**
 * How many bytes the length of a nested message will probably take. A message with a body is mostly body; system properties are as long as the last ones,
 * more or less; all others are short.
 */
function room(message: string, value: string): { readonly guess: string; readonly learn: string } {
  if (message === 'Message') return { guess: `messageRoom(${value})`, learn: '' }
  if (message === 'SystemProperties') return { guess: 'systemPropertiesRoom.bytes', learn: 'systemPropertiesRoom.bytes = ' }
  return { guess: '1', learn: '' }
}

/** Statements that write one value, tag included. */
function writeValue(type: FieldType, tag: number, value: string): string[] {
  switch (type.kind) {
    case 'enum':
      return [`w.int32(${tag}, ${numberFunction(type.name)}(${value}))`]
    case 'message': {
      const { guess, learn } = room(type.name, value)
      if (guess === '1') return [`const mark = w.begin(${tag}, 1)`, `write${type.name}(w, ${value})`, `w.end(mark, 1)`]
      return [`const room = ${guess}`, `const mark = w.begin(${tag}, room)`, `write${type.name}(w, ${value})`, `${learn}w.end(mark, room)`]
    }
    case 'safe-int64':
      return [`w.safeInt64(${tag}, ${value})`]
    default:
      return [`w.${type.kind}(${tag}, ${value})`]
  }
}

const block = (head: string, body: readonly string[]): string[] =>
  body.length === 1 ? [`${head} ${body[0]}`] : [`${head} {`, ...indent(body, '  '), '}']

function writeOneof(message: MessageType, oneof: string): string[] {
  const members = message.fields.filter((field) => field.oneof === oneof)
  const cases = members.flatMap((member) => {
    const body = writeValue(member.type, tagOf(member, wireType(member.type)), `value.${oneof}.value`)
    return body.length === 1
      ? [`case '${member.name}':`, ...indent([...body, 'break'], '  ')]
      : [`case '${member.name}': {`, ...indent([...body, 'break'], '  '), '}']
  })
  return [`switch (value.${oneof}?.case) {`, ...indent(cases, '  '), '}']
}

function writeField(field: Field): string[] {
  const tag = tagOf(field, wireType(field.type))
  const value = `value.${field.name}`
  if (field.label === 'map') {
    const entry = [
      `const entry = w.begin(${tagOf(field, 2)}, 1)`,
      'w.string(10, key)',
      ...writeValue(field.type, tagOf({ number: 2 }, wireType(field.type)), 'item'),
      'w.end(entry, 1)',
    ]
    return block(`if (${value} !== undefined)`, block(`for (const [key, item] of ${value})`, entry))
  }
  if (field.label === 'repeated') {
    if (field.type.kind === 'enum') {
      return [`if (${value} !== undefined && ${value}.length > 0) w.packedInt32(${tagOf(field, 2)}, ${value}, ${numberFunction(field.type.name)})`]
    }
    if (wireType(field.type) !== 2) throw new Error(`${field.wireName}: the generator packs enums only`)
    return block(`if (${value} !== undefined)`, block(`for (const item of ${value})`, writeValue(field.type, tag, 'item')))
  }
  if (field.label === 'optional' || field.type.kind === 'message') return block(`if (${value} !== undefined)`, writeValue(field.type, tag, value))
  if (field.type.kind === 'enum') {
    const number = lowerFirst(field.name)
    return block(`if (${value} !== undefined)`, [
      `const ${number} = ${numberFunction(field.type.name)}(${value})`,
      `if (${number} !== 0) w.int32(${tag}, ${number})`,
    ])
  }
  return block(`if (${value} !== undefined && ${isWritten(field.type, value)})`, writeValue(field.type, tag, value))
}

/** `writeX`: the fields of one message in the order of their numbers. */
export function emitWrite(message: MessageType): string {
  const lines: string[] = []
  const done = new Set<string>()
  for (const field of message.fields) {
    if (field.oneof === undefined) lines.push(...writeField(field))
    else if (!done.has(field.oneof)) {
      done.add(field.oneof)
      lines.push(...writeOneof(message, field.oneof))
    }
  }
  const [w, value] = lines.length === 0 ? ['_w', '_value'] : ['w', 'value']
  return [`export function write${message.name}(${w}: Writer, ${value}: ${message.name}Init): void {`, ...indent(lines, '  '), '}', ''].join('\n')
}
