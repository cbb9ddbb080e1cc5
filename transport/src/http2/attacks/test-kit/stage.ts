import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { ConnectionEvent, Method, MethodHandler, ServerOptions } from '../../../contract.ts'
import { type Held, Http2Server } from '../../../grpc/server.ts'
import { http2Transport } from '../../../grpc/transport.ts'
import { callUnary, unary } from '../../../unary.ts'
import { FrameReader } from '../../frame-reader.ts'
import { errorName, frameType, LARGEST_MAX_FRAME } from '../../protocol.ts'
import { type Frame, greeting, requestFields, settingsAck } from '../../test-kit/frames.ts'
import { ManualClock } from '../../test-kit/manual-clock.ts'

export const echoMethod: Method = { path: '/attacks.Service/Echo', kind: 'unary' }
/** Answers with as many bytes as the four of the request say. */
export const fillMethod: Method = { path: '/attacks.Service/Fill', kind: 'unary' }
/** As {@link echoMethod}, but later. */
export const laterMethod: Method = { path: '/attacks.Service/Later', kind: 'unary' }
/** Never ends. */
export const waitMethod: Method = { path: '/attacks.Service/Wait', kind: 'bidi' }

export const echoFields = requestFields(echoMethod.path)
export const laterFields = requestFields(laterMethod.path)
export const fillFields = requestFields(fillMethod.path)
export const waitFields = requestFields(waitMethod.path)

export const turns = async (count = 1): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate)
}

/** Whoever plays foul: a socket that says what it is told to, and writes down the answer. */
export class Attacker {
  readonly socket: Socket
  readonly frames: Frame[] = []
  /** What the server has given, of streams by their id, of the connection by 0. */
  readonly #given = new Map<number, number>()
  closed = false
  readonly #ended: Promise<void>

  constructor(socket: Socket) {
    this.socket = socket
    const reader = new FrameReader(
      {
        onFrame: (type, flags, id, bytes, start, end) => {
          this.frames.push({ type, flags, id, payload: Buffer.from(bytes.subarray(start, end)) })
          if (type === frameType.windowUpdate) this.#given.set(id, this.given(id) + bytes.readUInt32BE(start))
          return true
        },
      },
      LARGEST_MAX_FRAME,
    )
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => reader.push(chunk))
    this.#ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.closed = true
        resolve()
      })
    })
  }

  /** Increments of the window, all together. */
  given(id: number): number {
    return this.#given.get(id) ?? 0
  }

  say(...bytes: readonly Uint8Array[]): void {
    if (!this.closed && !this.socket.writableEnded) this.socket.write(Buffer.concat(bytes))
  }

  /** Says lots of it until the server has had enough; answers how often at most. */
  async flood(bytes: (round: number) => Uint8Array, most: number, during: () => void = () => {}): Promise<number> {
    const atOnce = 500
    let rounds = 0
    while (!this.closed && rounds < most) {
      const lot: Uint8Array[] = []
      for (let index = 0; index < atOnce && rounds < most; index += 1, rounds += 1) lot.push(bytes(rounds))
      this.say(...lot)
      await turns(2)
      during()
    }
    return rounds
  }

  /** The code of the GOAWAY with which the server hangs up; `reset` when it says nothing. */
  async end(): Promise<string> {
    await this.#ended
    return this.goaway ?? 'reset'
  }

  get goaway(): string | undefined {
    const last = this.frames.findLast(({ type }) => type === frameType.goaway)
    return last === undefined ? undefined : errorName(last.payload.readUInt32BE(4))
  }

  /** Codes by which streams were reset. */
  get resets(): string[] {
    return this.frames.filter(({ type }) => type === frameType.rstStream).map(({ payload }) => errorName(payload.readUInt32BE(0)))
  }

  /** Resolves with the first frame that is like that. */
  async find(wanted: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(wanted)
      if (found !== undefined) return found
      if (this.closed) assert.fail(`the connection ended with ${this.goaway}`)
      await turns()
    }
  }

  close(): void {
    this.socket.destroy()
  }
}

/** A server that is under attack, and somebody honest at it. */
export class Stage {
  readonly server: Http2Server
  readonly clock: ManualClock
  readonly events: ConnectionEvent[] = []
  readonly errors: unknown[] = []
  /** Calls of {@link laterMethod}. */
  later = 0
  #port = 0
  readonly #attackers: Attacker[] = []

  constructor(options: ServerOptions, wait: MethodHandler<unknown>) {
    this.clock = new ManualClock()
    this.server = new Http2Server(
      { onConnectionEvent: (event) => void this.events.push(event), onError: (error) => void this.errors.push(error), ...options },
      this.clock,
    )
    this.server.handle(
      echoMethod,
      unary((request) => Uint8Array.from(request)),
    )
    this.server.handle(
      laterMethod,
      unary(async (request) => {
        this.later += 1
        const answer = Uint8Array.from(request)
        await turns(20)
        return answer
      }),
    )
    this.server.handle(
      fillMethod,
      unary((request) => new Uint8Array(Buffer.from(request).readUInt32BE())),
    )
    this.server.handle(waitMethod, wait)
  }

  get port(): number {
    return this.#port
  }

  async listen(): Promise<void> {
    this.#port = (await this.server.listen('127.0.0.1', 0)).port
  }

  async connect(): Promise<Attacker> {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true })
    const attacker = new Attacker(socket)
    this.#attackers.push(attacker)
    await Promise.race([once(socket, 'connect'), attacker.end()])
    return attacker
  }

  /** One who begins like a client. */
  async attacker(settings: readonly (readonly [id: number, value: number])[] = []): Promise<Attacker> {
    const attacker = await this.connect()
    attacker.say(greeting(settings), settingsAck())
    await attacker.find(({ type }) => type === frameType.settings)
    return attacker
  }

  get held(): Held {
    return this.server.held()
  }

  /** Codes of the connections that were refused. */
  get refused(): string[] {
    return this.events.filter(({ name }) => name === 'connection-refused').map(({ code }) => code)
  }

  /** Waits until the server has nothing left but what the honest one has. */
  async calm(): Promise<void> {
    for (;;) {
      const { connections, keptBytes, waitingBytes } = this.held
      if (connections <= 1 && keptBytes === 0 && waitingBytes === 0) return
      await turns()
    }
  }

  async close(): Promise<void> {
    for (const attacker of this.#attackers) attacker.close()
    const closed = this.server.close()
    for (let turn = 0; turn < 10; turn += 1) {
      await turns()
      this.clock.advance(1_000)
    }
    await closed
  }
}

export interface StageOptions {
  readonly server?: ServerOptions
  readonly wait?: MethodHandler<unknown>
}

/**
 * Lets `body` attack, while somebody honest at a connection of its own calls on and on. None of its calls may fail, the server may not report an error,
 * and in the end nothing may be left of the attack.
 */
export async function underAttack(
  body: (stage: Stage) => Promise<void>,
  { server = {}, wait = { onMessage() {} } }: StageOptions = {},
): Promise<void> {
  const stage = new Stage(server, wait)
  await stage.listen()
  const channel = http2Transport().createChannel({ address: `127.0.0.1:${stage.port}` })
  const call = async (number: number): Promise<void> => {
    const answer = await callUnary(channel, echoMethod, Buffer.from(`honest ${number}`), (bytes) => Buffer.from(bytes).toString(), {
      timeout: 15_000,
    })
    assert.equal(answer, `honest ${number}`)
  }
  let over = false
  const states: string[] = []
  await call(0)
  channel.onState((state) => states.push(state))
  const honest = (async () => {
    let calls = 0
    while (!over) {
      calls += 1
      await call(calls)
    }
    return calls
  })()
  try {
    await Promise.race([body(stage), honest])
    over = true
    assert.ok((await honest) > 0)
    await stage.calm()
    assert.deepEqual(states, [], 'the honest connection was lost')
    assert.deepEqual(stage.errors, [])
    assert.ok(stage.held.streams <= 1)
  } finally {
    over = true
    await honest.catch(() => {})
    channel.close()
    await stage.close()
  }
}
