import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RawClient, type RawMessage } from '@feathermq/broker/testing'
import {
  decodeAckMessageResponse,
  decodeSendMessageResponse,
  encodeAckMessageRequest,
  encodeSendMessageRequest,
  messagingService,
  timestampFromMs,
} from '@feathermq/protocol'
import { type Channel, http2Transport } from '@feathermq/transport'
import { type Child, describeEnd, message, start } from '../support/child.ts'

export type Order = 'cpu' | 'memory'
export interface Answer {
  /** User and system time of all threads since the start, µs. */
  readonly cpu?: number
  /** Heap and what hangs on it outside, after a collection, bytes. */
  readonly memory?: number
  /** Pages in RAM, bytes. */
  readonly resident?: number
}

export interface Opening {
  readonly time: number
  readonly cpu: number
}

/** What an experiment is about does not depend on how long a run takes; a broker that is forgotten ends some time. */
const LIFE = 4 * 3_600_000
/** Messages of one call. */
export const BATCH = 32
const transport = http2Transport()

/** A broker whose process comes and goes, on a data directory that stays, and clients of the bare protocol, so that nothing but the broker is measured. */
export class ScalingWorld {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'feathermq-scaling-'))
  readonly #channels: Channel[] = []
  #broker: Child | undefined
  #endpoints = ''
  #clients = 0
  #sent = 0

  /** @returns what it took from the first look at the data directory to the moment at which the broker listened, in a process that had just begun; ms. */
  async start(): Promise<Opening> {
    const program = fileURLToPath(new URL('scaling-broker.ts', import.meta.url))
    this.#broker = start(process.execPath, ['--import', 'tsx', program, this.#folder], { ipc: true, timeout: LIFE })
    const { endpoints, opening } = (await message(this.#broker)) as { readonly endpoints: string; readonly opening: Opening }
    this.#endpoints = endpoints
    return opening
  }

  async stop(): Promise<void> {
    const broker = this.#running()
    this.#hangUp()
    broker.process.send('stop')
    const end = await broker.ended
    if (end.code !== 0 || end.stderr !== '') throw new Error(`The broker ${describeEnd(end)}.\n${end.stderr}`)
  }

  async kill(): Promise<void> {
    this.#hangUp()
    this.#broker?.kill('SIGKILL')
    await this.#broker?.ended
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** CPU time of the broker, µs. */
  async cpu(): Promise<number> {
    return (await this.#ask('cpu')).cpu ?? Number.NaN
  }

  async memory(): Promise<{ readonly memory: number; readonly resident: number }> {
    const { memory = Number.NaN, resident = Number.NaN } = await this.#ask('memory')
    return { memory, resident }
  }

  client(): RawClient {
    const channel = transport.createChannel({ address: this.#endpoints })
    this.#channels.push(channel)
    this.#clients += 1
    return new RawClient(channel, `scaling-${this.#clients}`)
  }

  /** Sends a batch in one call. `deliverAt`: ms since the epoch. @throws an Error unless all is stored. */
  async send(client: RawClient, topic: string, count: number, body: Uint8Array, deliverAt?: number): Promise<void> {
    const delayed = deliverAt === undefined ? {} : { messageType: 'DELAY' as const, deliveryTimestamp: timestampFromMs(deliverAt) }
    const messages = Array.from({ length: count }, () => {
      this.#sent += 1
      return { topic: { name: topic }, body, systemProperties: { messageId: `scaling-${this.#sent}`, ...delayed } }
    })
    const response = await client.call(messagingService.sendMessage, encodeSendMessageRequest({ messages }), decodeSendMessageResponse)
    if (response.status?.code !== 'OK') throw new Error(`a send to ${topic} was answered ${response.status?.code}: ${response.status?.message}`)
  }

  /** @throws an Error unless all are settled. */
  async acknowledge(client: RawClient, topic: string, group: string, messages: readonly RawMessage[]): Promise<void> {
    const entries = messages.map(({ messageId, receiptHandle }) => ({ messageId, receiptHandle }))
    const request = encodeAckMessageRequest({ topic: { name: topic }, group: { name: group }, entries })
    const response = await client.call(messagingService.ackMessage, request, decodeAckMessageResponse)
    if (response.status?.code !== 'OK') throw new Error(`acknowledgements were answered ${response.status?.code}: ${response.status?.message}`)
  }

  #hangUp(): void {
    for (const channel of this.#channels.splice(0)) channel.close()
  }

  async #ask(order: Order): Promise<Answer> {
    const broker = this.#running()
    const told = message(broker)
    broker.process.send(order)
    return (await told) as Answer
  }

  #running(): Child {
    if (this.#broker === undefined) throw new Error('no broker was started')
    return this.#broker
  }
}

/** Calls `step` with 0 to `count` - 1, so many at a time. */
export async function inParallel(count: number, atOnce: number, step: (n: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) {
        next += 1
        await step(next - 1)
      }
    }),
  )
}
