import type { Field, FieldType, MessageType, Schema } from './schema.ts'

/** Wire type of a value on its own (protobuf encoding: message structure). */
export function wireType(type: FieldType): 0 | 1 | 2 | 5 {
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
const tag = (field: Field, type: number): number => (field.number << 3) | type

/** Named types that `type` mentions. */
export const mentions = (type: FieldType): string[] => ('name' in type ? [type.name] : [])

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
const array = (inner: string): string => (inner.includes('|') ? `readonly (${inner})[]` : `readonly ${inner}[]`)

function propertyType(field: Field, init: boolean): string {
  if (field.label === 'map') return `ReadonlyMap<string, ${tsType(field.mapValue ?? { kind: 'string' }, init)}>`
  const inner = tsType(field.type, init)
  if (field.label === 'repeated') return array(inner)
  return field.label === 'optional' || field.type.kind === 'message' ? `${inner} | undefined` : inner
}

const comment = (text: string | undefined, indent: string): string => (text === undefined ? '' : `${indent}/** ${text.replace(/\n/g, ' ')} */\n`)

function oneofType(message: MessageType, oneof: string, init: boolean): string {
  const cases = message.fields.filter((field) => field.oneof === oneof)
  const lines = cases.map((field) => `\n    | { readonly case: '${field.name}'; readonly value: ${tsType(field.type, init)} }`)
  return `${lines.join('')}\n    | undefined`
}

function emitInterface(message: MessageType, init: boolean): string {
  const mark = init ? '?' : ''
  const done = new Set<string>()
  const lines: string[] = []
  for (const field of message.fields) {
    if (field.oneof !== undefined) {
      if (done.has(field.oneof)) continue
      done.add(field.oneof)
      lines.push(`  readonly ${field.oneof}${mark}:${oneofType(message, field.oneof, init)}`)
      continue
    }
    const type = propertyType(field, init)
    const optional = init && !type.endsWith('| undefined') ? `${type} | undefined` : type
    lines.push(`${init ? '' : comment(field.comment, '  ')}  readonly ${field.name}${mark}: ${optional}`)
  }
  const head = init ? `/** What {@link encode${message.name}} takes: an absent field is not written. */\n` : comment(message.comment, '')
  if (lines.length === 0) return `${head}export type ${message.name}${init ? 'Init' : ''} = Readonly<Record<never, never>>\n`
  return `${head}export interface ${message.name}${init ? 'Init' : ''} {\n${lines.join('\n')}\n}\n`
}

/** A statement that writes one value. */
function writeValue(type: FieldType, tagNumber: number, value: string): string[] {
  switch (type.kind) {
    case 'enum':
      return [`w.int32(${tagNumber}, ${numberFunction(type.name)}(${value}))`]
    case 'message': {
      // Messages with a body are mostly body: the guess saves moving it when its length is written.
      const guess = type.name === 'Message' ? `, (${value}.body?.length ?? 0) + 256` : ''
      return [`{`, `  const mark = w.begin(${tagNumber}${guess})`, `  write${type.name}(w, ${value})`, `  w.end(mark)`, `}`]
    }
    case 'safe-int64':
      return [`w.safeInt64(${tagNumber}, ${value})`]
    default:
      return [`w.${type.kind}(${tagNumber}, ${value})`]
  }
}
export const numberFunction = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}Number`
export const nameFunction = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}Name`

const indent = (lines: readonly string[], by: string): string[] => lines.map((line) => `${by}${line}`)

function emptiness(type: FieldType, value: string): string {
  switch (type.kind) {
    case 'string':
      return `${value} !== ''`
    case 'bytes':
      return `${value}.length > 0`
    case 'bool':
      return value
    case 'int64':
      return `${value} !== 0n`
    case 'enum':
      return `${numberFunction(type.name)}(${value}) !== 0`
    case 'float':
    case 'double':
      return `!Object.is(${value}, 0)`
    default:
      return `${value} !== 0`
  }
}

function emitWrite(message: MessageType): string {
  const lines: string[] = []
  const done = new Set<string>()
  for (const field of message.fields) {
    const value = `value.${field.name}`
    if (field.oneof !== undefined) {
      if (done.has(field.oneof)) continue
      done.add(field.oneof)
      lines.push(`switch (value.${field.oneof}?.case) {`)
      for (const member of message.fields.filter((one) => one.oneof === field.oneof)) {
        lines.push(
          `  case '${member.name}':`,
          ...indent(writeValue(member.type, tag(member, wireType(member.type)), `value.${field.oneof}.value`), '    '),
          '    break',
        )
      }
      lines.push('}')
      continue
    }
    if (field.label === 'map') {
      const inner = field.mapValue ?? { kind: 'string' }
      lines.push(
        `if (${value} !== undefined) {`,
        `  for (const [key, item] of ${value}) {`,
        `    const mark = w.begin(${tag(field, 2)}, key.length + ${inner.kind === 'string' ? 'item.length + 4' : '64'})`,
      )
      lines.push(`    w.string(10, key)`, ...indent(writeValue(inner, (2 << 3) | wireType(inner), 'item'), '    '), `    w.end(mark)`, `  }`, `}`)
    } else if (field.label === 'repeated') {
      lines.push(`if (${value} !== undefined${wireType(field.type) === 0 ? ` && ${value}.length > 0` : ''}) {`)
      if (wireType(field.type) === 0) {
        if (field.type.kind !== 'enum') throw new Error(`${message.name}.${field.name}: packed ${field.type.kind} is not needed yet`)
        lines.push(`  w.packedInt32(${tag(field, 2)}, ${value}, ${numberFunction(field.type.name)})`)
      } else
        lines.push(
          `  for (const item of ${value}) ${writeValue(field.type, tag(field, wireType(field.type)), 'item')
            .join('\n    ')
            .replace(/^\{\n/, '{\n')}`,
        )
      lines.push('}')
    } else {
      const implicit = field.label === 'implicit' && field.type.kind !== 'message'
      const statements = writeValue(field.type, tag(field, wireType(field.type)), value)
      const condition = `${value} !== undefined${implicit ? ` && ${emptiness(field.type, value)}` : ''}`
      if (statements.length === 1) lines.push(`if (${condition}) ${statements[0]}`)
      else lines.push(`if (${condition}) {`, ...statements.slice(1, -1), '}')
    }
  }
  const unused = lines.length === 0
  return `export function write${message.name}(${unused ? '_w' : 'w'}: Writer, ${unused ? '_value' : 'value'}: ${message.name}Init): void {\n${indent(lines, '  ').join('\n')}\n}\n`
}

function readValue(type: FieldType, end: string, previous: string): string {
  switch (type.kind) {
    case 'enum':
      return `${nameFunction(type.name)}(r.int32(${end}))`
    case 'message':
      return `read${type.name}(r, r.enter(${end})${previous === '' ? '' : `, ${previous}`})`
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

function emitRead(message: MessageType): string {
  const locals: string[] = []
  const cases: string[] = []
  const result: string[] = []
  const seen = new Set<string>()
  for (const field of message.fields) {
    const own = tag(field, wireType(field.type))
    if (field.oneof !== undefined) {
      if (!seen.has(field.oneof)) {
        seen.add(field.oneof)
        locals.push(`let ${field.oneof}: ${message.name}['${field.oneof}'] = prev === undefined ? undefined : prev.${field.oneof}`)
        result.push(field.oneof)
      }
      // A member message that comes twice is merged; another member replaces it (protobuf encoding: last one wins).
      const previous = field.type.kind === 'message' ? `${field.oneof}?.case === '${field.name}' ? ${field.oneof}.value : undefined` : ''
      cases.push(`case ${own}:`, `  ${field.oneof} = { case: '${field.name}', value: ${readValue(field.type, 'end', previous)} }`, '  break')
      continue
    }
    result.push(field.name)
    if (field.label === 'map') {
      const inner = field.mapValue ?? { kind: 'string' }
      locals.push(`const ${field.name}: Map<string, ${tsType(inner, false)}> = prev === undefined ? new Map() : new Map(prev.${field.name})`)
      cases.push(`case ${tag(field, 2)}: {`, '  const stop = r.enter(end)', `  let key = ''`)
      cases.push(inner.kind === 'message' ? `  let item: ${inner.name} | undefined` : `  let item: ${tsType(inner, false)} = ${defaultOf(inner)}`)
      cases.push('  while (r.pos < stop) {', '    const entry = r.tag(stop)', `    if (entry === 10) key = r.string(stop)`)
      cases.push(
        `    else if (entry === ${(2 << 3) | wireType(inner)}) item = ${readValue(inner, 'stop', inner.kind === 'message' ? 'item' : '')}`,
        '    else r.skip(entry, stop)',
        '  }',
      )
      cases.push(
        inner.kind === 'message' ? `  ${field.name}.set(key, item ?? read${inner.name}(r, r.pos))` : `  ${field.name}.set(key, item)`,
        '  break',
        '}',
      )
    } else if (field.label === 'repeated') {
      locals.push(`const ${field.name}: ${propertyType(field, false).replace(/^readonly /, '')} = prev === undefined ? [] : [...prev.${field.name}]`)
      cases.push(`case ${own}:`, `  ${field.name}.push(${readValue(field.type, 'end', '')})`, '  break')
      if (wireType(field.type) === 0) {
        cases.push(
          `case ${tag(field, 2)}: {`,
          '  const stop = r.enter(end)',
          `  while (r.pos < stop) ${field.name}.push(${readValue(field.type, 'stop', '')})`,
          '  break',
          '}',
        )
      }
    } else if (field.type.kind === 'message') {
      locals.push(`let ${field.name}: ${field.type.name} | undefined = prev === undefined ? undefined : prev.${field.name}`)
      cases.push(`case ${own}:`, `  ${field.name} = ${readValue(field.type, 'end', field.name)}`, '  break')
    } else {
      const fallback = field.label === 'optional' ? 'undefined' : defaultOf(field.type)
      locals.push(`let ${field.name}: ${propertyType(field, false)} = prev === undefined ? ${fallback} : prev.${field.name}`)
      cases.push(`case ${own}:`, `  ${field.name} = ${readValue(field.type, 'end', '')}`, '  break')
    }
  }
  const prev = message.fields.length === 0 ? '_prev' : 'prev'
  const body = [
    ...locals,
    'while (r.pos < end) {',
    '  const field = r.tag(end)',
    ...(cases.length === 0
      ? ['  r.skip(field, end)']
      : ['  switch (field) {', ...indent(cases, '    '), '    default:', '      r.skip(field, end)', '  }']),
    '}',
    result.length === 0 ? 'return {}' : `return { ${result.join(', ')} }`,
  ]
  return `export function read${message.name}(r: Reader, end: number, ${prev}?: ${message.name}): ${message.name} {\n${indent(body, '  ').join('\n')}\n}\n`
}

function emitEncodeDecode(message: MessageType): string {
  const { name } = message
  return `export function encode${name}(value: ${name}Init): Uint8Array {
  try {
    write${name}(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ${name}. Bytes fields are views of the input. */
export function decode${name}(bytes: Uint8Array): ${name} {
  return read${name}(new Reader(bytes), bytes.length)
}
`
}

/** The module of one `.proto` file. */
export function emitMessages(schema: Schema, file: string): string {
  const messages = schema.messages.filter((message) => message.file === file)
  const home = new Map(schema.messages.map((message) => [message.name, message.file]))
  const enums = new Set<string>()
  const foreign = new Map<string, Set<string>>()
  let noBytes = false
  for (const message of messages) {
    for (const field of message.fields) {
      if (field.type.kind === 'bytes') noBytes = true
      for (const type of field.mapValue === undefined ? [field.type] : [field.mapValue]) {
        if (type.kind === 'enum') enums.add(type.name)
        if (type.kind === 'message') {
          const from = home.get(type.name) ?? file
          if (from !== file) foreign.set(from, (foreign.get(from) ?? new Set()).add(type.name))
        }
      }
    }
  }
  const lines = [`// Generated from rocketmq/v2/${file}.proto by "npm run generate". Do not edit.`, '']
  lines.push(
    `import { Reader } from '../wire/reader.ts'`,
    `import type { Writer } from '../wire/writer.ts'`,
    `import { shared } from '../wire/writer.ts'`,
  )
  if (enums.size > 0) {
    const sorted = [...enums].sort()
    lines.push(`import type { ${sorted.join(', ')} } from './enums.ts'`)
    lines.push(`import { ${sorted.flatMap((name) => [nameFunction(name), numberFunction(name)]).join(', ')} } from './enums.ts'`)
  }
  for (const [from, names] of foreign) {
    const sorted = [...names].sort()
    lines.push(`import type { ${sorted.flatMap((name) => [name, `${name}Init`]).join(', ')} } from './${from}.ts'`)
    lines.push(`import { ${sorted.flatMap((name) => [`read${name}`, `write${name}`]).join(', ')} } from './${from}.ts'`)
  }
  if (noBytes) lines.push('', 'const NO_BYTES = new Uint8Array(0)')
  for (const message of messages) {
    lines.push(
      '',
      `// ── ${message.protoName} ──`,
      '',
      emitInterface(message, false),
      emitInterface(message, true),
      emitWrite(message),
      emitRead(message),
      emitEncodeDecode(message),
    )
  }
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`
}
