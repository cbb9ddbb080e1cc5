import { ProtobufError, utf8, type WireField, wireFields } from './protobuf.ts'

/** Field numbers of descriptor.proto, as far as names and files are concerned. */
const FILE_OF_SET = 1
const NAME = 1
const PACKAGE = 2
const DEPENDENCY = 3
const EXTENDEE = 2
const EXTENSION_NUMBER = 3

type Kind = 'file' | 'message' | 'enum' | 'service' | 'extension' | 'leaf'

/** Where a descriptor holds others; what a value of an enum is called belongs beside the enum (descriptor.proto, EnumValueDescriptorProto). */
const children: Readonly<Record<Kind, Readonly<Record<number, Kind>>>> = {
  file: { 4: 'message', 5: 'enum', 6: 'service', 7: 'extension' },
  message: { 2: 'leaf', 3: 'message', 4: 'enum', 6: 'extension', 8: 'leaf' },
  enum: { 2: 'leaf' },
  service: { 2: 'leaf' },
  extension: {},
  leaf: {},
}

interface FileEntry {
  readonly name: string
  /** A FileDescriptorProto as it came. */
  readonly bytes: Uint8Array
  readonly dependencies: readonly string[]
}

/** Finds the files of a FileDescriptorSet by what is in them. */
export class DescriptorIndex {
  readonly #files = new Map<string, FileEntry>()
  readonly #symbols = new Map<string, FileEntry>()
  /** Of each extended message, by number. */
  readonly #extensions = new Map<string, Map<number, FileEntry>>()

  /** @param set a FileDescriptorSet; several of them joined are one. @throws {TypeError} when it is none. */
  constructor(set: Uint8Array) {
    try {
      for (const { number, bytes } of wireFields(set)) if (number === FILE_OF_SET && bytes !== undefined) this.#add(bytes)
    } catch (cause) {
      if (cause instanceof ProtobufError) throw new TypeError(`the descriptors are no FileDescriptorSet: ${cause.message}`, { cause })
      throw cause
    }
  }

  fileByName(name: string): string | undefined {
    return this.#files.get(name)?.name
  }

  /** @param symbol the full name of a message, field, enum, value, service, method or extension, without a dot before it. */
  fileBySymbol(symbol: string): string | undefined {
    return this.#symbols.get(symbol)?.name
  }

  fileByExtension(message: string, number: number): string | undefined {
    return this.#extensions.get(message)?.get(number)?.name
  }

  /** Numbers of the extensions of a message; undefined when there is no such symbol. */
  extensionNumbers(message: string): readonly number[] | undefined {
    const known = this.#extensions.get(message)
    if (known === undefined) return this.#symbols.has(message) ? [] : undefined
    return [...known.keys()].sort((a, b) => a - b)
  }

  /** The file and those it needs that are not in `sent`, itself in any case and first; puts them in. */
  withDependencies(name: string, sent: Set<string>): Uint8Array[] {
    const found: Uint8Array[] = []
    const queue = [name]
    const queued = new Set(queue)
    for (const next of queue) {
      const file = this.#files.get(next)
      if (file === undefined || (next !== name && sent.has(next))) continue
      sent.add(next)
      found.push(file.bytes)
      for (const dependency of file.dependencies) {
        if (queued.has(dependency)) continue
        queued.add(dependency)
        queue.push(dependency)
      }
    }
    return found
  }

  #add(bytes: Uint8Array): void {
    let name = ''
    let scope = ''
    const dependencies: string[] = []
    for (const field of wireFields(bytes)) {
      if (field.number === NAME) name = utf8(field.bytes)
      else if (field.number === PACKAGE) scope = utf8(field.bytes)
      else if (field.number === DEPENDENCY) dependencies.push(utf8(field.bytes))
    }
    if (this.#files.has(name)) return
    const file = { name, bytes, dependencies }
    this.#files.set(name, file)
    this.#addChildren(file, 'file', bytes, scope, scope)
  }

  /** @param inner scope of what is within. @param outer scope of the descriptor itself. */
  #addChildren(file: FileEntry, kind: Kind, bytes: Uint8Array, inner: string, outer: string): void {
    for (const field of wireFields(bytes)) {
      const child = children[kind][field.number]
      if (child === undefined || field.bytes === undefined) continue
      const scope = kind === 'enum' ? outer : inner
      this.#addSymbol(file, child, field.bytes, scope)
    }
  }

  #addSymbol(file: FileEntry, kind: Kind, bytes: Uint8Array, scope: string): void {
    const fields = new Map<number, WireField>()
    for (const field of wireFields(bytes)) fields.set(field.number, field)
    const name = utf8(fields.get(NAME)?.bytes)
    const full = scope === '' ? name : `${scope}.${name}`
    if (!this.#symbols.has(full)) this.#symbols.set(full, file)
    if (kind === 'extension') this.#addExtension(file, utf8(fields.get(EXTENDEE)?.bytes), fields.get(EXTENSION_NUMBER)?.value ?? 0)
    this.#addChildren(file, kind, bytes, full, scope)
  }

  #addExtension(file: FileEntry, extendee: string, number: number): void {
    const message = extendee.replace(/^\./, '')
    const known = this.#extensions.get(message) ?? new Map<number, FileEntry>()
    this.#extensions.set(message, known)
    if (!known.has(number)) known.set(number, file)
  }
}
