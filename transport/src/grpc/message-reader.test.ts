import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { RpcStatus } from '../contract.ts'
import { MessageRoom } from '../http2/message-room.ts'
import { message } from '../http2/test-kit/frames.ts'
import { ManualClock } from '../http2/test-kit/manual-clock.ts'
import { encodingOf, MessageReader } from './message-reader.ts'

const LIMIT = 100_000

class Messages {
  readonly all: Buffer[] = []
  readonly owned: boolean[] = []
  readonly broken: RpcStatus[] = []
  during: (index: number) => void = () => {}

  onMessage(message: Buffer, owned: boolean): void {
    this.all.push(Buffer.from(message))
    this.owned.push(owned)
    this.during(this.all.length)
  }

  readonly rooms: string[] = []

  onRoom(kept: number, more: number): void {
    this.rooms.push(`${kept} kept, ${more} more`)
  }

  onBroken(status: RpcStatus): void {
    this.broken.push(status)
  }
}

interface Reading {
  readonly messages: Messages
  readonly reader: MessageReader
  /** Lends the bytes, spoils them afterwards, and answers how many of them are out of the way. */
  readonly push: (bytes: Uint8Array) => number
}

function reading(limit = LIMIT): Reading {
  const messages = new Messages()
  const reader = new MessageReader(messages, limit, 'request')
  return {
    messages,
    reader,
    push(bytes) {
      const lent = Buffer.concat([Buffer.of(1, 2, 3), bytes, Buffer.of(4)])
      const used = reader.push(lent, 3, lent.length - 1)
      lent.fill(0xee)
      return used
    },
  }
}

const bodies = fc.array(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  { minLength: 1, maxLength: 6 },
)
const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 10 })

describe('MessageReader', () => {
  it('finds the same messages however they are cut, and everything is out of the way at once', () => {
    fc.assert(
      fc.property(bodies, sizes, (sent, cuts) => {
        const { messages, reader, push } = reading()
        const bytes = Buffer.concat(sent.map((body) => message(body)))
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const piece = bytes.subarray(at, at + (cuts[turn % cuts.length] as number))
          assert.equal(push(piece), piece.length)
          at += piece.length
        }
        assert.deepEqual(messages.all, sent)
        assert.ok(reader.empty && !reader.holds)
      }),
    )
  })

  it('finds two messages cut in two at every byte', () => {
    const sent = [Buffer.from('first'), Buffer.alloc(0), Buffer.from('third')]
    const bytes = Buffer.concat(sent.map((body) => message(body)))
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const { messages, reader, push } = reading()
      push(bytes.subarray(0, cut))
      push(bytes.subarray(cut))
      assert.deepEqual(messages.all, sent, `cut at ${cut}`)
      assert.ok(reader.empty)
    }
  })

  it('hands a message that lies within one piece out in place, and any other in a buffer of its own', () => {
    const { messages, push } = reading()
    const bytes = message(Buffer.from('body'))
    push(Buffer.concat([bytes, bytes.subarray(0, 6)]))
    push(bytes.subarray(6))
    assert.deepEqual(messages.owned, [false, true])
  })

  it('is not empty inside of a prefix, of a message, or with anything kept', () => {
    const bytes = message(Buffer.from('body'))
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const { reader, push } = reading()
      push(bytes.subarray(0, cut))
      assert.equal(reader.empty, false, `cut at ${cut}`)
    }
    const { reader, push } = reading()
    reader.pause()
    push(bytes)
    assert.equal(reader.empty, false)
  })

  it('stops at a message whose reader pauses, keeps the rest, and says what of it was kept', () => {
    fc.assert(
      fc.property(bodies, sizes, fc.array(fc.boolean(), { minLength: 1 }), (sent, cuts, pauses) => {
        const { messages, reader, push } = reading()
        messages.during = (index) => {
          if (pauses[index % pauses.length] === true) reader.pause()
        }
        const bytes = Buffer.concat(sent.map((body) => message(body)))
        let out = 0
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const piece = bytes.subarray(at, at + (cuts[turn % cuts.length] as number))
          const before = messages.all.length
          const wasPaused = reader.paused
          out += push(piece)
          if (wasPaused) assert.equal(messages.all.length, before, 'a message while paused')
          at += piece.length
          if (turn % 3 === 2) out += reader.resume()
        }
        while (reader.paused || reader.holds) out += reader.resume()
        assert.deepEqual(messages.all, sent)
        assert.equal(out, bytes.length)
        assert.ok(reader.empty)
      }),
    )
  })

  it('comes to an end when what it had kept is broken off, by itself or by whoever takes a message of it', () => {
    const long = Buffer.concat([Buffer.of(0, 0xff, 0, 0, 0), Buffer.alloc(20)])
    for (const [first, closes] of [
      [long, false],
      [Buffer.concat([message(Buffer.alloc(3)), message(Buffer.alloc(4))]), true],
    ] as const) {
      const { messages, reader, push } = reading()
      messages.during = () => {
        if (closes) reader.close()
      }
      reader.pause()
      assert.equal(push(first) + push(message(Buffer.alloc(5))), 0)
      assert.equal(reader.resume(), first.length + 10)
      assert.equal(messages.broken.length, closes ? 0 : 1)
      assert.equal(messages.all.length, closes ? 1 : 0)
      assert.ok(!reader.holds)
      assert.equal(reader.kept, 0)
    }
  })

  it('goes on reading when it is resumed from within a message', () => {
    const { messages, reader, push } = reading()
    messages.during = () => {
      reader.pause()
      assert.equal(reader.resume(), 0)
    }
    const bytes = Buffer.concat([message(Buffer.from('one')), message(Buffer.from('two'))])
    assert.equal(push(bytes), bytes.length)
    assert.equal(messages.all.length, 2)
  })

  it('ends when what it kept while paused is broken, or when it is closed by a message among that', () => {
    const broken = reading()
    broken.reader.pause()
    broken.push(Buffer.concat([message(Buffer.from('good')), message(Buffer.from('bad'), 9), message(Buffer.from('more'))]))
    broken.reader.resume()
    assert.equal(broken.messages.all.length, 1)
    assert.equal(broken.messages.broken.length, 1)
    assert.equal(broken.reader.kept, 0)

    const closed = reading()
    closed.messages.during = () => closed.reader.close()
    closed.reader.pause()
    closed.push(Buffer.concat([message(Buffer.from('last')), message(Buffer.from('more'))]))
    closed.reader.resume()
    assert.equal(closed.messages.all.length, 1)
    assert.equal(closed.reader.kept, 0)
  })

  it('takes a message of the limit, and breaks off one that is a byte longer by its prefix alone', () => {
    const { messages, reader, push } = reading(100)
    push(message(Buffer.alloc(100)))
    assert.equal(messages.all.length, 1)
    push(message(Buffer.alloc(0), 0, 101))
    assert.deepEqual(messages.broken, [{ code: 'RESOURCE_EXHAUSTED', message: 'the request has 101 bytes, 100 are accepted' }])
    assert.equal(reader.kept, 0)
  })

  it('sets nothing aside for the length that a prefix promises, only for what has come', () => {
    const { reader, push } = reading(4 * 1024 * 1024)
    push(message(Buffer.alloc(0), 0, 4 * 1024 * 1024))
    assert.ok(reader.kept <= 5, String(reader.kept))
    push(Buffer.alloc(1))
    assert.ok(reader.kept <= 16 * 1024, String(reader.kept))
    push(Buffer.alloc(1024 * 1024))
    assert.ok(reader.kept <= 2 * 1024 * 1024 + 16 * 1024, String(reader.kept))
  })

  it('keeps nothing once it is broken, and takes whatever else comes out of the way', () => {
    const { messages, reader, push } = reading()
    push(message(Buffer.from('good')))
    const wrong = message(Buffer.from('bad'), 2)
    assert.equal(push(wrong), wrong.length)
    assert.equal(push(message(Buffer.from('more'))), 9)
    assert.deepEqual(
      messages.broken.map(({ code }) => code),
      ['INTERNAL'],
    )
    assert.equal(messages.all.length, 1)
    assert.equal(reader.kept, 0)
  })

  it('breaks off at every flag that gRPC does not have', () => {
    for (let flags = 2; flags <= 255; flags += 1) {
      const { messages, push } = reading()
      push(message(Buffer.alloc(0), flags))
      assert.equal(messages.broken[0]?.code, 'INTERNAL')
      assert.equal(messages.all.length, 0)
    }
  })

  it('unpacks gzip, cut at every byte, next to messages that are not packed', () => {
    const body = Buffer.from('abcabcabc'.repeat(50))
    const bytes = Buffer.concat([message(gzipSync(body), 1), message(body)])
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const { messages, reader, push } = reading()
      reader.encoding = encodingOf('gzip')
      push(bytes.subarray(0, cut))
      push(bytes.subarray(cut))
      assert.deepEqual(messages.all, [body, body])
    }
  })

  it('breaks off what is longer than the limit when unpacked, without unpacking it to its end', () => {
    const { messages, reader, push } = reading(1_000)
    reader.encoding = 'gzip'
    push(message(gzipSync(Buffer.alloc(1_000)), 1))
    assert.equal(messages.all.length, 1)
    const bomb = gzipSync(Buffer.alloc(900_000))
    assert.ok(bomb.length < 1_000, 'the bomb itself is within the limit')
    push(message(bomb, 1))
    assert.equal(messages.broken[0]?.code, 'RESOURCE_EXHAUSTED')
    assert.equal(messages.all.length, 1)
  })

  it('breaks off what says that it is gzip and is not, or not all of it', () => {
    const packed = gzipSync(Buffer.from('body'))
    for (const body of [Buffer.alloc(0), Buffer.from('no gzip'), packed.subarray(0, -3), Buffer.concat([packed.subarray(0, 12), Buffer.alloc(20)])]) {
      const { messages, reader, push } = reading()
      reader.encoding = 'gzip'
      push(message(body, 1))
      assert.equal(messages.broken[0]?.code, 'INTERNAL')
    }
  })

  it('breaks off a packed message without an encoding, and one of an encoding that nobody knows', () => {
    const plain = reading()
    plain.push(message(gzipSync('body'), 1))
    assert.equal(plain.messages.broken[0]?.code, 'INTERNAL')
    const other = reading()
    other.reader.encoding = encodingOf('snappy')
    other.push(message(Buffer.from('plain')))
    other.push(message(Buffer.from('?'), 1))
    assert.equal(other.messages.all.length, 1)
    assert.equal(other.messages.broken[0]?.code, 'UNIMPLEMENTED')
    assert.match(other.messages.broken[0]?.message ?? '', /snappy/)
  })

  describe('with room for two messages beyond the windows', () => {
    const room = (): MessageRoom =>
      new MessageRoom(new ManualClock(), { streamWindow: 100, unreservedBytes: 1_000, reservedBytes: 2_000, patience: 1 })
    const sharing = (shared: MessageRoom): Reading => {
      const one = reading()
      one.reader.room = shared
      return one
    }

    it('asks for none while messages are whole', () => {
      const shared = room()
      const { messages, reader, push } = sharing(shared)
      push(Buffer.concat([message(Buffer.alloc(5_000)), message(Buffer.alloc(5_000))]))
      assert.equal(shared.bytes, 0)
      assert.deepEqual(messages.rooms, [])
      assert.equal(reader.deferred(), 0)
    })

    it('asks for the rest of a long message as soon as its length is known, and gives it back with its last byte', () => {
      const shared = room()
      const { messages, push } = sharing(shared)
      push(message(Buffer.alloc(0), 0, 1_100))
      assert.deepEqual(messages.rooms, ['0 kept, 1000 more'])
      assert.equal(shared.bytes, 1_100)
      push(Buffer.alloc(1_099))
      assert.equal(shared.bytes, 1_100)
      push(Buffer.alloc(1))
      assert.equal(shared.bytes, 0)
      assert.equal(messages.all.length, 1)
    })

    it('lets a third wait, whose window is not given back until one of the others is whole', () => {
      const shared = room()
      const [first, second, third] = [sharing(shared), sharing(shared), sharing(shared)]
      for (const { push } of [first, second, third]) push(message(Buffer.alloc(60), 0, 1_100))
      assert.equal(first.reader.deferred(), 0)
      assert.equal(third.reader.deferred(), 60)
      assert.equal(third.push(Buffer.alloc(40)), 40)
      assert.equal(third.reader.deferred(), 40)
      assert.deepEqual(third.messages.rooms, [])
      first.push(Buffer.alloc(1_040))
      assert.deepEqual(third.messages.rooms, ['100 kept, 1000 more'])
      third.push(Buffer.alloc(1_000))
      assert.equal(third.reader.deferred(), 0)
      assert.equal(third.messages.all.length, 1)
      second.reader.close()
      assert.equal(shared.bytes, 0)
    })

    it('unpacks bombs until they have been too many, and goes on with messages that pack as usual', () => {
      const shared = room()
      const bomb = message(gzipSync(Buffer.alloc(4 * 1024 * 1024)), 1)
      const statuses = Array.from({ length: 20 }, () => {
        const { messages, reader, push } = reading(4 * 1024 * 1024)
        reader.room = shared
        reader.encoding = 'gzip'
        push(bomb)
        return messages.broken[0]?.code ?? 'OK'
      })
      assert.deepEqual(statuses, [...Array(16).fill('OK'), ...Array(4).fill('RESOURCE_EXHAUSTED')])
      const { messages, reader, push } = sharing(shared)
      reader.encoding = 'gzip'
      push(message(gzipSync(randomBytes(1_000).toString('hex')), 1))
      assert.equal(messages.all[0]?.length, 2_000)
    })

    it('breaks a message off for which the bound of the windows leaves nothing', () => {
      const shared = room()
      const all = Array.from({ length: 11 }, () => sharing(shared))
      for (const { push } of all) push(message(Buffer.alloc(1), 0, 100))
      assert.deepEqual(
        all.map(({ messages }) => messages.broken[0]?.code),
        [...Array(10).fill(undefined), 'RESOURCE_EXHAUSTED'],
      )
      for (const { reader } of all) reader.close()
      assert.equal(shared.bytes, 0)
    })

    it('keeps a whole message in it for as long as is asked for', () => {
      const shared = room()
      const { reader } = sharing(shared)
      assert.equal(reader.keep(1_001), false)
      assert.equal(reader.keep(1_000), true)
      assert.equal(shared.bytes, 1_000)
      reader.settle()
      assert.equal(shared.bytes, 0)
    })
  })

  it('finds messages or breaks off once, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 }), fc.boolean(), (pieces, gzip) => {
        const { messages, reader, push } = reading(10)
        if (gzip) reader.encoding = 'gzip'
        for (const piece of pieces) assert.equal(push(piece), piece.length)
        assert.ok(messages.broken.length <= 1)
        assert.ok(messages.all.every(({ length }) => length <= 10))
        assert.ok(reader.kept <= 15)
      }),
    )
  })
})
