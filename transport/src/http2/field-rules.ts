import type { Fields } from './stream.ts'

/** Octets that a field name may consist of (RFC 9113, 8.2.1: visible ASCII without upper case and colon). */
const nameOctets = new Uint8Array(256)
for (let octet = 0x21; octet <= 0x7e; octet += 1) nameOctets[octet] = 1
for (let octet = 0x41; octet <= 0x5a; octet += 1) nameOctets[octet] = 0
nameOctets[0x3a] = 0

/** Fields that speak of one connection have no place in HTTP/2 (RFC 9113, 8.2.2). */
const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set(['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade'])

function isName(name: string, from: number): boolean {
  if (name.length === from) return false
  for (let at = from; at < name.length; at += 1) if (nameOctets[name.charCodeAt(at)] !== 1) return false
  return true
}

/** No NUL, CR or LF, and no white space at the ends (RFC 9113, 8.2.1). */
function isValue(value: string): boolean {
  const { length } = value
  for (let at = 0; at < length; at += 1) {
    const code = value.charCodeAt(at)
    if (code === 0 || code === 10 || code === 13) return false
  }
  const first = value.charCodeAt(0)
  const last = value.charCodeAt(length - 1)
  return first !== 32 && first !== 9 && last !== 32 && last !== 9
}

/** The sentence that says what is wrong with an ordinary field; undefined when nothing is. */
function problemOf(name: string, value: string): string | undefined {
  if (!isName(name, 0)) return 'a field name that is none, or in upper case'
  if (!isValue(value)) return `a value of ${name} that is none`
  if (CONNECTION_SPECIFIC.has(name)) return `${name}, which speaks of one connection`
  if (name === 'te' && value !== 'trailers') return `te: ${value}`
  return undefined
}

/** Places of a list, and characters of a field, that are remembered. */
const REMEMBERED = 64

/** The fields that were fine last, by where they stood; names and values in turn. */
const inRequests: string[] = []
const elsewhere: string[] = []

/** As {@link problemOf}, for a field at its place in a list: most calls bring what the call before brought, and that is not looked at again. */
function problemAt(remembered: string[], at: number, name: string, value: string): string | undefined {
  if (remembered[at] === name && remembered[at + 1] === value) return undefined
  const problem = problemOf(name, value)
  if (problem === undefined) remember(remembered, at, name, value)
  return problem
}

/** The same for the value of a pseudo field of a request. */
function isFineAt(at: number, name: string, value: string): boolean {
  if (inRequests[at] === name && inRequests[at + 1] === value) return true
  if (!isValue(value)) return false
  remember(inRequests, at, name, value)
  return true
}

function remember(remembered: string[], at: number, name: string, value: string): void {
  if (at >= REMEMBERED || name.length + value.length > REMEMBERED) return
  while (remembered.length < at) remembered.push('')
  remembered[at] = name
  remembered[at + 1] = value
}

/** The control data of a request (RFC 9113, 8.3.1). */
export interface RequestHead {
  method: string
  scheme: string
  path: string
  authority: string
  /** -1 without `content-length`. */
  contentLength: number
  /** Index of the first ordinary field among the fields. */
  firstField: number
}

type Verdict<T> = T | string

/** Checks the fields of a request; a text says what makes it malformed (RFC 9113, 8.1.1 and 8.3.1). */
export function readRequestHead(fields: Fields): Verdict<RequestHead> {
  const head: RequestHead = { method: '', scheme: '', path: '', authority: '', contentLength: -1, firstField: fields.length }
  let seen = 0
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string
    const value = fields[at + 1] as string
    if (name.charCodeAt(0) !== 0x3a) {
      if (head.firstField === fields.length) head.firstField = at
      const problem = problemAt(inRequests, at, name, value)
      if (problem !== undefined) return problem
      if (name === 'content-length') {
        const length = contentLength(value, head.contentLength)
        if (length === undefined) return `content-length: ${value}`
        head.contentLength = length
      }
      continue
    }
    if (head.firstField !== fields.length) return `${name} after ordinary fields`
    if (!isFineAt(at, name, value)) return `a value of ${name} that is none`
    const bit = pseudo(head, name, value)
    if (bit === 0) return `${name}, which no request has`
    if ((seen & bit) !== 0) return `${name} twice`
    seen |= bit
  }
  if (head.method === 'CONNECT') return 'CONNECT, which nobody here serves'
  if (head.method === '' || head.scheme === '' || head.path === '') return 'a request without :method, :scheme or :path'
  return head
}

function pseudo(head: RequestHead, name: string, value: string): number {
  switch (name) {
    case ':method':
      head.method = value
      return 1
    case ':scheme':
      head.scheme = value
      return 2
    case ':path':
      head.path = value
      return 4
    case ':authority':
      head.authority = value
      return 8
    default:
      return 0
  }
}

function contentLength(value: string, before: number): number | undefined {
  if (!/^\d{1,15}$/.test(value)) return undefined
  const length = Number(value)
  return before !== -1 && before !== length ? undefined : length
}

/** What a response begins with (RFC 9113, 8.3.2). */
export interface ResponseHead {
  readonly status: number
  /** -1 without `content-length`, and where it tells of a body that there is none of (RFC 9110, 8.6). */
  readonly contentLength: number
  /** Index of the first ordinary field among the fields. */
  readonly firstField: number
}

/** Checks the fields of a response; a text says what makes it malformed. */
export function readResponseHead(fields: Fields): Verdict<ResponseHead> {
  const status = Number(fields[1])
  if (fields[0] !== ':status' || !/^\d{3}$/.test(fields[1] ?? '')) return 'a response without :status'
  // There is no changing of protocols (RFC 9113, 8.6).
  if (status < 100 || status === 101) return `a response with the status ${fields[1]}`
  const problem = readTrailers(fields, 2)
  if (problem !== undefined) return problem
  let length = -1
  for (let at = 2; at < fields.length; at += 2) {
    if (fields[at] !== 'content-length') continue
    const read = contentLength(fields[at + 1] as string, length)
    if (read === undefined) return `content-length: ${fields[at + 1]}`
    length = read
  }
  return { status, contentLength: status === 204 || status === 304 ? -1 : length, firstField: 2 }
}

/** What makes trailers malformed: pseudo fields among them, above all (RFC 9113, 8.1); undefined when nothing does. */
export function readTrailers(fields: Fields, from = 0): string | undefined {
  for (let at = from; at < fields.length; at += 2) {
    const problem = problemAt(elsewhere, at, fields[at] as string, fields[at + 1] as string)
    if (problem !== undefined) return problem
  }
  return undefined
}
