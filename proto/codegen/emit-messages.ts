import { emitRead } from './emit-read.ts'
import { emitInterface } from './emit-types.ts'
import { emitWrite } from './emit-write.ts'
import { header, nameFunction, numberFunction } from './names.ts'
import type { MessageType, Schema } from './schema.ts'

function emitEncodeDecode({ name }: MessageType): string {
  return `export function encode${name}(value: ${name}Init): Uint8Array {
  const w = lend()
  try {
    write${name}(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ${name}. Bytes fields are views of the input. */
export function decode${name}(bytes: Uint8Array): ${name} {
  return read${name}(new Reader(bytes), bytes.length)
}
`
}

/** What the writer of a nested message guesses, where a guess pays: see emit-write.ts. */
const guesses = `/** Bytes that the length of the last system properties took: the next ones will be about as long. */
export const systemPropertiesRoom: { bytes: number } = { bytes: 2 }

/** Bytes that the length of a message will probably take: it is mostly body. */
export function messageRoom({ body }: MessageInit): number {
  const size = 256 + (body === undefined ? 0 : body.length)
  return size < 0x4000 ? 2 : size < 0x20_0000 ? 3 : 4
}
`

/** The text of one generated module: for each of its messages two interfaces, writer, reader, encoder, decoder. */
export function emitMessages(schema: Schema, module: string): string {
  const messages = schema.messages.filter((message) => message.module === module)
  const homes = new Map(schema.messages.map((message) => [message.name, message.module]))
  const enums = new Set<string>()
  const foreign = new Map<string, Set<string>>()
  const types = messages.flatMap((message) => message.fields.map((field) => field.type))
  for (const type of types) {
    if (type.kind === 'enum') enums.add(type.name)
    if (type.kind !== 'message') continue
    const home = homes.get(type.name) ?? module
    if (home !== module) foreign.set(home, (foreign.get(home) ?? new Set()).add(type.name))
  }
  const imports = [`import { Reader } from '../wire/reader.ts'`, `import { giveBack, lend, type Writer } from '../wire/writer.ts'`]
  if (enums.size > 0) {
    const names = [...enums].sort().flatMap((name) => [`type ${name}`, nameFunction(name), numberFunction(name)])
    imports.push(`import { ${names.join(', ')} } from './enums.ts'`)
  }
  for (const [home, used] of [...foreign].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const names = [...used].sort().flatMap((name) => [`type ${name}`, `type ${name}Init`, `read${name}`, `write${name}`])
    if (used.has('Message')) names.push('messageRoom')
    if (used.has('SystemProperties')) names.push('systemPropertiesRoom')
    imports.push(`import { ${names.join(', ')} } from './${home}.ts'`)
  }
  const parts = [header('rocketmq/v2/*.proto'), '', ...imports]
  if (types.some((type) => type.kind === 'bytes')) parts.push('', 'const NO_BYTES = new Uint8Array(0)')
  if (messages.some(({ name }) => name === 'Message')) parts.push('', guesses)
  for (const message of messages) {
    parts.push(
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
  return `${parts
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`
}
