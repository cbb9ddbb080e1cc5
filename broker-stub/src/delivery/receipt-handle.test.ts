import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { type HandleParts, ReceiptHandles } from './receipt-handle.ts'

const key = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const handles = new ReceiptHandles('broker-a', 3, key)
const example: HandleParts = { epoch: 3, subscription: 1, slot: 20, generation: 300, queueId: 2, offset: 4_000, position: 50_000 }

const number = fc.oneof(fc.nat(20), fc.maxSafeNat())
const parts: fc.Arbitrary<HandleParts> = fc.record(
  { epoch: fc.nat(3), subscription: number, slot: number, generation: number, queueId: number, offset: number, position: number },
  { noNullPrototype: true },
)

describe('receipt handles', () => {
  it('give back what they were made of', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,64}$/)
    const keys = fc.uint8Array({ minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(name, number, keys, parts, (broker, epoch, secret, made) => {
        const mine = new ReceiptHandles(broker, epoch + 3, secret)
        assert.deepEqual(mine.parse(mine.make(made)), made)
      }),
    )
  })

  it('are ten words of which the sixth is the name of the broker, as meshes read it', () => {
    const words = handles.make(example).split(' ')
    assert.equal(words.length, 10)
    assert.equal(words[5], 'broker-a')
    assert.deepEqual(words.slice(0, 9), ['f1', '3', '1', '20', '300', 'broker-a', '2', '4000', '50000'])
    assert.match(words[9] ?? '', /^[0-9a-f]{16}$/)
  })

  it('lead back also where the name of the broker is no word, or is very long', () => {
    for (const name of ['two words', 'Größe', '漢字', 'x'.repeat(2_000), '']) {
      const odd = new ReceiptHandles(name, 3, key)
      assert.deepEqual(odd.parse(odd.make(example)), example, name)
      assert.equal(odd.make(example).split(' ').length, 10)
    }
  })

  it('differ when any part does', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other))
        assert.notEqual(handles.make(one), handles.make(other))
      }),
    )
  })

  it('mean nothing once any character is another', () => {
    fc.assert(
      fc.property(
        parts,
        fc.nat(),
        fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom(...'0123456789abcdef ')),
        (made, place, other) => {
          const handle = handles.make(made)
          const at = place % handle.length
          fc.pre(other !== handle[at])
          assert.equal(handles.parse(handle.slice(0, at) + other + handle.slice(at + 1)), undefined)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('mean nothing with a character that only looks alike in its low eight bits', () => {
    const handle = handles.make(example)
    for (let at = 0; at < handle.length; at++) {
      for (const above of [0x100, 0x2000, 0xff00]) {
        const alike = String.fromCharCode(handle.charCodeAt(at) + above)
        assert.equal(handles.parse(handle.slice(0, at) + alike + handle.slice(at + 1)), undefined, `${at}`)
      }
    }
  })

  it('mean nothing with a word too many, too few, or in another place', () => {
    const words = handles.make(example).split(' ')
    for (let at = 0; at < words.length; at++) {
      assert.equal(handles.parse(words.toSpliced(at, 1).join(' ')), undefined)
      assert.equal(handles.parse(words.toSpliced(at, 0, '1').join(' ')), undefined)
      assert.equal(handles.parse(words.toSpliced(at, 0, '').join(' ')), undefined)
      const [word = ''] = words.slice(at)
      for (const odd of ['', `0${word}`, `+${word}`, `${word}.0`, `${word} `, `\t${word}`, `-${word}`, '1e3', 'NaN', 'Infinity', '0x10']) {
        assert.equal(handles.parse(words.with(at, odd).join(' ')), undefined, odd)
      }
    }
    assert.equal(handles.parse(`${words.join(' ')} `), undefined)
    assert.equal(handles.parse(` ${words.join(' ')}`), undefined)
    assert.equal(handles.parse([...words.slice(0, 2), words[3], words[2], ...words.slice(4)].join(' ')), undefined)
  })

  it('of another key, another broker or a start to come mean nothing', () => {
    const strangers = [
      new ReceiptHandles('broker-a', 3, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9)),
      new ReceiptHandles('broker-a', 3, Uint8Array.of(0, 2, 3, 4, 5, 6, 7, 8)),
      new ReceiptHandles('broker-b', 3, key),
    ]
    for (const stranger of strangers) {
      assert.equal(handles.parse(stranger.make(example)), undefined)
      assert.equal(stranger.parse(handles.make(example)), undefined)
    }
    assert.deepEqual(new ReceiptHandles('broker-a', 3, key).parse(handles.make(example)), example)
    assert.deepEqual(new ReceiptHandles('broker-a', 4, key).parse(handles.make(example)), example)
    assert.equal(new ReceiptHandles('broker-a', 2, key).parse(handles.make(example)), undefined)
  })

  it('may be any text at all, and still nothing is thrown', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 1_000, size: 'max' }),
      fc.array(fc.oneof(fc.constantFrom('f1', '3', 'broker-a', ''), fc.nat().map(String)), { maxLength: 12 }).map((words) => words.join(' ')),
    )
    fc.assert(
      fc.property(text, (any) => assert.equal(handles.parse(any), undefined)),
      { numRuns: 1_000 },
    )
  })

  it('are given up unread when they are huge', () => {
    const handle = handles.make(example)
    for (const huge of [' '.repeat(50_000_000), handle + ' '.repeat(1_000_000), handle.repeat(100_000)]) assert.equal(handles.parse(huge), undefined)
    const unread = { length: 513, split: () => assert.fail('split'), charCodeAt: () => assert.fail('hashed') }
    assert.equal(handles.parse(unread as unknown as string), undefined)
  })
})
