// `endpoints`: which addresses clients are given, by the cluster that the call went to and the broker's name.
import { Bytes } from '../../abi/text'
import { EndpointRule, EndpointRules } from '../../rewrite/endpoints'
import { checkKeys, isKind, object, requiredText, texts } from '../checks'
import { Draft } from '../draft'
import { JSON_ARRAY, JSON_OBJECT, Json } from '../json'
import { indexPath, keyPath } from '../problems'
import { PatternList } from '../settings'
import { patternList } from '../when'

const KEYS: StaticArray<string> = ['when', 'broker', 'to']
const WHEN_KEYS: StaticArray<string> = ['cluster']
const SCHEME_IPV4: u8 = 1
const SCHEME_IPV6: u8 = 2
const SCHEME_NAME: u8 = 3

export function readEndpoints(draft: Draft): void {
  const list = draft.root.get('endpoints')
  if (list === null || !isKind(list, JSON_ARRAY, '$.endpoints', draft.problems)) return
  const count = list.items.length
  const rules = changetype<EndpointRules>(draft.alloc(offsetof<EndpointRules>()))
  rules.count = count
  rules.first = draft.alloc(<usize>count * offsetof<EndpointRule>())
  for (let i = 0; i < count; i++) {
    const path = indexPath('$.endpoints', i)
    if (!isKind(list.items[i], JSON_OBJECT, path, draft.problems)) continue
    readRule(draft, list.items[i], path, changetype<EndpointRule>(rules.first + <usize>i * offsetof<EndpointRule>()))
  }
  draft.settings.endpoints = changetype<usize>(rules)
  const calls = draft.root.get('clientCalls')
  if (calls === null) return
  const cluster = calls.get('cluster')
  if (cluster === null) return
  const bytes = draft.alloc(offsetof<Bytes>())
  draft.keep(cluster.text, bytes)
  rules.clientCalls = changetype<Bytes>(bytes)
}

function readRule(draft: Draft, json: Json, path: string, rule: EndpointRule): void {
  checkKeys(json, path, KEYS, draft.problems)
  const when = object(json, 'when', path, draft.problems)
  if (when !== null) {
    const at = keyPath(path, 'when')
    checkKeys(when, at, WHEN_KEYS, draft.problems)
    rule.cluster = patterns(draft, when, 'cluster', at)
  }
  rule.broker = patterns(draft, json, 'broker', path)
  const to = requiredText(json, 'to', path, draft.problems)
  if (to === null) return
  if (to == 'requested') rule.requested = 1
  else if (!readAddress(draft, to, rule)) {
    draft.add(keyPath(path, 'to'), '"' + to + '" is neither "requested" nor an address such as "host:8081" or "[::1]:8081"')
  }
}

function patterns(draft: Draft, json: Json, key: string, path: string): PatternList | null {
  const given = texts(json, key, path, true, draft.problems)
  return given === null ? null : patternList(draft, given)
}

/** -1 when it is no number of up to five digits. */
function numberOf(digits: string): i32 {
  let number = digits.length == 0 || digits.length > 5 ? -1 : 0
  for (let i = 0; i < digits.length && number >= 0; i++) {
    const c = digits.charCodeAt(i)
    number = c < 48 || c > 57 ? -1 : number * 10 + c - 48
  }
  return number
}

function isIpv4(host: string): bool {
  const parts = host.split('.')
  if (parts.length != 4) return false
  for (let i = 0; i < 4; i++) if (<u32>numberOf(parts[i]) > 255) return false
  return true
}

/** The characters of names and of addresses of version 4, or those of version 6. */
function isHost(host: string, six: bool): bool {
  let colons = 0
  for (let i = 0; i < host.length; i++) {
    const c = host.charCodeAt(i)
    const hex = (c >= 97 && c <= 102) || (c >= 65 && c <= 70) || (c >= 48 && c <= 57) || c == 46
    if (six && c == 58) colons++
    else if (!hex && (six || !((c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c == 45 || c == 95))) return false
  }
  return six ? colons > 1 && host.length <= 45 : host.length > 0 && host.length <= 253
}

let next: usize = 0

function putField(tag: u8, value: i32): void {
  store<u8>(next++, tag)
  for (; value > 127; value >>= 7) store<u8>(next++, <u8>value | 128)
  store<u8>(next++, <u8>value)
}

/** Encodes `Endpoints { scheme, addresses: [{ host, port }] }`. */
function readAddress(draft: Draft, to: string, rule: EndpointRule): bool {
  const colon = to.lastIndexOf(':')
  const port = numberOf(to.substring(colon + 1))
  let host = to.substring(0, max(colon, 0))
  const six = host.startsWith('[') && host.endsWith(']')
  if (six) host = host.substring(1, host.length - 1)
  if (port < 1 || port > 65535 || !isHost(host, six)) return false
  const portSize = port < 1 << 7 ? 1 : port < 1 << 14 ? 2 : 3
  const bytes = changetype<Bytes>(draft.alloc(offsetof<Bytes>()))
  bytes.at = draft.alloc(host.length + 16)
  next = bytes.at
  putField(8, six ? SCHEME_IPV6 : isIpv4(host) ? SCHEME_IPV4 : SCHEME_NAME)
  putField(18, 2 + (host.length > 127 ? 1 : 0) + host.length + 1 + portSize)
  putField(10, host.length)
  String.UTF8.encodeUnsafe(changetype<usize>(host), host.length, next)
  next += host.length
  putField(16, port)
  bytes.length = next - bytes.at
  rule.content = bytes
  return true
}
