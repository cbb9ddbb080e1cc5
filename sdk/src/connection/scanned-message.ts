import { checkDigest, decodeReceiveMessageResponse, digestTypeName, encodingName, isDigestAt } from '@feathermq/protocol/client'
import type { ReceivedFields, WireIds } from '../message/received.ts'
import { type MessageScan, scanMessage } from './message-scan.ts'
import { receivedFields } from './received-message.ts'

/** Memory of several messages. */
const SLAB = 16 * 1_024
/** A larger message has memory of its own. */
const MOST_SHARED = 4 * 1_024

/** What messages are kept in, with what each of them would have to make of it otherwise. */
interface Memory {
  readonly bytes: Buffer
  readonly buffer: ArrayBuffer
  readonly view: DataView
}

function memoryOf(size: number): Memory {
  // Not of Node's pool: it begins at 0.
  const bytes = Buffer.allocUnsafeSlow(size)
  const buffer = bytes.buffer as ArrayBuffer
  return { bytes, buffer, view: new DataView(buffer) }
}

let slab = memoryOf(SLAB)
let used = 0

/**
 * Copies the bytes of a ReceiveMessageResponse and looks through them. undefined: it is no usual one with a message that can be settled, and has to be
 * decoded.
 *
 * @param bytes borrowed
 * @param topic its topic where the message itself names none
 * @throws {WireError} when the bytes are no ReceiveMessageResponse.
 */
export function scannedMessage(bytes: Uint8Array, topic: string): ScannedMessage | undefined {
  const { length } = bytes
  const shares = length <= MOST_SHARED
  if (shares && used + length > SLAB) {
    slab = memoryOf(SLAB)
    used = 0
  }
  const memory = shares ? slab : memoryOf(length)
  const start = shares ? used : 0
  const end = start + length
  memory.bytes.set(bytes, start)
  const scan = scanMessage(memory.bytes, memory.view, start, end)
  // What is written there is of no use: the next message takes the place.
  if (scan === undefined || scan.handleEnd === scan.handleStart) return undefined
  if (shares) used = end
  return new ScannedMessage(memory, start, end, scan, topic)
}

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
  readonly idStart: number
  readonly idEnd: number
  readonly handleStart: number
  readonly handleEnd: number
  readonly #memory: Memory
  readonly #start: number
  readonly #grouped: boolean
  #messageId: string | undefined
  #receiptHandle: string | undefined
  #rest: ReceivedFields | undefined

  /** @internal {@link scannedMessage} */
  constructor(memory: Memory, start: number, end: number, scan: MessageScan, topic: string) {
    const { bytes } = memory
    this.#memory = memory
    this.#start = start
    this.bytes = end - start
    this.topic = topicOf(bytes, scan, topic)
    this.attempt = Math.max(1, scan.attempt)
    this.invisible = scan.invisible
    this.encoding = encodingName(scan.encoding) === 'GZIP' ? 'compressed' : 'identity'
    this.idStart = scan.idStart
    this.idEnd = scan.idEnd
    this.handleStart = scan.handleStart
    this.handleEnd = scan.handleEnd
    this.#grouped = scan.groupEnd > scan.groupStart
    this.body = new Uint8Array(memory.buffer, scan.bodyStart, scan.bodyEnd - scan.bodyStart)
    this.intact = scan.checksumEnd === scan.checksumStart || isIntact(this.body, bytes, scan)
  }

  get view(): DataView {
    return this.#memory.view
  }

  get wire(): WireIds {
    return this
  }

  get messageId(): string {
    this.#messageId ??= this.#memory.bytes.toString('latin1', this.idStart, this.idEnd)
    return this.#messageId
  }

  get receiptHandle(): string {
    this.#receiptHandle ??= this.#memory.bytes.toString('latin1', this.handleStart, this.handleEnd)
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
      const { content } = decodeReceiveMessageResponse(this.#memory.bytes.subarray(this.#start, this.#start + this.bytes))
      if (content?.case !== 'message') throw new TypeError('a scanned message is no message')
      this.#rest = receivedFields(content.value, this.topic, this.bytes, this.intact)
    }
    return this.#rest
  }
}

/** Nearly always the topic that was asked for, so that its text is there. */
function topicOf(bytes: Buffer, { topicStart, topicEnd }: MessageScan, asked: string): string {
  const length = topicEnd - topicStart
  if (length === 0) return asked
  if (length === asked.length) {
    let at = 0
    while (at < length && asked.charCodeAt(at) === bytes[topicStart + at]) at += 1
    if (at === length) return asked
  }
  return bytes.toString('latin1', topicStart, topicEnd)
}

/** As {@link checkDigest}, without a text of what the message says. */
function isIntact(body: Uint8Array, bytes: Buffer, { digestType, checksumStart, checksumEnd }: MessageScan): boolean {
  const type = digestTypeName(digestType)
  if (type === 'MD5' || type === 'SHA1') return isDigestAt(bytes, checksumStart, checksumEnd, type, body)
  return checkDigest(body, { type, checksum: bytes.toString('latin1', checksumStart, checksumEnd) }) !== 'damaged'
}
