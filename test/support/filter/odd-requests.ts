import fc from 'fast-check'
import { frame } from './frames.ts'
import { requests } from './requests.ts'
import { delimited, varint } from './wire.ts'

/** A request that no client of good will sends. */
export interface OddRequest {
  readonly method: string
  /** Prefix included. */
  readonly bytes: Buffer
}

// ---- valid protobuf in unusual shapes: any order, fields that nobody knows, strings that come twice ----

type Field = readonly number[]

const unknown: fc.Arbitrary<Field> = fc.oneof(
  fc.tuple(fc.integer({ min: 40, max: 500 }), fc.uint8Array({ maxLength: 30 })).map(([number, content]) => delimited(number, content)),
  fc.tuple(fc.integer({ min: 40, max: 500 }), fc.nat()).map(([number, value]) => [...varint(number * 8), ...varint(value)]),
  fc
    .tuple(fc.integer({ min: 40, max: 500 }), fc.uint8Array({ minLength: 8, maxLength: 8 }))
    .map(([number, value]) => [...varint(number * 8 + 1), ...value]),
  fc
    .tuple(fc.integer({ min: 40, max: 500 }), fc.uint8Array({ minLength: 4, maxLength: 4 }))
    .map(([number, value]) => [...varint(number * 8 + 5), ...value]),
)

/** The field with a tag of more bytes than it needs; readers differ in what they make of bits above the 32nd. */
const overlong = (field: Field) =>
  fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(0, 0, 1, 0x10, 0x7f)).map(([zeros, last]) => {
    const end = field.findIndex((byte) => byte < 128)
    return [...field.slice(0, end), (field[end] ?? 0) + 128, ...Array.from({ length: zeros }, () => 128), last, ...field.slice(end + 1)]
  })

/** Some of the fields, in any order, with unknown ones between. Those of `again` may come up to twice. */
function message(fields: readonly fc.Arbitrary<Field>[], again: readonly fc.Arbitrary<Field>[]): fc.Arbitrary<readonly number[]> {
  const parts = [
    ...fields.map((field) => fc.option(field, { freq: 12 })),
    ...again.map((field) => fc.option(field, { freq: 12 })),
    ...again.map((field) => fc.option(field, { freq: 1 })),
  ]
  return fc
    .tuple(fc.array(unknown, { maxLength: 3 }), ...parts)
    .chain(([strangers, ...known]) => {
      const present = [...strangers, ...known.filter((field) => field !== null)]
      return fc.shuffledSubarray(present, { minLength: present.length })
    })
    .chain((present) => fc.tuple(...present.map((field) => fc.oneof({ weight: 24, arbitrary: fc.constant(field) }, overlong(field)))))
    .map((present) => present.flat())
}

const text = (number: number, values: fc.Arbitrary<string>) => values.map((value) => delimited(number, Buffer.from(value)))
const nested = (number: number, content: fc.Arbitrary<readonly number[]>) => content.map((bytes) => delimited(number, bytes))
const name = fc.oneof(fc.constantFrom('orders', 'payments', 'payments-eu', '%RETRY%a', 'A|b_9'), fc.constant(''), fc.constant('no name'))
const free = fc.oneof(fc.constantFrom('created', 'ä€😀', 'a b', ''), fc.string({ maxLength: 20, unit: 'grapheme' }))
const handle = fc.oneof(
  fc.constantFrom('0 1700000000000 30000 0 0 broker-b 2 33 44', '1 2 3 4 5 b.1 7 8 9 10', 'no handle', '1 2 3 4 5  7 8 9', ''),
  fc.string({ maxLength: 30 }),
)
const resource = message([], [text(1, name), text(2, name)])
const broker = message([], [text(1, fc.oneof(fc.constantFrom('broker-a', 'b.1'), free))])
const queue = message([nested(1, resource), nested(4, broker)], [])
const systemProperties = message([], [text(1, free), text(2, free), text(3, free), text(17, free)])
const sent = message([nested(1, resource), nested(3, systemProperties), fc.uint8Array({ maxLength: 200 }).map((body) => delimited(4, body))], [])

const shapes: fc.Arbitrary<OddRequest> = fc
  .oneof(
    fc.record({ method: fc.constant('SendMessage'), content: message([nested(1, sent), nested(1, sent)], []) }),
    fc.record({ method: fc.constant('ReceiveMessage'), content: message([nested(1, resource), nested(2, queue)], []) }),
    fc.record({
      method: fc.constant('AckMessage'),
      content: message([nested(1, resource), nested(2, resource), nested(3, message([], [text(1, free), text(2, handle)]))], []),
    }),
    fc.record({ method: fc.constant('QueryRoute'), content: message([nested(1, resource)], []) }),
  )
  .map(({ method, content }) => ({ method, bytes: frame(Uint8Array.from(content)) }))

// ---- damage, as networks, bugs and attackers do it ----

type Damage = (bytes: number[]) => void
const at = fc.nat({ max: 200 })
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(at, fc.integer({ min: 0, max: 255 })).map(([index, value]) => (bytes: number[]) => {
    bytes[index % bytes.length] = value
  }),
  fc.tuple(at, fc.integer({ min: 0, max: 7 })).map(([index, bit]) => (bytes: number[]) => {
    bytes[index % bytes.length] = (bytes[index % bytes.length] ?? 0) ^ (1 << bit)
  }),
  fc.tuple(at, fc.uint8Array({ minLength: 1, maxLength: 12 })).map(([index, more]) => (bytes: number[]) => {
    bytes.splice(index % bytes.length, 0, ...more)
  }),
  fc.tuple(at, fc.integer({ min: 1, max: 10 })).map(([index, length]) => (bytes: number[]) => {
    bytes.splice(index % bytes.length, length)
  }),
  fc.tuple(at, at, fc.integer({ min: 1, max: 60 })).map(([from, to, length]) => (bytes: number[]) => {
    bytes.splice(to % bytes.length, 0, ...bytes.slice(from % bytes.length, (from % bytes.length) + length))
  }),
  // A varint that says "very long", or that does not end.
  fc.tuple(at, fc.integer({ min: 1, max: 11 })).map(([index, length]) => (bytes: number[]) => {
    bytes.splice(index % bytes.length, 1, ...Array.from({ length }, () => 0xff), 0x7f)
  }),
)

const usual: fc.Arbitrary<OddRequest> = fc.constantFrom(
  { method: 'SendMessage', bytes: requests.send({ topic: 'orders', tag: 'a', messageGroup: 'g', body: Buffer.from('x') }) },
  { method: 'SendMessage', bytes: requests.send({ topic: 'payments', tag: 'created', body: Buffer.alloc(40, 'b') }, { topic: 'orders', tag: 'b' }) },
  { method: 'ReceiveMessage', bytes: requests.receive('payments', 'billing', 'broker-a') },
  { method: 'AckMessage', bytes: requests.ack('orders', 'billing', '0 1700000000000 30000 0 0 broker-b 2 33 44') },
  { method: 'QueryRoute', bytes: requests.route('payments') },
)

const damaged: fc.Arbitrary<OddRequest> = fc
  .record({ request: fc.oneof(usual, shapes), harm: fc.array(damage, { minLength: 1, maxLength: 3 }), repairs: fc.integer({ min: 0, max: 3 }) })
  .map(({ request: { method, bytes: sound }, harm, repairs }) => {
    const copy = [...sound]
    for (const one of harm) if (copy.length > 0) one(copy)
    const bytes = Buffer.from(copy)
    // Most have a prefix that fits, or they would all be refused for their prefix.
    if (repairs > 0 && bytes.length >= 5) {
      bytes[0] = 0
      bytes.writeUInt32BE(bytes.length - 5, 1)
    }
    return { method, bytes }
  })

/** Valid ones in unusual shapes and damaged ones, half and half. */
export const oddRequest: fc.Arbitrary<OddRequest> = fc.oneof(shapes, damaged)
