import { checkDigest, decodeReceiveMessageResponse, digest, digestTypeName, encodingName } from '@feathermq/protocol/client'
import type { ReceivedFields, WireIds } from '../message/received.ts'
import type { MessageScan } from './message-scan.ts'
import { receivedFields } from './received-message.ts'

/** Memory of several messages. */
const SLAB = 16 * 1_024
/** A larger message has memory of its own. */
const MOST_SHARED = 4 * 1_024

let slab = Buffer.allocUnsafeSlow(SLAB)
let used = 0

/** Upper-case letter to lower-case letter. */
const LOWER = 0x20

/**
 * A message whose bytes were looked through and copied, and of which most is decoded only when somebody reads it. Handlers read its body and perhaps its
 * tag; a receipt handle goes back to the server as the bytes that it came in.
 */
export class ScannedMessage implements ReceivedFields, WireIds {
  readonly topic: string
  readonly attempt: number
  readonly invisible: number | undefined
  readonly encoding: 'identity' | 'compressed'
  readonly body: Uint8Array
  readonly intact: boolean
  readonly bytes: number
  readonly memory: Buffer
  readonly idStart: number
  readonly idEnd: number
  readonly handleStart: number
  readonly handleEnd: number
  readonly #start: number
  readonly #grouped: boolean
  #messageId: string | undefined
  #receiptHandle: string | undefined
  #rest: ReceivedFields | undefined

  /**
   * @param bytes what was scanned; copied
   * @param topic its topic where the message itself names none
   */
  constructor(bytes: Uint8Array, scan: MessageScan, topic: string) {
    const { length } = bytes
    if (length > MOST_SHARED) {
      this.memory = Buffer.allocUnsafeSlow(length)
      this.#start = 0
    } else {
      if (used + length > SLAB) {
        slab = Buffer.allocUnsafeSlow(SLAB)
        used = 0
      }
      this.memory = slab
      this.#start = used
      used += length
    }
    const start = this.#start
    const { memory } = this
    memory.set(bytes, start)
    this.bytes = length
    this.topic = topicOf(bytes, scan, topic)
    this.attempt = Math.max(1, scan.attempt)
    this.invisible = scan.invisible
    this.encoding = encodingName(scan.encoding) === 'GZIP' ? 'compressed' : 'identity'
    this.idStart = start + scan.idStart
    this.idEnd = start + scan.idEnd
    this.handleStart = start + scan.handleStart
    this.handleEnd = start + scan.handleEnd
    this.#grouped = scan.groupEnd > scan.groupStart
    this.body = new Uint8Array(memory.buffer, memory.byteOffset + start + scan.bodyStart, scan.bodyEnd - scan.bodyStart)
    this.intact = scan.checksumEnd === scan.checksumStart || isIntact(this.body, bytes, scan)
  }

  get wire(): WireIds {
    return this
  }

  get messageId(): string {
    this.#messageId ??= this.memory.toString('latin1', this.idStart, this.idEnd)
    return this.#messageId
  }

  get receiptHandle(): string {
    this.#receiptHandle ??= this.memory.toString('latin1', this.handleStart, this.handleEnd)
    return this.#receiptHandle
  }

  get messageGroup(): string | undefined {
    return this.#grouped ? this.#decoded().messageGroup : undefined
  }

  get tag(): string | undefined {
    return this.#decoded().tag
  }

  get keys(): readonly string[] {
    return this.#decoded().keys
  }

  get properties(): ReadonlyMap<string, string> {
    return this.#decoded().properties
  }

  get bornAt(): number | undefined {
    return this.#decoded().bornAt
  }

  get bornHost(): string {
    return this.#decoded().bornHost
  }

  get storedAt(): number | undefined {
    return this.#decoded().storedAt
  }

  get deliveryAt(): number | undefined {
    return this.#decoded().deliveryAt
  }

  get queueId(): number {
    return this.#decoded().queueId
  }

  get offset(): bigint {
    return this.#decoded().offset
  }

  get traceContext(): string | undefined {
    return this.#decoded().traceContext
  }

  get origin(): ReceivedFields['origin'] {
    return this.#decoded().origin
  }

  get kind(): string {
    return this.#decoded().kind
  }

  #decoded(): ReceivedFields {
    if (this.#rest === undefined) {
      const { content } = decodeReceiveMessageResponse(this.memory.subarray(this.#start, this.#start + this.bytes))
      if (content?.case !== 'message') throw new TypeError('a scanned message is no message')
      this.#rest = receivedFields(content.value, this.topic, this.bytes, this.intact)
    }
    return this.#rest
  }
}

/** Nearly always the topic that was asked for, so that its text is there. */
function topicOf(bytes: Uint8Array, { topicStart, topicEnd }: MessageScan, asked: string): string {
  const length = topicEnd - topicStart
  if (length === 0) return asked
  if (length === asked.length) {
    let at = 0
    while (at < length && asked.charCodeAt(at) === bytes[topicStart + at]) at += 1
    if (at === length) return asked
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset + topicStart, length).toString('latin1')
}

/** As {@link checkDigest}, without a text of what the message says. */
function isIntact(body: Uint8Array, bytes: Uint8Array, { digestType, checksumStart, checksumEnd }: MessageScan): boolean {
  const type = digestTypeName(digestType)
  if (type !== 'MD5' && type !== 'SHA1') {
    const checksum = Buffer.from(bytes.buffer, bytes.byteOffset + checksumStart, checksumEnd - checksumStart).toString('latin1')
    return checkDigest(body, { type, checksum }) !== 'damaged'
  }
  const actual = digest(type, body)
  if (actual.length !== checksumEnd - checksumStart) return false
  for (let at = 0; at < actual.length; at += 1) {
    const code = bytes[checksumStart + at] as number
    const digit = actual.charCodeAt(at)
    // Clients write either case.
    if (code !== digit && (digit < 0x41 || code !== (digit | LOWER))) return false
  }
  return true
}
