import type { Field, MessageType, Schema } from './schema.ts'

/** The hot messages: handled by offset, decoded only where someone looks. */
export const viewed = ['Message', 'SendMessageRequest', 'ReceiveMessageResponse', 'AckMessageRequest'] as const

const upper = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`
const isViewed = (name: string): boolean => (viewed as readonly string[]).includes(name)

/** A field that holds at most one length-delimited value: the view keeps where it is. */
const single = (field: Field): boolean => field.label !== 'repeated' && field.label !== 'map'

function emitView(message: MessageType): string {
  const { name } = message
  const fields: string[] = []
  const cases: string[] = []
  const getters: string[] = []
  for (const field of message.fields) {
    if (field.type.kind !== 'message' && field.type.kind !== 'bytes' && field.label !== 'map')
      throw new Error(`${name}.${field.name}: views hold length-delimited fields only`)
    const tag = (field.number << 3) | 2
    if (single(field)) {
      fields.push(
        `  /** Content of \`${field.wireName}\` within {@link bytes}, without tag and length; -1 when absent. */`,
        `  ${field.name}Start = -1`,
        `  ${field.name}End = -1`,
      )
      cases.push(
        `        case ${tag}:`,
        `          if (this.${field.name}Start !== -1) this.duplicated = true`,
        `          this.${field.name}End = r.enter(end)`,
        `          this.${field.name}Start = r.pos`,
        `          r.pos = this.${field.name}End`,
      )
      if (field.oneof !== undefined) cases.push(`          this.${field.oneof}Case = '${field.name}'`)
      cases.push('          break')
    } else {
      fields.push(`  /** Begin and end of each \`${field.wireName}\`, one after the other. */`, `  readonly ${field.name}Spans: number[] = []`)
      cases.push(
        `        case ${tag}: {`,
        '          const stop = r.enter(end)',
        `          this.${field.name}Spans.push(r.pos, stop)`,
        '          r.pos = stop',
        '          break',
        '        }',
      )
    }
  }
  for (const oneof of message.oneofs) {
    const names = message.fields.filter((field) => field.oneof === oneof).map((field) => `'${field.name}'`)
    fields.push(
      `  /** Which member of \`${oneof}\` came last; undefined when none did. */`,
      `  ${oneof}Case: ${names.join(' | ')} | undefined = undefined`,
    )
  }
  for (const field of message.fields) {
    if (field.type.kind === 'bytes' && single(field)) {
      getters.push(
        `  /** A view of the input; empty when absent. */\n  get ${field.name}(): Uint8Array {\n    return this.${field.name}Start === -1 ? NO_BYTES : this.bytes.subarray(this.${field.name}Start, this.${field.name}End)\n  }`,
      )
    } else if (field.label === 'map') {
      getters.push(`  get ${field.name}(): ReadonlyMap<string, string> {
    const entries = new Map<string, string>()
    const spans = this.${field.name}Spans
    const r = new Reader(this.bytes)
    for (let at = 0; at < spans.length; at += 2) {
      r.pos = spans[at] as number
      const stop = spans[at + 1] as number
      let key = ''
      let value = ''
      while (r.pos < stop) {
        const tag = r.tag(stop)
        if (tag === 10) key = r.string(stop)
        else if (tag === 18) value = r.string(stop)
        else r.skip(tag, stop)
      }
      entries.set(key, value)
    }
    return entries
  }`)
    } else if (field.type.kind === 'message' && single(field)) {
      const type = field.type.name
      if (isViewed(type)) {
        getters.push(
          `  /** A view of the member; undefined when another member, or none, is set. */\n  get ${field.name}(): ${type}View | undefined {\n    return this.${field.name}Start === -1${field.oneof === undefined ? '' : ` || this.${field.oneof}Case !== '${field.name}'`} ? undefined : view${type}(this.bytes.subarray(this.${field.name}Start, this.${field.name}End))\n  }`,
        )
      } else {
        // A member that came in several parts is merged, which only the full decoder does.
        const whole =
          field.oneof === undefined ? `decode${name}(this.bytes).${field.name}` : `whole${upper(field.oneof)}(this.bytes, '${field.name}')`
        const fallback = field.oneof === undefined ? whole : undefined
        getters.push(
          `  /** Decoded when asked for. @throws {WireError} */\n  get ${field.name}(): ${type} | undefined {\n    if (this.${field.name}Start === -1${field.oneof === undefined ? '' : ` || this.${field.oneof}Case !== '${field.name}'`}) return undefined\n${fallback === undefined ? '' : `    if (this.duplicated) return ${fallback}\n`}    return read${type}(new Reader(this.bytes, this.${field.name}Start), this.${field.name}End)\n  }`,
        )
      }
    } else if (field.type.kind === 'message') {
      const type = field.type.name
      const item = isViewed(type)
        ? `view${type}(this.bytes.subarray(spans[at] as number, spans[at + 1] as number))`
        : `read${type}(new Reader(this.bytes, spans[at] as number), spans[at + 1] as number)`
      const itemType = isViewed(type) ? `${type}View` : type
      getters.push(
        `  /** ${isViewed(type) ? 'Views of the members.' : 'Decoded when asked for. @throws {WireError}'} */\n  get ${field.name}(): ${itemType}[] {\n    const spans = this.${field.name}Spans\n    const items: ${itemType}[] = []\n    for (let at = 0; at < spans.length; at += 2) items.push(${item})\n    return items\n  }`,
      )
    }
  }
  return `/** Where the fields of a ${name} are; nothing is decoded until asked for. {@link bytes} is borrowed as it was given. */
export class ${name}View {
  readonly bytes: Uint8Array
  /** True when a field that may come once came more often: the last one is shown, and sub-messages are merged when decoded. */
  duplicated = false
${fields.join('\n')}

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    const r = new Reader(bytes)
    const end = bytes.length
    while (r.pos < end) {
      const tag = r.tag(end)
      switch (tag) {
${cases.join('\n')}
        default:
          r.skip(tag, end)
      }
    }
  }

${getters.join('\n\n')}
}

/** @throws {WireError} when the bytes are no protobuf message; the fields within are checked when they are asked for. */
export function view${name}(bytes: Uint8Array): ${name}View {
  return new ${name}View(bytes)
}
`
}

export function emitViews(schema: Schema): string {
  const messages = viewed.map((name) => schema.messages.find((message) => message.name === name)).filter((message) => message !== undefined)
  const home = new Map(schema.messages.map((message) => [message.name, message.file]))
  const types = new Map<string, Set<string>>()
  const values = new Map<string, Set<string>>()
  const add = (map: Map<string, Set<string>>, file: string, name: string): void => {
    map.set(file, (map.get(file) ?? new Set()).add(name))
  }
  for (const message of messages) {
    for (const field of message.fields) {
      if (field.type.kind !== 'message' || field.label === 'map' || isViewed(field.type.name)) continue
      const file = home.get(field.type.name) ?? 'definition'
      add(types, file, field.type.name)
      add(values, file, `read${field.type.name}`)
      if (single(field) && field.oneof === undefined) add(values, message.file, `decode${message.name}`)
    }
  }
  const lines = ['// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.', '', `import { Reader } from '../wire/reader.ts'`]
  for (const [file, names] of types) lines.push(`import type { ${[...names].sort().join(', ')} } from './${file}.ts'`)
  for (const [file, names] of values) lines.push(`import { ${[...names].sort().join(', ')} } from './${file}.ts'`)
  lines.push('', 'const NO_BYTES = new Uint8Array(0)', '')
  return `${lines.join('\n')}\n${messages.map(emitView).join('\n')}`
}
