/**
 * The order in which 256 calls end that are in flight at once on one connection, with messages of four sizes: those that wait take turns, so that no call
 * is overtaken by more than a few of its own size that began later, and no short message waits for long ones.
 */
import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import type { ClientCall, Method } from '../../contract.ts'
import { http2Transport } from '../transport.ts'
import type { Answering, ClientEnd, ServerEnd } from './test-kit/ends.ts'
import { bytesOf } from './test-kit/material.ts'
import { RawClient } from './test-kit/raw-client.ts'
import { RawServer } from './test-kit/raw-server.ts'
import { Once } from './test-kit/turns.ts'

const CALLS = 256
/** Of call `n` it is number `n % 4`. The first two go out in one frame, the last needs several turns whatever the peer takes. */
const SIZES = [100, 10_000, 100_000, 400_000] as const
/**
 * Calls of its own size that began later and ended before it. None but for windows: a stream whose window is used up leaves the line, and comes back at its
 * end.
 */
const MOST_OVERTAKERS = 4
/** Calls that need more turns and end before the last of those that need fewer: what goes out before there is a line, half a megabyte at most. */
const MOST_LARGER = 6
/** Calls that are made one after the other, so that {@link CALLS} are always in flight. */
const IN_ALL = 1_500
const method: Method = { path: '/peers.Fairness/Exchange', kind: 'bidi' }
const messages = SIZES.map((length) => bytesOf({ at: 0, length, cuts: [] }))
const messageOf = (call: number): Uint8Array => messages[call % SIZES.length] as Uint8Array

type End = 'own' | 'node'
/** A peer that takes all at once: only whose turn it is decides. */
const wide = { settings: { initialWindowSize: 16 * 1024 * 1024, maxFrameSize: 16 * 1024 * 1024 - 1 }, padded: false, connectionWindow: 2 ** 30 }
/** A peer with the windows of streams that HTTP/2 begins with. */
const narrow = { settings: { initialWindowSize: 65_535 }, padded: false, connectionWindow: 16 * 1024 * 1024 }
type Windows = typeof wide | typeof narrow

/** Makes the calls with `calls` and tells the order in which they were over for the receiver. */
async function exchange(clientEnd: End, serverEnd: End, windows: Windows, direction: 'requests' | 'responses'): Promise<number[]> {
  const order: number[] = []
  const served: (Answering | undefined)[] = []
  const all = new Once()
  let ended = 0
  const server: ServerEnd = serverEnd === 'own' ? http2Transport().createServer() : new RawServer(windows)
  const answerAll = (): void => {
    for (const [index, call] of served.entries()) {
      call?.send(messageOf(index))
      call?.end({ code: 'OK', message: '' })
    }
  }
  server.handle(method, {
    onStart(call) {
      const index = Number(call.headers.get('x-index'))
      served[index] = call
      if (index === CALLS - 1) all.fulfil()
    },
    onMessage() {},
    onHalfClose(call) {
      if (direction === 'responses') return
      order.push(Number(call.headers.get('x-index')))
      call.end({ code: 'OK', message: '' })
    },
    onCancel() {},
    onDrain() {},
  })
  const { port } = await server.listen('127.0.0.1', 0)
  const raw = clientEnd === 'node' ? new RawClient(`http://127.0.0.1:${port}`, windows) : undefined
  await raw?.ready()
  const client: ClientEnd = raw ?? http2Transport().createChannel({ address: `127.0.0.1:${port}` })
  const over = new Once()
  const calls: ClientCall[] = []
  for (let index = 0; index < CALLS; index += 1) {
    const handler = {
      onMessage() {},
      onEnd() {
        if (direction === 'responses') order.push(index)
        ended += 1
        if (ended === CALLS) over.fulfil()
      },
    }
    calls.push(client.start(method, handler, { headers: [['x-index', String(index)]] }))
  }
  await all.done
  if (direction === 'responses') answerAll()
  else {
    for (const [index, call] of calls.entries()) {
      call.send(messageOf(index))
      call.halfClose()
    }
  }
  await over.done
  client.close()
  await server.close(0)
  return order
}

/** How many of its own size that began later ended before a call, at most. */
function overtakers(order: readonly number[]): number {
  const counts = order.map(
    (call, place) => order.slice(0, place).filter((other) => other > call && other % SIZES.length === call % SIZES.length).length,
  )
  return Math.max(...counts)
}

/** Frames that a message needs at least: the longest are 64 KiB, whatever the peer takes. */
const turnsOf = (call: number): number => Math.ceil((messageOf(call).length + 5) / (64 * 1024))

/** How many calls that need more turns ended before the last one that needs fewer, at most. */
function larger(order: readonly number[]): number {
  const counts = SIZES.map((_, size) => {
    const last = order.findLastIndex((call) => call % SIZES.length === size)
    return order.slice(0, last).filter((call) => turnsOf(call) > turnsOf(size)).length
  })
  return Math.max(...counts)
}

describe('256 calls of mixed sizes on one connection', () => {
  for (const [name, client, server, windows, direction] of [
    ['responses of our server to our client', 'own', 'own', wide, 'responses'],
    ['requests of our client to our server', 'own', 'own', wide, 'requests'],
    ['responses to a client that takes frames of 16 MiB', 'node', 'own', wide, 'responses'],
    ['requests to a server that takes frames of 16 MiB', 'own', 'node', wide, 'requests'],
    ['responses to a client with windows of 64 KiB', 'node', 'own', narrow, 'responses'],
    ['requests to a server with windows of 64 KiB', 'own', 'node', narrow, 'requests'],
  ] as const) {
    it(`end in fair order: ${name}`, async () => {
      const order = await exchange(client, server, windows, direction)
      assert.equal(new Set(order).size, CALLS)
      assert.ok(overtakers(order) <= MOST_OVERTAKERS, `${overtakers(order)} overtake one of their size: ${order}`)
      assert.ok(larger(order) <= MOST_LARGER, `${larger(order)} end before the last of a smaller size: ${order}`)
    })
  }

  it('end in fair order for as long as each that ends is followed by another', async () => {
    const server = http2Transport().createServer()
    server.handle<unknown>(method, {
      onMessage(call, message) {
        call.send(Uint8Array.from(message))
      },
      onHalfClose: (call) => call.end(),
    })
    const { port } = await server.listen('127.0.0.1', 0)
    const channel = http2Transport().createChannel({ address: `127.0.0.1:${port}` })
    const order: number[] = []
    const over = new Once()
    let begun = 0
    const next = (size: number): void => {
      const index = SIZES.length * begun + size
      begun += 1
      const onEnd = (): void => {
        order.push(index)
        if (begun < IN_ALL) next(size)
        else if (order.length === begun) over.fulfil()
      }
      const call = channel.start(method, { onMessage() {}, onEnd })
      call.send(messageOf(size))
      call.halfClose()
    }
    for (let size = 0; size < CALLS; size += 1) next(size % SIZES.length)
    await over.done
    channel.close()
    await server.close()
    assert.ok(overtakers(order) <= MOST_OVERTAKERS, `${overtakers(order)} overtake one of their size`)
  })

  it('let those in first that need one turn, when long ones are under way', async () => {
    const server = http2Transport().createServer()
    server.handle<unknown>(method, {
      onStart(call) {
        call.send(messageOf(Number(call.headers.get('x-size'))))
        call.end()
      },
      onMessage() {},
    })
    const { port } = await server.listen('127.0.0.1', 0)
    const channel = http2Transport().createChannel({ address: `127.0.0.1:${port}` })
    const order: number[] = []
    const over = new Once()
    let latecomers = false
    const begin = (size: number): void => {
      const onHeaders = (): void => {
        if (latecomers) return
        latecomers = true
        for (let count = 0; count < CALLS / 2; count += 1) begin(0)
      }
      const onEnd = (): void => {
        order.push(size)
        if (order.length === CALLS) over.fulfil()
      }
      channel.start(method, { onHeaders, onMessage() {}, onEnd }, { headers: [['x-size', String(size)]] }).halfClose()
    }
    for (let count = 0; count < CALLS / 2; count += 1) begin(SIZES.length - 1)
    await over.done
    channel.close()
    await server.close()
    assert.ok(order.lastIndexOf(0) + 1 - CALLS / 2 <= MOST_LARGER, `the short ones end at ${order}`)
  })
})
