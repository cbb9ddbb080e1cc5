import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { ReceiveWindow } from './receive-window.ts'

describe('ReceiveWindow', () => {
  it('takes what fits to the last byte, and refuses the next', () => {
    const window = new ReceiveWindow(100)
    assert.equal(window.arrive(60), true)
    assert.equal(window.arrive(40), true)
    assert.equal(window.arrive(0), true)
    assert.equal(window.arrive(1), false)
  })

  it('gives back nothing before half of it is owed, then all of it at once', () => {
    const window = new ReceiveWindow(100)
    window.arrive(100)
    assert.equal(window.release(49), 0)
    assert.equal(window.release(1), 50)
    assert.equal(window.release(49), 0)
    assert.equal(window.release(1), 50)
  })

  it('takes what was granted beyond its size, once', () => {
    const window = new ReceiveWindow(100)
    window.arrive(30)
    assert.equal(window.release(30), 0)
    window.grant(500)
    assert.equal(window.arrive(570), true)
    assert.equal(window.arrive(1), false)
    assert.equal(window.release(500), 0, 'that was given already')
    assert.equal(window.release(20), 50)
  })

  it('never stops a peer in the middle of a message for which room was granted, and is what it was afterwards', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 50 }))),
        (size, messages) => {
          const window = new ReceiveWindow(size)
          let credit = size
          for (const [length, piece] of messages) {
            let begun = false
            for (let sent = 0; sent < length; ) {
              assert.ok(credit > 0, `stuck at ${sent} of ${length}`)
              const count = Math.min(piece, credit, length - sent)
              assert.ok(window.arrive(count))
              credit -= count
              sent += count
              if (!begun && length > size) {
                window.grant(length - size)
                credit += length - size
              }
              begun = true
              credit += window.release(count)
            }
            assert.ok(credit <= size && credit * 2 > size - 1, `${credit} of ${size}`)
          }
        },
      ),
    )
  })

  it('never lets the peer send more than its size ahead, never less than half of it once all was taken', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { maxLength: 50 }), (size, steps) => {
        const window = new ReceiveWindow(size)
        // What the peer believes it may send, and what we hold.
        let credit = size
        let held = 0
        for (const [wish, percent] of steps) {
          const sent = Math.min(wish, credit)
          assert.equal(window.arrive(sent), true)
          credit -= sent
          held += sent
          const taken = Math.floor((held * percent) / 100)
          held -= taken
          credit += window.release(taken)
          assert.ok(credit + held <= size)
        }
        credit += window.release(held)
        assert.ok(credit * 2 >= size)
        assert.equal(window.arrive(credit + 1), false)
      }),
    )
  })
})
