import { Reader, viewSystemProperties } from '@feathermq/protocol'
import type { StoredMessage } from '../log/message-log.ts'

/** Tags of `Message.user_properties` and, in its entries, of key and value: fields 2, 1 and 2, length-delimited. */
const USER_PROPERTIES = 0x12
const KEY = 0x0a
const VALUE = 0x12

const NONE: readonly Wanted[] = []

interface Wanted {
  readonly bytes: Uint8Array
  readonly slot: number
}

/**
 * The properties of one message after the other, those of given names.
 *
 * User properties are found in the stored bytes when the first of them is asked for, all in one walk that decodes nothing but the values of these names.
 * Names and values compare as the client will see them: of entries with the same key the last counts.
 */
export class MessageProperties {
  /** By length, so that most keys are told apart without looking at them. */
  readonly #wanted = new Map<number, Wanted[]>()
  readonly #values: (string | undefined)[]
  #message: StoredMessage | undefined
  #walked = false

  /** Names that occur in expressions are ASCII. */
  constructor(names: readonly string[]) {
    this.#values = names.map(() => undefined)
    for (const [slot, name] of names.entries()) {
      const bytes = Buffer.from(name, 'latin1')
      const sameLength = this.#wanted.get(bytes.length)
      if (sameLength === undefined) this.#wanted.set(bytes.length, [{ bytes, slot }])
      else sameLength.push({ bytes, slot })
    }
  }

  /** What is asked from now on is about this message; undefined lets go of the last one. */
  select(message: StoredMessage | undefined): void {
    this.#message = message
    if (this.#walked) this.#values.fill(undefined)
    this.#walked = false
  }

  tag(): string | undefined {
    return this.#message?.tag
  }

  /** All keys, with a blank between them (server behaviour: the property KEYS). */
  keys(): string | undefined {
    if (this.#message === undefined) return undefined
    const { bytes, systemPropertiesStart, systemPropertiesEnd } = this.#message
    const { keys } = viewSystemProperties(bytes.subarray(systemPropertiesStart, systemPropertiesEnd))
    return keys.length === 0 ? undefined : keys.join(' ')
  }

  /** The user property whose name was given at this place. */
  user(slot: number): string | undefined {
    if (!this.#walked) this.#walk()
    return this.#values[slot]
  }

  #walk(): void {
    this.#walked = true
    if (this.#message === undefined) return
    const { bytes } = this.#message
    const end = bytes.length
    const reader = new Reader(bytes)
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag === USER_PROPERTIES) this.#entry(reader, reader.enter(end))
      else reader.skip(tag, end)
    }
  }

  #entry(reader: Reader, end: number): void {
    let [keyStart, keyEnd, valueAt] = [0, 0, -1]
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag === KEY) {
        keyEnd = reader.enter(end)
        keyStart = reader.pos
        reader.pos = keyEnd
      } else {
        if (tag === VALUE) valueAt = reader.pos
        reader.skip(tag, end)
      }
    }
    const slot = this.#slotOf(reader.bytes, keyStart, keyEnd)
    if (slot === undefined) return
    if (valueAt === -1) this.#values[slot] = ''
    else {
      reader.pos = valueAt
      this.#values[slot] = reader.string(end)
      reader.pos = end
    }
  }

  #slotOf(bytes: Uint8Array, start: number, end: number): number | undefined {
    for (const wanted of this.#wanted.get(end - start) ?? NONE) if (isAt(wanted.bytes, bytes, start)) return wanted.slot
    return undefined
  }
}

function isAt(name: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < name.length; at++) if (name[at] !== bytes[start + at]) return false
  return true
}
