import type { HeaderReader, HeaderTemplate } from './contract.ts'

/** What gRPC lets a header name consist of (gRPC over HTTP/2, Header-Name); HTTP/2 wants it in lower case. */
const NAME = /^[0-9a-z_.-]+$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Written by the transport itself. `user-agent` is among them because not every implementation lets it be chosen. */
const RESERVED: ReadonlySet<string> = new Set(['content-type', 'te', 'host', 'connection', 'user-agent'])

/** Names that were fine and whose values are text, so that those of each call are not looked at again. */
const textNames = new Set<string>()
const MOST_NAMES = 256

/** Printable ASCII (gRPC over HTTP/2, ASCII-Value). Spaces at either end may be lost on the way and are refused for that. */
function isText(value: string): boolean {
  const { length } = value
  for (let at = 0; at < length; at += 1) {
    const code = value.charCodeAt(at)
    if (code < 0x20 || code > 0x7e) return false
  }
  return value.charCodeAt(0) !== 0x20 && value.charCodeAt(length - 1) !== 0x20
}

/** @throws {TypeError} that names the header when gRPC cannot carry it. */
export function checkHeader(name: string, value: string): void {
  if (textNames.has(name) && isText(value)) return
  if (!NAME.test(name)) throw new TypeError(`header ${JSON.stringify(name)}: a name consists of 0-9 a-z _ - .`)
  if (RESERVED.has(name) || name.startsWith('grpc-')) throw new TypeError(`header ${name} belongs to the transport and cannot be set`)
  const binary = name.endsWith('-bin')
  if (binary ? !BASE64.test(value) : !isText(value)) {
    const want = binary ? 'base64' : 'printable ASCII without spaces at its ends; percent-encode it or use a -bin header'
    throw new TypeError(`header ${name}: the value ${JSON.stringify(value.slice(0, 64))} is not ${want}`)
  }
  if (!binary && textNames.size < MOST_NAMES) textNames.add(name)
}

/** A template whose headers have been checked once for all of its calls. */
export function headerTemplate(headers: readonly (readonly [name: string, value: string])[]): HeaderTemplate {
  for (const [name, value] of headers) checkHeader(name, value)
  return { headers: headers.map(([name, value]) => [name, value] as const) }
}

/** Headers as a list of pairs; look-ups walk it, which for the ten or so headers of a call beats a map. */
export class HeaderList implements HeaderReader {
  readonly #pairs: readonly (readonly [name: string, value: string])[]

  constructor(pairs: readonly (readonly [name: string, value: string])[]) {
    this.#pairs = pairs
  }

  get(name: string): string | undefined {
    for (const pair of this.#pairs) if (pair[0] === name) return pair[1]
    return undefined
  }

  binary(name: string): Uint8Array | undefined {
    const value = this.get(name)
    return value === undefined ? undefined : new Uint8Array(Buffer.from(value, 'base64'))
  }

  entries(): IterableIterator<readonly [name: string, value: string]> {
    return this.#pairs.values()
  }
}

export const noHeaders: HeaderReader = new HeaderList([])
