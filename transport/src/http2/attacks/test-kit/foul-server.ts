import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Channel, ChannelOptions, RpcStatus } from '../../../contract.ts'
import { http2Transport } from '../../../grpc/transport.ts'
import { Caller } from '../../../testing/conformance/harness.ts'
import { callUnary, unary } from '../../../unary.ts'
import { FrameReader } from '../../frame-reader.ts'
import { errorName, frameType, LARGEST_MAX_FRAME, PREFACE } from '../../protocol.ts'
import { type Frame, settingsAck, settingsFrame } from '../../test-kit/frames.ts'
import { echoMethod, turns, waitMethod } from './stage.ts'

/** A connection of a client of ours to a server that plays foul. */
export class Victim {
  readonly socket: Socket
  readonly frames: Frame[] = []
  closed = false
  readonly #ended: Promise<void>

  constructor(socket: Socket) {
    this.socket = socket
    const reader = new FrameReader(
      {
        onFrame: (type, flags, id, bytes, start, end) => {
          this.frames.push({ type, flags, id, payload: Buffer.from(bytes.subarray(start, end)) })
          return true
        },
      },
      LARGEST_MAX_FRAME,
    )
    let preface = PREFACE.length
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      const skip = Math.min(preface, chunk.length)
      preface -= skip
      reader.push(chunk.subarray(skip))
    })
    this.#ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.closed = true
        resolve()
      })
    })
  }

  say(...bytes: readonly Uint8Array[]): void {
    if (!this.closed && !this.socket.writableEnded) this.socket.write(Buffer.concat(bytes))
  }

  /** As a server begins. */
  greet(settings: readonly (readonly [id: number, value: number])[] = []): void {
    this.say(settingsFrame(settings), settingsAck())
  }

  async flood(bytes: (round: number) => Uint8Array, most: number): Promise<number> {
    let rounds = 0
    while (!this.closed && rounds < most) {
      const lot: Uint8Array[] = []
      for (let index = 0; index < 500 && rounds < most; index += 1, rounds += 1) lot.push(bytes(rounds))
      this.say(...lot)
      await turns(2)
    }
    return rounds
  }

  /** The code with which the client hangs up. */
  async end(): Promise<string> {
    await this.#ended
    const last = this.frames.findLast(({ type }) => type === frameType.goaway)
    return last === undefined ? 'reset' : errorName(last.payload.readUInt32BE(4))
  }

  /** Resolves once the client has made so many calls. */
  async calls(count: number): Promise<void> {
    while (this.frames.filter(({ type }) => type === frameType.headers).length < count) {
      assert.equal(this.closed, false, 'the client has hung up')
      await turns()
    }
  }

  get resets(): string[] {
    return this.frames.filter(({ type }) => type === frameType.rstStream).map(({ payload }) => errorName(payload.readUInt32BE(0)))
  }
}

export interface Scene {
  readonly victims: readonly Victim[]
  readonly channel: Channel
  /** Begins a call that only an answer ends. */
  call(): Caller
  statusOf(caller: Caller): Promise<RpcStatus>
  /** The next connection that the client makes. */
  victim(): Promise<Victim>
}

/**
 * A channel to a server that plays foul, and another one of the same process to an honest server, whose calls must all be answered. In the end the process
 * has neither a connection nor a call left.
 */
export async function atFoulServer(body: (scene: Scene) => Promise<void>, options: Partial<ChannelOptions> = {}): Promise<void> {
  const transport = http2Transport()
  const victims: Victim[] = []
  let taken = 0
  const foul = createServer((socket) => void victims.push(new Victim(socket)))
  foul.listen(0, '127.0.0.1')
  await once(foul, 'listening')
  const honest = transport.createServer()
  honest.handle(
    echoMethod,
    unary((request) => Uint8Array.from(request)),
  )
  const { port } = await honest.listen('127.0.0.1', 0)
  const other = transport.createChannel({ address: `127.0.0.1:${port}` })
  const channel = transport.createChannel({ address: `127.0.0.1:${(foul.address() as AddressInfo).port}`, ...options })
  let over = false
  const honestly = (async () => {
    for (let number = 0; !over; number += 1) {
      const answer = await callUnary(other, echoMethod, Buffer.from(String(number)), (bytes) => Buffer.from(bytes).toString(), { timeout: 15_000 })
      assert.equal(answer, String(number))
    }
  })()
  const scene: Scene = {
    victims,
    channel,
    call() {
      const caller = new Caller()
      caller.call = channel.start(waitMethod, caller, { timeout: 15_000 })
      return caller
    },
    statusOf: (caller) => caller.status(),
    async victim() {
      while (victims.length <= taken) await turns()
      taken += 1
      return victims[taken - 1] as Victim
    },
  }
  try {
    await Promise.race([body(scene), honestly])
    over = true
    await honestly
  } finally {
    over = true
    channel.close()
    other.close()
    for (const { socket } of victims) socket.destroy()
    foul.close()
    await honest.close()
  }
}
