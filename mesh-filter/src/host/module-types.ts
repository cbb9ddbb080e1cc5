// The types of what a module imports and exports, read from its bytes: Node tells the names only. Layout: WebAssembly core
// specification, 5.5 "Modules".

/** `"ii>i"`: two i32 parameters and an i32 result; `i` i32, `l` i64, `f` f32, `d` f64, `?` anything else. */
export type Signature = string

export interface ImportType {
  readonly module: string
  readonly name: string
  /** Undefined for what is not a function. */
  readonly signature: Signature | undefined
}

export interface ModuleTypes {
  readonly imports: readonly ImportType[]
  /** Exported functions. */
  readonly functions: ReadonlyMap<string, Signature>
  /** Name of the exported memory. */
  readonly memory: string | undefined
}

const sectionIds = { types: 1, imports: 2, functions: 3, exports: 7 } as const
const kinds = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const
const functionType = 0x60
const valueTypes: Readonly<Record<number, string>> = { 127: 'i', 126: 'l', 125: 'f', 124: 'd' }

class Reader {
  readonly #bytes: Uint8Array
  at: number
  readonly end: number

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes
    this.at = at
    this.end = end
  }

  byte(): number {
    const value = this.at < this.end ? this.#bytes[this.at++] : undefined
    if (value === undefined) throw new RangeError('the module ends in the middle of a section')
    return value
  }

  number(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  name(): string {
    const length = this.number()
    this.at += length
    return Buffer.from(this.#bytes.subarray(this.at - length, this.at)).toString()
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.number() }, read)
  }

  valueTypes(): string {
    return this.list(() => valueTypes[this.byte()] ?? '?').join('')
  }

  limits(): void {
    const hasMaximum = (this.byte() & 1) !== 0
    this.number()
    if (hasMaximum) this.number()
  }
}

function readSignature(section: Reader): Signature {
  const form = section.byte()
  if (form !== functionType) throw new RangeError(`the module has a type of form 0x${form.toString(16)}, which Envoy's ABI has no use for`)
  const parameters = section.valueTypes()
  return `${parameters}>${section.valueTypes()}`
}

function readImport(section: Reader, types: readonly Signature[]): ImportType {
  const module = section.name()
  const name = section.name()
  const kind = section.byte()
  if (kind === kinds.function) return { module, name, signature: types[section.number()] }
  if (kind === kinds.table) section.byte()
  if (kind === kinds.table || kind === kinds.memory) section.limits()
  else {
    section.byte()
    section.byte()
  }
  return { module, name, signature: undefined }
}

/** @throws RangeError for a module that is cut off. Whether it is valid otherwise, the engine says. */
export function readModuleTypes(bytes: Uint8Array): ModuleTypes {
  const module = new Reader(bytes, 8, bytes.length)
  let types: Signature[] = []
  let imports: ImportType[] = []
  let own: number[] = []
  const functions = new Map<string, Signature>()
  let memory: string | undefined
  while (module.at < module.end) {
    const id = module.byte()
    const length = module.number()
    const section = new Reader(bytes, module.at, module.at + length)
    module.at += length
    if (id === sectionIds.types) types = section.list(() => readSignature(section))
    else if (id === sectionIds.imports) imports = section.list(() => readImport(section, types))
    else if (id === sectionIds.functions) own = section.list(() => section.number())
    else if (id === sectionIds.exports) {
      const signatures = [...imports.flatMap(({ signature }) => signature ?? []), ...own.map((index) => types[index])]
      section.list(() => {
        const name = section.name()
        const kind = section.byte()
        const signature = signatures[section.number()]
        if (kind === kinds.memory) memory = name
        if (kind === kinds.function && signature !== undefined) functions.set(name, signature)
      })
    }
  }
  return { imports, functions, memory }
}
