import { delimited, varint } from '../../support/filter/wire.ts'

interface Field {
  readonly number: number
  /** Tag included. */
  readonly bytes: Uint8Array
  /** Of a length-delimited one. */
  readonly content: Uint8Array
}

/** The fields of a sound message, in order. */
export function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = []
  let at = 0
  const next = () => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++] ?? 0
      value += (byte % 128) * factor
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const start = at
    const tag = next()
    const wire = tag % 8
    const length = wire === 2 ? next() : wire === 1 ? 8 : wire === 5 ? 4 : 0
    if (wire === 0) next()
    const contentAt = at
    at += length
    fields.push({ number: Math.floor(tag / 8), bytes: message.subarray(start, at), content: message.subarray(contentAt, at) })
  }
  return fields
}

/** The message with the first message at `path` in it changed by `edit`. */
export function rewrite(message: Uint8Array, path: readonly number[], edit: (fields: readonly Uint8Array[]) => readonly Uint8Array[]): Buffer {
  const fields = fieldsOf(message)
  const [number, ...rest] = path
  if (number === undefined) return Buffer.concat(edit(fields.map(({ bytes }) => bytes)))
  const target = fields.find((field) => field.number === number)
  if (target === undefined) throw new Error(`there is no field ${number} to go down into`)
  return Buffer.concat(fields.map((field) => (field === target ? Buffer.from(delimited(number, rewrite(field.content, rest, edit))) : field.bytes)))
}

/** All orders of the items. */
export function* permutations<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length < 2) {
    yield items
    return
  }
  for (const [index, item] of items.entries()) {
    for (const rest of permutations(items.toSpliced(index, 1))) yield [item, ...rest]
  }
}

/** Fields that no message of the protocol has, one of each wire type, numbers of one, two and five bytes. */
export const strangers: readonly Uint8Array[] = [
  Buffer.from([...varint(25 * 8), ...varint(2 ** 40)]),
  Buffer.from([...varint(26 * 8 + 1), 1, 2, 3, 4, 5, 6, 7, 8]),
  // Its content looks like a topic.
  Buffer.from(delimited(29, delimited(1, delimited(2, Buffer.from('stranger'))))),
  Buffer.from([...varint((2 ** 29 - 1) * 8 + 5), 0xff, 0xff, 0xff, 0xff]),
  Buffer.from(delimited(31, [])),
  Buffer.from(delimited(536_870_000, Buffer.alloc(300, 0xff))),
]
