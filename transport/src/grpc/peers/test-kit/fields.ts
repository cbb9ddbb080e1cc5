import fc from 'fast-check'
import type { HeaderReader, RpcStatus } from '../../../contract.ts'
import { rpcCodes } from '../../../rpc-error.ts'
import { bytesOf } from './material.ts'

export type Pairs = readonly (readonly [name: string, value: string])[]

/** What the transports themselves write, and Node's servers. */
const OWN =
  /^(?::.*|te|content-type|user-agent|accept-encoding|grpc-accept-encoding|grpc-encoding|grpc-timeout|grpc-status|grpc-message|date|content-length)$/

/** The headers that belong to the caller or the handler, in their order. */
export function custom(pairs: Iterable<readonly [name: string, value: string]>): [name: string, value: string][] {
  return [...pairs].filter(([name]) => !OWN.test(name)).map(([name, value]) => [name, value])
}

/** Names and values in turn, as Node hands them out. */
export class RawHeaders implements HeaderReader {
  readonly #pairs: Pairs

  constructor(raw: readonly string[]) {
    this.#pairs = Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index] ?? '', raw[2 * index + 1] ?? ''] as const)
  }

  get(name: string): string | undefined {
    return this.#pairs.find((pair) => pair[0] === name)?.[1]
  }

  binary(name: string): Uint8Array | undefined {
    const value = this.get(name)
    return value === undefined ? undefined : Buffer.from(value, 'base64')
  }

  entries(): IterableIterator<readonly [name: string, value: string]> {
    return this.#pairs.values()
  }
}

/** As `node:http2` takes them: values of one name together. */
export function grouped(pairs: Pairs): Record<string, string | string[]> {
  const groups: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of pairs) {
    const before = groups[name]
    groups[name] = before === undefined ? value : [before, value].flat()
  }
  return groups
}

/** What two lists have to have in common when one end is grpc-js: values of one name in their order, joined or not, base64 written either way. */
function loosely(pairs: Pairs): Pairs {
  const values = new Map<string, string[]>()
  for (const [name, value] of pairs) {
    // The one name that grpc-js loses.
    if (name === '__proto__') continue
    const parts = name.endsWith('-bin') ? value.split(',').map((part) => Buffer.from(part, 'base64').toString('hex')) : [value]
    values.set(name, [...(values.get(name) ?? []), ...parts])
  }
  return [...values].map(([name, list]) => [name, list.join(', ')] as const).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** How headers of a pair of ends are compared: `exact` in order and letter by letter. */
export type Comparison = 'exact' | 'loose'

/** Undefined when they are the same; else what is wrong. */
export function difference(sent: Pairs, received: Pairs, comparison: Comparison, sender: 'node' | 'other'): string | undefined {
  const asSent: Pairs =
    sender === 'node' ? Object.entries(grouped(sent)).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const)) : sent
  const [wanted, got] = comparison === 'exact' ? [asSent, received] : [loosely(asSent), loosely(received)]
  if (wanted.length !== got.length) return `${wanted.length} were sent, ${got.length} received: ${brief(got)} instead of ${brief(wanted)}`
  const at = wanted.findIndex(([name, value], index) => name !== got[index]?.[0] || value !== got[index]?.[1])
  return at === -1 ? undefined : `number ${at} is ${brief(got[at])} instead of ${brief(wanted[at])}`
}

const brief = (value: unknown): string => JSON.stringify(value)?.slice(0, 400) ?? ''

// ── what is tried ──

const NAME_LETTERS = [...'0123456789abcdefghijklmnopqrstuvwxyz_-.']
const printable = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code))

const randomName = fc
  .array(fc.constantFrom(...NAME_LETTERS), { minLength: 1, maxLength: 40 })
  .map((letters) => letters.join(''))
  .filter(
    (name) =>
      !name.startsWith('grpc-') && !OWN.test(name) && !/^(?:host|connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$/.test(name),
  )
/** Some of HPACK's static table, some that look like something else, some often enough to come twice. */
const knownName = fc.constantFrom('x-a', 'x-b', 'x-c', '__proto__', 'constructor', '-', '.', '_', '0', 'x-mq-client-id', 'link', 'allow', 'via')
const plainName = fc.oneof({ weight: 2, arbitrary: knownName }, { weight: 1, arbitrary: randomName })
const binaryName = fc.oneof(
  fc.constantFrom('x-a-bin', '-bin', 'x-trace-bin'),
  randomName.map((name) => `${name}-bin`),
)

const shortValue = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('', '0', '%', '%41', ',', 'a, b', ';', '"', 'MQv2-HMAC-SHA1 Credential=k, Signature=0a1b') },
  { weight: 2, arbitrary: fc.array(printable, { maxLength: 30 }).map((letters) => letters.join('').trim()) },
)
/** Lengths around those where HPACK needs another byte for them, the size of its table, of frames, and of the longest list. */
const longLength = fc.oneof(
  fc.constantFrom(126, 127, 128, 254, 255, 256, 4_064, 4_096, 16_383, 16_384, 16_385, 32_768, 49_152, 59_000),
  fc.integer({ min: 30, max: 20_000 }),
)
const longValue = fc
  .tuple(longLength, fc.nat(1_000))
  .map(([length, at]) => Array.from(bytesOf({ length, at, cuts: [] }), (byte) => String.fromCharCode(0x21 + (byte % 94))).join(''))
const longBytes = fc.tuple(longLength, fc.nat(1_000)).map(([length, at]) => bytesOf({ length: Math.floor(length / 2), at, cuts: [] }))

const base64 = (bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<string> =>
  fc.tuple(bytes, fc.boolean()).map(([octets, padded]) =>
    Buffer.from(octets)
      .toString('base64')
      .replace(/=+$/, padded ? '$&' : ''),
  )

type AnyPair = fc.Arbitrary<readonly [name: string, value: string]>
const shortPair: AnyPair = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(plainName, shortValue) },
  { weight: 1, arbitrary: fc.tuple(binaryName, base64(fc.uint8Array({ maxLength: 30 }))) },
)
const longPair: AnyPair = fc.oneof(fc.tuple(plainName, longValue), fc.tuple(binaryName, base64(longBytes)))

/** Within what every end takes: Node and grpc-js take 128 fields and 64 KiB, some of which are not ours. */
const MOST_FIELDS = 100
const MOST_BYTES = 60_000

function bounded(pairs: Pairs): Pairs {
  let bytes = 0
  return pairs.slice(0, MOST_FIELDS).filter(([name, value]) => {
    bytes += name.length + value.length + 32
    return bytes <= MOST_BYTES
  })
}

export const fewFields: fc.Arbitrary<Pairs> = fc.array(shortPair, { maxLength: 4 })
export const manyFields: fc.Arbitrary<Pairs> = fc
  .oneof(
    { weight: 3, arbitrary: fc.array(shortPair, { maxLength: 12 }) },
    { weight: 1, arbitrary: fc.array(shortPair, { minLength: 60, maxLength: MOST_FIELDS }) },
    { weight: 2, arbitrary: fc.array(fc.oneof(shortPair, longPair), { minLength: 1, maxLength: 8 }) },
  )
  .map(bounded)

const statusText = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'no',
      'grpc: 100%',
      '%41',
      '50%25',
      ' spaces at both ends ',
      'two\r\nlines',
      'tab\tand \u0000',
      'snow \u2603 and \u{1f600}',
      '+',
      '#?&/',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
)

export const anyStatus: fc.Arbitrary<RpcStatus> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<RpcStatus>({ code: 'OK', message: '' }) },
  { weight: 2, arbitrary: fc.record({ code: fc.constantFrom(...rpcCodes), message: statusText }) },
)
