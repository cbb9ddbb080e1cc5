/**
 * Our HPACK against that of nghttp2, which Node has for `node:http2`: it has no interface of its own there, so that blocks are put into the frames of a
 * connection in memory and taken out of them.
 */
import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import * as http2 from 'node:http2'
import { type Duplex, duplexPair } from 'node:stream'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { HpackDecoder } from './decoder.ts'
import { type FieldMode, HpackEncoder } from './encoder.ts'
import { HpackOutput } from './output.ts'

const HEADERS = 1
const RST_STREAM = 3
const SETTINGS = 4
const GOAWAY = 7
const CONTINUATION = 9
const END_STREAM = 1
const ACK = 1
const END_HEADERS = 4
const HEADER_TABLE_SIZE = 1

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Uint8Array {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

function settingsOf(tableSize: number): Uint8Array {
  const payload = Buffer.alloc(6)
  payload.writeUInt16BE(HEADER_TABLE_SIZE, 0)
  payload.writeUInt32BE(tableSize, 2)
  return payload
}

/** Calls back with each frame that comes, after so many bytes of preface. */
function onFrames(duplex: Duplex, preface: number, take: (type: number, flags: number, payload: Buffer) => void): void {
  let rest = Buffer.alloc(0)
  let skip = preface
  duplex.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    if (rest.length < skip) return
    rest = rest.subarray(skip)
    skip = 0
    for (;;) {
      if (rest.length < 9) return
      const end = 9 + rest.readUIntBE(0, 3)
      if (rest.length < end) return
      take(rest.readUInt8(3), rest.readUInt8(4), rest.subarray(9, end))
      rest = rest.subarray(end)
    }
  })
}

const printable = fc.array(fc.integer({ min: 0x21, max: 0x7e }), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes))
const values = fc.oneof(
  fc.constantFrom('', '1', 'trailers', 'application/grpc', '3000m', 'v'.repeat(300)),
  printable,
  // Node reads values as one character per byte.
  fc.array(fc.constantFrom(0x20, 0x41, 0xa0, 0xff), { maxLength: 9 }).map((codes) => `-${String.fromCharCode(...codes)}-`),
)
const names = fc.oneof(
  fc.constantFrom('accept', 'etag', 'user-agent', 'x-mq-client-id', 'grpc-timeout', 'x-a', 'x-b', 'x-c'),
  fc.integer({ min: 1, max: 60 }).map((length) => `x-${'abcdefghij0123456789'.repeat(3).slice(0, length)}`),
)
const modes = fc.constantFrom<FieldMode>('index', 'index', 'plain', 'never')
type Field = readonly [name: string, value: string, mode: FieldMode]
const block = fc.array(fc.tuple(names, values, modes), { maxLength: 20 })

/** Lists of fields, as they come from the generator with a seed of their own. */
const lists = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] => fc.sample(arbitrary, { numRuns: count, seed: 7_541 })

describe('HPACK against nghttp2', () => {
  it('is read by it as it was meant, over hundreds of blocks and changes of the size of its table', async () => {
    const server = http2.createServer({ settings: { headerTableSize: 4_096 } })
    const [ours, theirs] = duplexPair()
    const encoder = new HpackEncoder({ maxTableSize: 8_192 })
    // What has come of the block that was sent last.
    let report: (outcome: string | string[]) => void = () => {}
    server.on('stream', (stream: http2.ServerHttp2Stream, _headers: unknown, _flags: number, rawHeaders: string[]) => {
      report(rawHeaders)
      stream.respond({ ':status': 200 }, { endStream: true })
    })
    const connected = once(server, 'session') as Promise<[http2.ServerHttp2Session]>
    server.emit('connection', theirs)
    onFrames(ours, 0, (type, flags, payload) => {
      // Node resets streams without an error as well, once they are answered.
      if (type === GOAWAY || (type === RST_STREAM && payload.readUInt32BE(0) !== 0)) report(`refused: ${type} ${payload.toString('latin1')}`)
      if (type !== SETTINGS || (flags & ACK) !== 0) return
      for (let at = 0; at < payload.length; at += 6) {
        if (payload.readUInt16BE(at) === HEADER_TABLE_SIZE) encoder.setPeerTableSize(payload.readUInt32BE(at + 2))
      }
      ours.write(frame(SETTINGS, ACK, 0, Buffer.alloc(0)))
    })
    ours.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(SETTINGS, 0, 0, Buffer.alloc(0))]))
    const [session] = await connected

    const output = new HpackOutput()
    const pseudo: Field[] = [
      [':method', 'POST', 'index'],
      [':scheme', 'http', 'index'],
      [':authority', 'localhost', 'index'],
    ]
    const requests = lists(block, 400)
    for (const [i, fields] of requests.entries()) {
      if (i % 40 === 39) {
        const sizes = [0, 4_096, 100, 8_192, 500, 65_536]
        const settled = once(session, 'localSettings')
        session.settings({ headerTableSize: sizes[((i - 39) / 40) % sizes.length] ?? 0 })
        await settled
      }
      output.reset()
      encoder.begin(output)
      const sent: string[] = []
      for (const [name, value, mode] of [...pseudo, [':path', `/${i % 7}`, 'index'] as const, ...fields]) {
        encoder.field(name, value, mode)
        sent.push(name, value)
      }
      const outcome = new Promise<string | string[]>((resolve) => {
        report = resolve
      })
      ours.write(frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, output.bytes.slice(0, output.length)))
      assert.deepEqual(await outcome, sent)
    }
    session.destroy()
    server.close()
  })

  it('reads what it writes, over hundreds of blocks and changes of the size of our table', async () => {
    const [ours, theirs] = duplexPair()
    const decoder = new HpackDecoder({ maxListBytes: 100_000, maxFields: 1_000 })
    const sizes: number[] = []
    const received: string[][] = []
    let waiting: (() => void) | undefined
    let parts: Buffer[] = []
    onFrames(ours, 24, (type, flags, payload) => {
      if (type === SETTINGS && (flags & ACK) === 0) ours.write(frame(SETTINGS, ACK, 0, Buffer.alloc(0)))
      if (type === SETTINGS && (flags & ACK) !== 0) {
        const size = sizes.shift()
        if (size !== undefined) decoder.setMaxTableSize(size)
      }
      if (type !== HEADERS && type !== CONTINUATION) return
      // No padding, no priority: nghttp2 sends neither unless it is told to.
      assert.equal(type === HEADERS ? flags & 0x28 : 0, 0)
      parts.push(payload)
      if ((flags & END_HEADERS) === 0) return
      const bytes = Buffer.concat(parts)
      parts = []
      const into: string[] = []
      assert.equal(decoder.decode(bytes, 0, bytes.length, into), 'ok')
      received.push(into)
      waiting?.()
    })
    const changeSize = (size: number): void => {
      sizes.push(size)
      ours.write(frame(SETTINGS, 0, 0, settingsOf(size)))
    }
    changeSize(4_096)
    const session = http2.connect('http://localhost', { createConnection: () => theirs })
    await once(session, 'remoteSettings')
    let largest = 0
    const requests = lists(block, 400)
    for (const [i, fields] of requests.entries()) {
      if (i % 40 === 39) {
        const settled = once(session, 'remoteSettings')
        changeSize([0, 4_096, 100, 65_536, 33, 1_000][((i - 39) / 40) % 6] ?? 0)
        // Twice: the lowest size has to be told, then the last (RFC 7541, 4.2).
        if (i % 80 === 79) changeSize(2_000)
        await settled
      }
      const headers: http2.OutgoingHttpHeaders = { ':method': 'POST', ':path': `/${i % 7}` }
      const secrets: string[] = []
      for (const [one, two, how] of fields) {
        if (one === 'user-agent' || one === 'etag') headers[one] = two
        else headers[one] = [...((headers[one] ?? []) as string[]), two]
        if (how === 'never') secrets.push(one)
      }
      headers[http2.sensitiveHeaders as unknown as string] = secrets
      const arrived = new Promise<void>((resolve) => {
        waiting = resolve
      })
      session.request(headers, { endStream: true }).on('error', () => {})
      await arrived
      const wanted = Object.entries(headers).flatMap(([one, two]) => [two ?? ''].flat().map((each) => `${one}: ${each}`))
      const got = received.at(-1) ?? []
      const pairs = got.flatMap((text, at) => (at % 2 === 0 ? [`${text}: ${got[at + 1]}`] : []))
      assert.deepEqual(
        pairs.filter((pair) => !/^:(authority|scheme): /.test(pair)),
        wanted,
      )
      largest = Math.max(largest, decoder.table.length)
    }
    assert.equal(received.length, requests.length)
    assert.ok(largest > 10, `${largest} entries in our table at most`)
    session.destroy()
    ours.destroy()
  })
})
