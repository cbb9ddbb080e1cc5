import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import type { Method, MethodHandler, ServerCall } from '../../contract.ts'
import { Deadlines } from '../../grpc/deadlines.ts'
import { FieldList } from '../../grpc/field-list.ts'
import { encodingOf } from '../../grpc/message-reader.ts'
import { refuseHttp } from '../../grpc/plain-http.ts'
import { type CallRegistry, Http2ServerCall } from '../../grpc/server-call.ts'
import { parseGrpcTimeout } from '../../timeout.ts'
import type { RequestHead } from '../field-rules.ts'
import { defaultBudgets } from '../flood-guard.ts'
import { ServerConnection, type ServerConnectionHandler, type ServerConnectionLimits } from '../server-connection.ts'
import type { Fields, Stream, StreamHandler } from '../stream.ts'
import { FakeSocket } from '../test-kit/fake-socket.ts'
import { requestFields } from '../test-kit/frames.ts'
import { ManualClock } from '../test-kit/manual-clock.ts'
import { Random } from '../test-kit/random.ts'
import { assertFrames, assertOver, forSeeds, play } from './test-kit/case.ts'
import { Speech } from './test-kit/speech.ts'

const limits: ServerConnectionLimits = {
  streamWindow: 20_000,
  connectionWindow: 100_000,
  unreservedBytes: 60_000,
  reservedBytes: 40_000,
  maxConcurrentStreams: 5,
  maxOpenBlockBytes: 2_000,
  maxHeaderListBytes: 4_000,
  maxHeaderFields: 30,
  maxWaitingBytes: 100_000,
  maxQueuedBytes: 500_000,
  patience: 20_000,
  readPatience: 60_000,
  budgets: { ...defaultBudgets, reset: { burst: 20, perSecond: 1 }, fault: { burst: 10, perSecond: 1 } },
}

const kinds = ['unary', 'bidi', 'server-stream', 'client-stream'] as const
const peer = { address: 'somewhere:1', encrypted: false, connection: 'somewhere:1#1' }

/** The calls of one connection, and handlers that do whatever comes to their mind. */
class Calls implements CallRegistry, ServerConnectionHandler, MethodHandler<unknown> {
  readonly onError = (error: unknown): never => assert.fail(String(error))
  readonly maxReceiveMessageBytes = 50_000
  readonly deadlines: Deadlines
  readonly open = new Set<Http2ServerCall>()
  readonly closed: string[] = []
  readonly #random: Random
  /** Calls whose handler has neither ended them nor heard of their end. */
  readonly pending = new Set<ServerCall<unknown>>()

  constructor(clock: ManualClock, random: Random) {
    this.deadlines = new Deadlines(clock)
    this.#random = random
  }

  add(call: Http2ServerCall): void {
    this.open.add(call)
  }

  delete(call: Http2ServerCall): void {
    this.open.delete(call)
  }

  onRequest(_connection: ServerConnection, stream: Stream, head: RequestHead, fields: Fields): StreamHandler {
    const kept = new FieldList(fields, head.firstField)
    const refusal = refuseHttp(head, kept)
    if (refusal !== undefined) return refusal(stream)
    const method: Method = { path: head.path, kind: kinds.find((kind) => head.path.endsWith(kind)) ?? 'bidi' }
    const remaining = parseGrpcTimeout(kept.get('grpc-timeout') ?? '')
    const call = new Http2ServerCall(
      stream,
      { method, handler: this },
      { headers: kept, peer, remaining },
      encodingOf(kept.get('grpc-encoding')),
      this,
    )
    call.arrived()
    return call
  }

  onOversized(stream: Stream): StreamHandler {
    stream.end(undefined, true)
    return { onHeaders() {}, onData() {}, onEnd() {}, onReset() {}, onDrain() {} }
  }

  onClosed(_connection: ServerConnection, reason: string): void {
    this.closed.push(reason)
  }

  onIdle(): void {}

  onStart(call: ServerCall<unknown>): void {
    this.pending.add(call)
    this.#do(call)
  }

  onMessage(call: ServerCall<unknown>, message: Uint8Array): void {
    assert.ok(message.length <= this.maxReceiveMessageBytes)
    assert.ok(this.pending.has(call), 'a message after the end')
    this.#do(call)
  }

  onHalfClose(call: ServerCall<unknown>): void {
    this.#do(call)
  }

  onCancel(call: ServerCall<unknown>): void {
    assert.ok(this.pending.delete(call), 'cancelled twice, or after its end')
  }

  onDrain(call: ServerCall<unknown>): void {
    this.#do(call)
  }

  act(): void {
    for (const call of this.pending) this.#do(call)
  }

  #do(call: ServerCall<unknown>): void {
    const random = this.#random
    switch (random.below(8)) {
      case 0:
        if (!call.cancelled) call.send(Buffer.alloc(random.pick([0, 10, 10_000, 100_000])))
        break
      case 1:
        this.pending.delete(call)
        call.end()
        break
      case 2:
        this.pending.delete(call)
        call.end({ code: 'NOT_FOUND', message: 'no ✓' })
        break
      case 3:
        call.pause()
        break
      case 4:
      case 5:
        call.resume()
        break
      default:
    }
  }
}

function heads(random: Random): readonly (readonly [string, string])[] {
  const fields = [...requestFields(`/fuzz/${random.pick(kinds)}`)]
  if (random.chance(20)) fields.push(['grpc-timeout', random.pick(['0m', '5m', '1S', '1H', 'x'])])
  if (random.chance(20)) fields.push(['grpc-encoding', random.pick(['gzip', 'identity', 'snappy'])])
  if (random.chance(5)) fields.push(['content-length', String(random.below(300))])
  if (random.chance(3)) fields.push(['Upper', ''])
  if (random.chance(3)) fields.push(...Array.from({ length: 40 }, () => ['x', ''] as const))
  if (random.chance(3)) fields.splice(random.below(fields.length), 1)
  if (random.chance(2)) fields.unshift(['x', 'y'])
  return fields
}

describe('a connection at its server, to which whatever is said', () => {
  it('throws nothing, ends, tells every call of its end once, and keeps nothing', async function () {
    this.timeout(3_600_000)
    const ends = new Map<string, number>()
    await forSeeds(async (seed) => {
      const random = new Random(seed)
      const socket = new FakeSocket()
      const clock = new ManualClock()
      const calls = new Calls(clock, random)
      const connection = new ServerConnection(socket, clock, limits, calls)
      connection.onEvent = ({ name, code }) => void ends.set(`${name} ${code}`, (ends.get(`${name} ${code}`) ?? 0) + 1)
      connection.begin()
      const played = { connection, socket, clock, random, pieces: new Speech(random, heads).pieces(true), act: () => calls.act() }
      await play(played)
      assert.equal(calls.open.size, 0)
      assert.equal(calls.pending.size, 0)
      assert.equal(calls.closed.length, 1)
      calls.deadlines.close()
      assertOver(played)
      assertFrames(socket, false)
    })
    if (process.env['FEATHERMQ_CASE'] !== undefined) return
    // The speeches get far enough to be refused for every reason there is.
    for (const code of [
      'PROTOCOL_ERROR',
      'FLOW_CONTROL_ERROR',
      'FRAME_SIZE_ERROR',
      'COMPRESSION_ERROR',
      'STREAM_CLOSED',
      'ENHANCE_YOUR_CALM',
    ] as const) {
      assert.ok((ends.get(`connection-refused ${code}`) ?? 0) > 10, `${code}: ${JSON.stringify([...ends])}`)
    }
    assert.ok((ends.get('stream-refused PROTOCOL_ERROR') ?? 0) > 100)
  })
})
