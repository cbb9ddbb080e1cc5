import { type MessageType, messageTypeName } from '@feathermq/protocol'
import type { StoredMessage } from '../message-log.ts'
import { RECORD_FIELD as AT, bytesOf, type Chunk, digestOf, RECORD_FLAG as FLAG, headLength, keptAsOf, stringsLength } from './record.ts'

/**
 * A message as it lies in a record: strings are made when they are asked for, most never are. It holds on to the memory that it was read from, some
 * hundred KiB: for a moment, not for keeping. That memory is used again when all that was read from it was given back by {@link release}; what was not
 * given back is left to the collector.
 */
export class StoredRecord implements StoredMessage {
  readonly bytes: Uint8Array
  readonly #chunk: Chunk
  readonly #at: number
  #topic: string | undefined
  #messageId: string | undefined
  #tag: string | undefined
  #released = false

  /** @param bytes the message's bytes, when they do not follow in the chunk. */
  constructor(chunk: Chunk, at: number, bytes?: Uint8Array) {
    this.#chunk = chunk
    this.#at = at
    chunk.lent += 1
    if (bytes === undefined) {
      const start = at + headLength(chunk.view, at) + stringsLength(chunk.view, at)
      this.bytes = bytesOf(chunk.bytes, start, start + chunk.view.getUint32(at + AT.bytesLength, true))
    } else {
      this.bytes = bytes
    }
  }

  /** Neither it nor its bytes are looked at any more. */
  release(): void {
    if (this.#released) return
    this.#released = true
    this.#chunk.lent -= 1
  }

  /** The same for somebody else, who gives it back for himself. */
  again(): StoredRecord {
    return new StoredRecord(this.#chunk, this.#at, this.bytes)
  }

  get topicId(): number {
    return this.#u32(AT.topicId)
  }

  get queueId(): number {
    return this.#u16(AT.queueId)
  }

  get offset(): number {
    return this.#u32(AT.offset) + this.#u16(AT.offset + 4) * 2 ** 32
  }

  get relocated(): boolean {
    return this.#has(FLAG.relocated)
  }

  get topic(): string {
    this.#topic ??= this.#text(headLength(this.#chunk.view, this.#at), this.#u16(AT.topicLength))
    return this.#topic
  }

  get messageId(): string {
    this.#messageId ??= this.#text(this.#messageIdAt(), this.#u32(AT.messageIdLength))
    return this.#messageId
  }

  get tag(): string | undefined {
    if (!this.#has(FLAG.tag)) return undefined
    this.#tag ??= this.#text(this.#tagAt(), this.#u16(AT.tagLength))
    return this.#tag
  }

  get messageGroup(): string | undefined {
    return this.#has(FLAG.messageGroup) ? this.#text(this.#messageGroupAt(), this.#u16(AT.messageGroupLength)) : undefined
  }

  get bornHost(): string {
    return this.#text(this.#bornHostAt(), this.#u16(AT.bornHostLength))
  }

  get deadLetter(): { readonly topic: string; readonly messageId: string } | undefined {
    if (!this.#has(FLAG.deadLetter)) return undefined
    const at = this.#bornHostAt() + this.#u16(AT.bornHostLength)
    const length = this.#u16(AT.originTopicLength)
    return { topic: this.#text(at, length), messageId: this.#text(at + length, this.#u32(AT.originIdLength)) }
  }

  get type(): MessageType {
    // Written by messageTypeNumber of this version or an older one, whose names this one has.
    return messageTypeName(this.#chunk.bytes[this.#at + AT.type] ?? 0) as MessageType
  }

  get digest(): string {
    return digestOf(this.#chunk, this.#at)
  }

  get storedAt(): number {
    return this.#chunk.view.getFloat64(this.#at + AT.storedAt, true)
  }

  get deliverAt(): number | undefined {
    return this.#has(FLAG.deliverAt) ? this.#chunk.view.getFloat64(this.#at + AT.deliverAt, true) : undefined
  }

  get keptAs(): string | undefined {
    return keptAsOf(this.#chunk, this.#at)
  }

  get systemPropertiesStart(): number {
    return this.#u32(AT.systemPropertiesStart)
  }

  get systemPropertiesEnd(): number {
    return this.#u32(AT.systemPropertiesEnd)
  }

  get bodyStart(): number {
    return this.#u32(AT.bodyStart)
  }

  get bodyEnd(): number {
    return this.#u32(AT.bodyEnd)
  }

  #messageIdAt(): number {
    return headLength(this.#chunk.view, this.#at) + this.#u16(AT.topicLength)
  }

  #tagAt(): number {
    return this.#messageIdAt() + this.#u32(AT.messageIdLength)
  }

  #messageGroupAt(): number {
    return this.#tagAt() + this.#u16(AT.tagLength)
  }

  #bornHostAt(): number {
    return this.#messageGroupAt() + this.#u16(AT.messageGroupLength)
  }

  #u16(field: number): number {
    return this.#chunk.view.getUint16(this.#at + field, true)
  }

  #u32(field: number): number {
    return this.#chunk.view.getUint32(this.#at + field, true)
  }

  #has(flag: number): boolean {
    return ((this.#chunk.bytes[this.#at + AT.flags] ?? 0) & flag) !== 0
  }

  #text(start: number, length: number): string {
    const from = this.#at + start
    return this.#chunk.bytes.toString('utf8', from, from + length)
  }
}
