/** Names in lower case and values, in order. Each character stands for one byte (latin1), as in `node:http2`. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

// Headers that Envoy's map keeps in a slot of their own, so that a second value is appended to the first with a comma
// (HeaderMapImpl::insertByKey). Any other header may stand there several times.
const slots = new Set([
  ':authority',
  ':method',
  ':path',
  ':protocol',
  ':scheme',
  ':status',
  'connection',
  'content-length',
  'content-type',
  'date',
  'expect',
  'grpc-accept-encoding',
  'grpc-message',
  'grpc-status',
  'grpc-timeout',
  'host',
  'keep-alive',
  'proxy-connection',
  'proxy-status',
  'server',
  'te',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
])

/** A header map with the rules of Envoy's. */
export class HeaderMap {
  readonly #names: string[] = []
  readonly #values: string[] = []

  constructor(headers: HeaderList = []) {
    for (const [name, value] of headers) this.add(name, value)
  }

  get size(): number {
    return this.#names.length
  }

  /** Bytes of all names and values. */
  get byteSize(): number {
    let bytes = 0
    for (const name of this.#names) bytes += name.length
    for (const value of this.#values) bytes += value.length
    return bytes
  }

  /** Of several values the first, as Envoy's `proxy_get_header_map_value` has it. */
  get(name: string): string | undefined {
    const index = this.#names.indexOf(lower(name))
    return index < 0 ? undefined : this.#values[index]
  }

  add(name: string, value: string): void {
    const key = lower(name)
    const index = slots.has(key) ? this.#names.indexOf(key) : -1
    if (index >= 0) this.#values[index] = `${this.#values[index]},${value}`
    else {
      this.#names.push(key)
      this.#values.push(value)
    }
  }

  /** All values of the name go, and the new one comes last. */
  replace(name: string, value: string): void {
    this.remove(name)
    this.add(name, value)
  }

  /** As Envoy itself sets a header that has a slot of its own: where it is, if it is there. */
  set(name: string, value: string): void {
    const index = this.#names.indexOf(name)
    if (index >= 0) this.#values[index] = value
    else this.add(name, value)
  }

  remove(name: string): void {
    const key = lower(name)
    for (let index = this.#names.indexOf(key); index >= 0; index = this.#names.indexOf(key, index)) {
      this.#names.splice(index, 1)
      this.#values.splice(index, 1)
    }
  }

  clear(): void {
    this.#names.length = 0
    this.#values.length = 0
  }

  nameAt(index: number): string {
    return this.#names[index] ?? ''
  }

  valueAt(index: number): string {
    return this.#values[index] ?? ''
  }

  /** A copy, which later changes of the map do not reach. */
  toList(): HeaderList {
    const list: [string, string][] = []
    for (let index = 0; index < this.#names.length; index++) list.push([this.nameAt(index), this.valueAt(index)])
    return list
  }
}

/** What is wrong with a header that a filter sets; Envoy itself takes it, and the codec then resets the stream (RFC 9113, 8.2.1). */
export function headerProblem(name: string, value: string): string | undefined {
  if (!/^:?[\w!#$%&'*+.^`|~-]+$/.test(name)) return `${JSON.stringify(name)} is no header name`
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if ((code < 0x20 && code !== 9) || code === 0x7f) return `the value of ${name} has a control character (${code}) at ${index}`
  }
  return undefined
}

function lower(name: string): string {
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index)
    if (code >= 65 && code <= 90) return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  }
  return name
}
