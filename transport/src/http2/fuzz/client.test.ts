import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import type { ClientCallHandler, Method, RpcStatus } from '../../contract.ts'
import { type CallOwner, Http2ClientCall, requestHead } from '../../grpc/client-call.ts'
import { Deadlines } from '../../grpc/deadlines.ts'
import { ClientConnection, type ClientConnectionHandler } from '../client-connection.ts'
import type { ConnectionLimits } from '../connection-limits.ts'
import { defaultBudgets } from '../flood-guard.ts'
import type { PreparedFields } from '../stream.ts'
import { FakeSocket, turn } from '../test-kit/fake-socket.ts'
import { ManualClock } from '../test-kit/manual-clock.ts'
import { Random } from '../test-kit/random.ts'
import { assertFrames, assertOver, forSeeds, play } from './test-kit/case.ts'
import { Speech } from './test-kit/speech.ts'

const limits: ConnectionLimits = {
  streamWindow: 20_000,
  connectionWindow: 100_000,
  unreservedBytes: 60_000,
  reservedBytes: 40_000,
  maxHeaderListBytes: 4_000,
  maxHeaderFields: 30,
  maxWaitingBytes: 1_000_000,
  maxQueuedBytes: Number.POSITIVE_INFINITY,
  patience: 20_000,
  readPatience: 60_000,
  budgets: { ...defaultBudgets, fault: { burst: 10, perSecond: 1 } },
}

const method: Method = { path: '/fuzz/bidi', kind: 'bidi' }

/** A caller that does whatever comes to its mind. */
class Caller implements ClientCallHandler {
  readonly #random: Random
  readonly #most: number
  call: Http2ClientCall | undefined
  heads = 0
  messages = 0
  readonly ends: RpcStatus[] = []

  constructor(random: Random, most: number) {
    this.#random = random
    this.#most = most
  }

  onHeaders(): void {
    assert.equal(this.heads + this.messages + this.ends.length, 0, 'headers come first, and once')
    this.heads += 1
    this.act()
  }

  onMessage(message: Uint8Array): void {
    assert.ok(message.length <= this.#most)
    assert.deepEqual([this.heads, this.ends.length], [1, 0], 'a message before the headers, or after the end')
    this.messages += 1
    this.act()
  }

  onDrain(): void {
    assert.equal(this.ends.length, 0)
    this.act()
  }

  onEnd(status: RpcStatus): void {
    this.ends.push(status)
  }

  act(): void {
    const random = this.#random
    switch (random.below(9)) {
      case 0:
      case 1:
        this.call?.send(Buffer.alloc(random.pick([0, 10, 10_000, 100_000])))
        break
      case 2:
        this.call?.halfClose()
        break
      case 3:
        this.call?.pause()
        break
      case 4:
      case 5:
        this.call?.resume()
        break
      case 6:
        if (random.chance(10)) this.call?.cancel()
        break
      default:
    }
  }
}

/** What a channel is to its calls, with one connection. */
class Calls implements CallOwner, ClientConnectionHandler {
  readonly maxReceiveMessageBytes = 50_000
  readonly deadlines: Deadlines
  readonly #head = requestHead('http', method.path, 'localhost')
  readonly open = new Set<Http2ClientCall>()
  readonly callers: Caller[] = []
  readonly closed: string[] = []
  told = 0
  connection: ClientConnection | undefined
  readonly #random: Random

  constructor(clock: ManualClock, random: Random) {
    this.deadlines = new Deadlines(clock)
    this.#random = random
  }

  start(): void {
    const { connection } = this
    if (connection?.hasRoom !== true) return
    const caller = new Caller(this.#random, this.maxReceiveMessageBytes)
    const call = new Http2ClientCall(this, method, caller, { timeout: this.#random.pick([undefined, 10, 10_000]) })
    caller.call = call
    this.callers.push(caller)
    this.open.add(call)
    call.begin(connection)
  }

  act(): void {
    if (this.#random.chance(70)) this.start()
    for (const caller of this.callers) caller.act()
  }

  headOf(): PreparedFields {
    return this.#head
  }

  onCallEnd(call: Http2ClientCall): void {
    assert.ok(this.open.delete(call), 'ended twice')
  }

  onCallTold(): void {
    this.told += 1
  }

  onRefused(call: Http2ClientCall): void {
    if (this.connection?.hasRoom === true) call.begin(this.connection)
    else call.abandon({ code: 'UNAVAILABLE', message: 'refused' })
  }

  onSettings(): void {
    for (let count = this.#random.below(4); count >= 0; count -= 1) this.start()
  }

  onDraining(): void {}

  onRoom(): void {
    if (this.#random.chance(20)) this.start()
  }

  onClosed(reason: string): void {
    this.closed.push(reason)
  }
}

function heads(random: Random): readonly (readonly [string, string])[] {
  const fields: (readonly [string, string])[] = [[':status', random.chance(90) ? '200' : random.pick(['100', '103', '404', '503', '101', 'x'])]]
  if (!random.chance(5)) fields.push(['content-type', random.pick(['application/grpc', 'application/grpc+proto', 'application/grpc', 'text/html'])])
  if (random.chance(20)) fields.push(['grpc-encoding', random.pick(['gzip', 'identity', 'snappy'])])
  if (random.chance(10))
    fields.push(['grpc-status', random.pick(['0', '5', '99', 'x'])], ['grpc-message', random.pick(['', 'why', '%', '%E2%9C%93'])])
  if (random.chance(5)) fields.push(['content-length', String(random.below(300))])
  if (random.chance(3)) fields.push(['Upper', ''])
  if (random.chance(3)) fields.push(...Array.from({ length: 40 }, () => ['x', ''] as const))
  return fields
}

describe('a connection at its client, to which whatever is said', () => {
  it('throws nothing, ends, tells every caller of its end once, and keeps nothing', async function () {
    this.timeout(3_600_000)
    const ends = new Map<string, number>()
    const count = (what: string): void => void ends.set(what, (ends.get(what) ?? 0) + 1)
    await forSeeds(async (seed) => {
      const random = new Random(seed)
      const socket = new FakeSocket()
      const clock = new ManualClock()
      const calls = new Calls(clock, random)
      const connection = new ClientConnection(socket, clock, limits, calls)
      calls.connection = connection
      connection.onEvent = ({ name, code }) => count(`${name} ${code}`)
      connection.begin()
      const played = { connection, socket, clock, random, pieces: new Speech(random, heads).pieces(false), act: () => calls.act() }
      await play(played)
      // Those that were complete, and whose reader had paused, end when it has read.
      for (const { call } of calls.callers) while (call?.over === false) call.resume()
      // Who has no connection is told in a turn of its own.
      await turn()
      assert.equal(calls.open.size, 0)
      assert.equal(calls.told, calls.callers.length)
      assert.equal(calls.closed.length, 1)
      for (const caller of calls.callers) {
        assert.equal(caller.ends.length, 1)
        count(caller.ends[0]?.code ?? '')
      }
      calls.deadlines.close()
      assertOver(played)
      assertFrames(socket, true)
    })
    if (process.env['FEATHERMQ_CASE'] !== undefined) return
    for (const code of ['PROTOCOL_ERROR', 'FRAME_SIZE_ERROR', 'COMPRESSION_ERROR', 'STREAM_CLOSED', 'ENHANCE_YOUR_CALM'] as const) {
      assert.ok((ends.get(`connection-refused ${code}`) ?? 0) > 10, `${code}: ${JSON.stringify([...ends])}`)
    }
    for (const code of ['OK', 'UNAVAILABLE', 'INTERNAL', 'UNKNOWN', 'CANCELLED', 'DEADLINE_EXCEEDED'] as const) {
      assert.ok((ends.get(code) ?? 0) > 10, `${code}: ${JSON.stringify([...ends])}`)
    }
  })
})
