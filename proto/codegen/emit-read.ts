import { propertyType, tsType } from './emit-types.ts'
import { indent, nameFunction, tagOf, wireType } from './names.ts'
import type { Field, FieldType, MessageType } from './schema.ts'

/** An expression that reads one value. A message that is there already is merged with what comes (protobuf encoding, last one wins). */
function readValue(type: FieldType, end: string, previous?: string): string {
  switch (type.kind) {
    case 'enum':
      return `${nameFunction(type.name)}(r.int32(${end}))`
    case 'message':
      return `read${type.name}(r, r.enter(${end})${previous === undefined ? '' : `, ${previous}`})`
    case 'bytes':
      return `r.bytesField(${end})`
    case 'safe-int64':
      return `r.safeInt64(${end})`
    default:
      return `r.${type.kind}(${end})`
  }
}

function defaultOf(type: FieldType): string {
  switch (type.kind) {
    case 'string':
      return `''`
    case 'bytes':
      return 'NO_BYTES'
    case 'bool':
      return 'false'
    case 'int64':
      return '0n'
    case 'enum':
      return `${nameFunction(type.name)}(0)`
    default:
      return '0'
  }
}

interface Reading {
  /** Declares the variable that the field is read into. */
  readonly declaration: string
  readonly cases: readonly string[]
}

function readOneof(message: MessageType, oneof: string): Reading {
  const cases = message.fields.flatMap((member) => {
    if (member.oneof !== oneof) return []
    const previous = member.type.kind === 'message' ? `${oneof}?.case === '${member.name}' ? ${oneof}.value : undefined` : undefined
    const value = readValue(member.type, 'end', previous)
    return [`case ${tagOf(member, wireType(member.type))}:`, `  ${oneof} = { case: '${member.name}', value: ${value} }`, '  break']
  })
  return { declaration: `let ${oneof}: ${message.name}['${oneof}'] = prev === undefined ? undefined : prev.${oneof}`, cases }
}

function readMap(field: Field): Reading {
  const { name, type } = field
  const value = type.kind === 'message' ? `item ?? read${type.name}(r, r.pos)` : 'item'
  return {
    // The map of an earlier part of the same message is ours alone, so it may grow: copying it for each part would take quadratic time.
    declaration: `const ${name}: Map<string, ${tsType(type, false)}> = prev === undefined ? new Map() : (prev.${name} as Map<string, ${tsType(type, false)}>)`,
    cases: [
      `case ${tagOf(field, 2)}: {`,
      '  const stop = r.enter(end)',
      `  let key = ''`,
      type.kind === 'message' ? `  let item: ${type.name} | undefined` : `  let item: ${tsType(type, false)} = ${defaultOf(type)}`,
      '  while (r.pos < stop) {',
      '    const entry = r.tag(stop)',
      `    if (entry === 10) key = r.string(stop)`,
      `    else if (entry === ${tagOf({ number: 2 }, wireType(type))}) item = ${readValue(type, 'stop', type.kind === 'message' ? 'item' : undefined)}`,
      '    else r.skip(entry, stop)',
      '  }',
      `  ${name}.set(key, ${value})`,
      '  break',
      '}',
    ],
  }
}

function readRepeated(field: Field): Reading {
  const { name, type } = field
  const array = propertyType(field, false).replace(/^readonly /, '')
  const cases = [`case ${tagOf(field, wireType(type))}:`, `  ${name}.push(${readValue(type, 'end')})`, '  break']
  // Numbers come packed or one by one, whatever the .proto file says (protobuf encoding, packed repeated fields).
  if (wireType(type) !== 2) {
    cases.push(
      `case ${tagOf(field, 2)}: {`,
      '  const stop = r.enter(end)',
      `  while (r.pos < stop) ${name}.push(${readValue(type, 'stop')})`,
      '  break',
      '}',
    )
  }
  return { declaration: `const ${name}: ${array} = prev === undefined ? [] : (prev.${name} as ${array})`, cases }
}

function readSingle(field: Field): Reading {
  const { name, type } = field
  const absent = field.label === 'optional' || type.kind === 'message' ? 'undefined' : defaultOf(type)
  const cases = [
    `case ${tagOf(field, wireType(type))}:`,
    `  ${name} = ${readValue(type, 'end', type.kind === 'message' ? name : undefined)}`,
    '  break',
  ]
  return { declaration: `let ${name}: ${propertyType(field, false)} = prev === undefined ? ${absent} : prev.${name}`, cases }
}

/** `readX`: all fields up to `end`, onto `prev` when the message came in several parts. */
export function emitRead(message: MessageType): string {
  const { name, fields } = message
  const readings = new Map<string, Reading>()
  for (const field of fields) {
    const key = field.oneof ?? field.name
    if (readings.has(key)) continue
    if (field.oneof !== undefined) readings.set(key, readOneof(message, field.oneof))
    else if (field.label === 'map') readings.set(key, readMap(field))
    else if (field.label === 'repeated') readings.set(key, readRepeated(field))
    else readings.set(key, readSingle(field))
  }
  const cases = [...readings.values()].flatMap((reading) => reading.cases)
  const body = [
    ...[...readings.values()].map((reading) => reading.declaration),
    'while (r.pos < end) {',
    '  const fieldTag = r.tag(end)',
    ...(cases.length === 0
      ? ['  r.skip(fieldTag, end)']
      : ['  switch (fieldTag) {', ...indent([...cases, 'default:', '  r.skip(fieldTag, end)'], '    '), '  }']),
    '}',
    readings.size === 0 ? 'return {}' : `return { ${[...readings.keys()].join(', ')} }`,
  ]
  const prev = fields.length === 0 ? '_prev' : 'prev'
  return [`export function read${name}(r: Reader, end: number, ${prev}?: ${name}): ${name} {`, ...indent(body, '  '), '}', ''].join('\n')
}
