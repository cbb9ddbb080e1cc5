import { tsType } from './emit-types.ts'
import { header, indent, nameFunction, tagOf, wireType } from './names.ts'
import type { Field, MessageType, Schema } from './schema.ts'

/** The messages of the hot paths: handled by offset, decoded only where someone looks. */
export const viewed = ['SystemProperties', 'Message', 'SendMessageRequest', 'ReceiveMessageResponse', 'AckMessageRequest'] as const

const isViewed = (name: string): boolean => (viewed as readonly string[]).includes(name)
const article = (name: string): string => (/^[AEIOU]/.test(name) ? 'an' : 'a')

/** A field that holds at most one value: the view keeps where it is. */
const isSingle = (field: Field): boolean => field.label !== 'repeated' && field.label !== 'map'
const isDelimited = (field: Field): boolean => wireType(field.type) === 2

interface ViewedField {
  readonly declaration: readonly string[]
  /** What the constructor does when it meets the field. */
  readonly found: readonly string[]
  readonly getters: readonly string[]
}

/** A field of one number: it is short, so its place is all that is kept. */
function scalar(field: Field): ViewedField {
  const at = `${field.name}At`
  const absent =
    field.label === 'optional'
      ? 'undefined'
      : field.type.kind === 'enum'
        ? `${nameFunction(field.type.name)}(0)`
        : field.type.kind === 'int64'
          ? '0n'
          : '0'
  const value = `new Reader(this.bytes, this.${at})`
  const read = field.type.kind === 'enum' ? `${nameFunction(field.type.name)}(${value}.int32(this.end))` : `${value}.${field.type.kind}(this.end)`
  const type = `${tsType(field.type, false)}${field.label === 'optional' ? ' | undefined' : ''}`
  return {
    declaration: [`  /** Value of \`${field.wireName}\` within {@link bytes}, without tag; -1 when absent. */`, `  ${at} = -1`],
    found: [`this.${at} = r.pos`, 'r.skip(tag, end)'],
    getters: [`  get ${field.name}(): ${type} {`, `    return this.${at} === -1 ? ${absent} : ${read}`, '  }'],
  }
}

function delimited(message: MessageType, field: Field): ViewedField {
  const { name } = field
  const start = `this.${name}Start`
  const found = [`if (${start} !== -1) this.duplicated = true`, `this.${name}End = r.enter(end)`, `${start} = r.pos`, `r.pos = this.${name}End`]
  if (field.oneof !== undefined) found.push(`this.${field.oneof}Case = '${name}'`)
  return {
    declaration: [
      `  /** Content of \`${field.wireName}\` within {@link bytes}, without tag and length; -1 when absent. */`,
      `  ${name}Start = -1`,
      `  ${name}End = -1`,
    ],
    found,
    getters: delimitedGetters(message, field),
  }
}

function delimitedGetters(message: MessageType, field: Field): string[] {
  const { name, type } = field
  const [start, end] = [`this.${name}Start`, `this.${name}End`]
  if (type.kind === 'bytes') {
    return [
      '  /** A view of the input; empty when absent. */',
      `  get ${name}(): Uint8Array {`,
      `    return ${start} === -1 ? NO_BYTES : this.bytes.subarray(${start}, ${end})`,
      '  }',
    ]
  }
  if (type.kind === 'string') {
    const absent = field.label === 'optional' ? 'undefined' : `''`
    return [
      `  get ${name}(): string${field.label === 'optional' ? ' | undefined' : ''} {`,
      `    return ${start} === -1 ? ${absent} : text(this.bytes, ${start}, ${end})`,
      '  }',
    ]
  }
  if (type.kind !== 'message') throw new Error(`${name}: no such length-delimited field`)
  const absent = field.oneof === undefined ? `${start} === -1` : `this.${field.oneof}Case !== '${name}'`
  const whole = `wholeMessage(this.content, ${tagOf(field, 2)}${field.oneof === undefined ? '' : `, ${rivals(message, field.oneof)}`})`
  const decoded = [
    '  /** Decoded when asked for. @throws {WireError} */',
    `  get ${name}(): ${type.name} | undefined {`,
    `    if (${absent}) return undefined`,
    `    if (this.duplicated) return decode${type.name}(${whole})`,
    `    return read${type.name}(new Reader(this.bytes, ${start}), ${end})`,
    '  }',
  ]
  if (!isViewed(type.name)) return decoded
  const getter = (property: string): string[] => [
    `  /** A view of it; undefined when ${field.oneof === undefined ? 'absent' : `\`${field.oneof}\` holds something else`}. @throws {WireError} */`,
    `  get ${property}(): ${type.name}View | undefined {`,
    `    if (${absent}) return undefined`,
    `    return this.duplicated ? new ${type.name}View(${whole}) : new ${type.name}View(this.bytes, ${start}, ${end})`,
    '  }',
  ]
  // Whoever checks system properties wants all of them, whoever routes by them wants two.
  return type.name === 'SystemProperties' ? [...decoded, '', ...getter(`${name}View`)] : getter(name)
}

/** Begin and end of each value. The array is made with the first one. */
function repeated(field: Field): ViewedField {
  const { name, type } = field
  return {
    declaration: [
      `  /** Begin and end of each \`${field.wireName}\` within {@link bytes}, one after the other. */`,
      `  ${name}Spans: readonly number[] = NO_SPANS`,
    ],
    found: [
      'const stop = r.enter(end)',
      `if (this.${name}Spans === NO_SPANS) this.${name}Spans = [r.pos, stop]`,
      `else (this.${name}Spans as number[]).push(r.pos, stop)`,
      'r.pos = stop',
    ],
    getters: type.kind === 'message' ? repeatedMessages(name, type.name) : field.label === 'map' ? stringMap(name) : repeatedStrings(name),
  }
}

function repeatedMessages(name: string, type: string): string[] {
  const item = isViewed(type) ? `${type}View` : type
  const value = isViewed(type)
    ? `new ${item}(this.bytes, spans[at], spans[at + 1])`
    : `read${type}(new Reader(this.bytes, spans[at]), spans[at + 1] as number)`
  return [
    `  /** ${isViewed(type) ? 'Views of them.' : 'Decoded when asked for.'} @throws {WireError} */`,
    `  get ${name}(): ${item}[] {`,
    `    const spans = this.${name}Spans`,
    `    const items: ${item}[] = []`,
    `    for (let at = 0; at < spans.length; at += 2) items.push(${value})`,
    '    return items',
    '  }',
  ]
}

function repeatedStrings(name: string): string[] {
  return [
    '  /** @throws {WireError} */',
    `  get ${name}(): string[] {`,
    `    const spans = this.${name}Spans`,
    '    const items: string[] = []',
    '    for (let at = 0; at < spans.length; at += 2) items.push(text(this.bytes, spans[at] as number, spans[at + 1] as number))',
    '    return items',
    '  }',
  ]
}

function stringMap(name: string): string[] {
  return [
    '  /** Decoded when asked for. @throws {WireError} */',
    `  get ${name}(): ReadonlyMap<string, string> {`,
    `    const spans = this.${name}Spans`,
    '    const entries = new Map<string, string>()',
    '    const r = new Reader(this.bytes)',
    '    for (let at = 0; at < spans.length; at += 2) {',
    '      r.pos = spans[at] as number',
    '      const stop = spans[at + 1] as number',
    `      let key = ''`,
    `      let item = ''`,
    '      while (r.pos < stop) {',
    '        const tag = r.tag(stop)',
    '        if (tag === 10) key = r.string(stop)',
    '        else if (tag === 18) item = r.string(stop)',
    '        else r.skip(tag, stop)',
    '      }',
    '      entries.set(key, item)',
    '    }',
    '    return entries',
    '  }',
  ]
}

/** Tags of all members of a oneof. */
function rivals(message: MessageType, oneof: string): string {
  const members = message.fields.filter((field) => field.oneof === oneof)
  return `[${members.map((field) => tagOf(field, wireType(field.type))).join(', ')}]`
}

function viewField(message: MessageType, field: Field): ViewedField {
  if (field.label === 'map' && field.type.kind !== 'string') throw new Error(`${message.name}.${field.name}: views know maps of strings only`)
  if (!isSingle(field)) {
    if (!isDelimited(field)) throw new Error(`${message.name}.${field.name}: views know no packed fields`)
    return repeated(field)
  }
  if (isDelimited(field)) return delimited(message, field)
  if (wireType(field.type) !== 0 || field.oneof !== undefined)
    throw new Error(`${message.name}.${field.name}: views know varints outside of oneofs only`)
  return scalar(field)
}

function oneofDeclaration(message: MessageType, oneof: string): string[] {
  const members = message.fields.filter((field) => field.oneof === oneof)
  return [
    `  /** Which member of \`${oneof}\` came last; undefined when none did. */`,
    `  ${oneof}Case: ${members.map(({ name }) => `'${name}'`).join(' | ')} | undefined = undefined`,
  ]
}

function emitView(message: MessageType): string {
  const { name } = message
  const fields = message.fields.map((field) => ({ field, ...viewField(message, field) }))
  const cases = fields.flatMap(({ field, found }) => {
    const braces = found[0]?.startsWith('const ') === true
    const body = indent([...found, 'break'], '          ')
    return [
      `        case ${tagOf(field, isSingle(field) ? wireType(field.type) : 2)}:${braces ? ' {' : ''}`,
      ...body,
      ...(braces ? ['        }'] : []),
    ]
  })
  return `/**
 * Where the fields of ${article(name)} ${name} are; nothing is decoded until asked for. {@link bytes} is borrowed as it was given; the message lies in it from
 * {@link start} to {@link end}, and all offsets count from the beginning of {@link bytes}.
 */
export class ${name}View {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** A field that may come once came more often: offsets show the last one; getters of messages merge all, as decoding does. */
  duplicated = false
${[...fields.flatMap(({ declaration }) => declaration), ...message.oneofs.flatMap((oneof) => oneofDeclaration(message, oneof))].join('\n')}

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.start = start
    this.end = end
    const r = new Reader(bytes, start)
    while (r.pos < end) {
      const tag = r.tag(end)
      switch (tag) {
${cases.join('\n')}
        default:
          r.skip(tag, end)
      }
    }
  }

  /** The message's own bytes, a view of {@link bytes}. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

${fields.map(({ getters }) => getters.join('\n')).join('\n\n')}
}

/** @throws {WireError} when the bytes are no protobuf message; the fields within are checked when they are asked for. */
export function view${name}(bytes: Uint8Array): ${name}View {
  return new ${name}View(bytes)
}
`
}

/** The module of all views. */
export function emitViews(schema: Schema): string {
  const messages = viewed.map((name) => {
    const found = schema.messages.find((message) => message.name === name)
    if (found === undefined) throw new Error(`no message ${name} to view`)
    return found
  })
  const homes = new Map(schema.messages.map((message) => [message.name, message.module]))
  const imports = new Map<string, Set<string>>()
  const add = (module: string, ...names: readonly string[]): void => {
    imports.set(module, new Set([...(imports.get(module) ?? []), ...names]))
  }
  for (const field of messages.flatMap((message) => message.fields)) {
    const { type } = field
    if (type.kind === 'enum') add('enums', `type ${type.name}`, nameFunction(type.name))
    if (type.kind !== 'message' || (isViewed(type.name) && type.name !== 'SystemProperties')) continue
    add(homes.get(type.name) ?? '', `type ${type.name}`, `read${type.name}`, ...(isSingle(field) ? [`decode${type.name}`] : []))
  }
  const lines = [
    header('rocketmq/v2/*.proto'),
    '',
    `import { Reader } from '../wire/reader.ts'`,
    `import { text } from '../wire/text.ts'`,
    `import { wholeMessage } from '../wire/whole-message.ts'`,
  ]
  for (const [module, names] of [...imports].sort(([a], [b]) => (a < b ? -1 : 1)))
    lines.push(`import { ${[...names].sort().join(', ')} } from './${module}.ts'`)
  lines.push('', 'const NO_BYTES = new Uint8Array(0)', 'const NO_SPANS: readonly number[] = []', '')
  return `${lines.join('\n')}\n${messages.map(emitView).join('\n')}`
}
