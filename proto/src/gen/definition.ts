// Generated from rocketmq/v2/definition.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'
import { shared } from '../wire/writer.ts'
import type { AddressScheme, ClientType, Code, DigestType, Encoding, FilterType, Language, MessageType, OffsetOptionPolicy, Permission } from './enums.ts'
import { addressSchemeName, addressSchemeNumber, clientTypeName, clientTypeNumber, codeName, codeNumber, digestTypeName, digestTypeNumber, encodingName, encodingNumber, filterTypeName, filterTypeNumber, languageName, languageNumber, messageTypeName, messageTypeNumber, offsetOptionPolicyName, offsetOptionPolicyNumber, permissionName, permissionNumber } from './enums.ts'

const NO_BYTES = new Uint8Array(0)

// ── Duration ──

export interface Duration {
  readonly seconds: number
  readonly nanos: number
}

/** What {@link encodeDuration} takes: an absent field is not written. */
export interface DurationInit {
  readonly seconds?: number | undefined
  readonly nanos?: number | undefined
}

export function writeDuration(w: Writer, value: DurationInit): void {
  if (value.seconds !== undefined && value.seconds !== 0) w.safeInt64(8, value.seconds)
  if (value.nanos !== undefined && value.nanos !== 0) w.int32(16, value.nanos)
}

export function readDuration(r: Reader, end: number, prev?: Duration): Duration {
  let seconds: number = prev === undefined ? 0 : prev.seconds
  let nanos: number = prev === undefined ? 0 : prev.nanos
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        seconds = r.safeInt64(end)
        break
      case 16:
        nanos = r.int32(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { seconds, nanos }
}

export function encodeDuration(value: DurationInit): Uint8Array {
  try {
    writeDuration(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Duration. Bytes fields are views of the input. */
export function decodeDuration(bytes: Uint8Array): Duration {
  return readDuration(new Reader(bytes), bytes.length)
}

// ── Timestamp ──

export interface Timestamp {
  readonly seconds: number
  readonly nanos: number
}

/** What {@link encodeTimestamp} takes: an absent field is not written. */
export interface TimestampInit {
  readonly seconds?: number | undefined
  readonly nanos?: number | undefined
}

export function writeTimestamp(w: Writer, value: TimestampInit): void {
  if (value.seconds !== undefined && value.seconds !== 0) w.safeInt64(8, value.seconds)
  if (value.nanos !== undefined && value.nanos !== 0) w.int32(16, value.nanos)
}

export function readTimestamp(r: Reader, end: number, prev?: Timestamp): Timestamp {
  let seconds: number = prev === undefined ? 0 : prev.seconds
  let nanos: number = prev === undefined ? 0 : prev.nanos
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        seconds = r.safeInt64(end)
        break
      case 16:
        nanos = r.int32(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { seconds, nanos }
}

export function encodeTimestamp(value: TimestampInit): Uint8Array {
  try {
    writeTimestamp(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Timestamp. Bytes fields are views of the input. */
export function decodeTimestamp(bytes: Uint8Array): Timestamp {
  return readTimestamp(new Reader(bytes), bytes.length)
}

// ── FilterExpression ──

/** Which messages of a topic a consumer wants. */
export interface FilterExpression {
  readonly type: FilterType | number
  readonly expression: string
}

/** What {@link encodeFilterExpression} takes: an absent field is not written. */
export interface FilterExpressionInit {
  readonly type?: FilterType | number | undefined
  readonly expression?: string | undefined
}

export function writeFilterExpression(w: Writer, value: FilterExpressionInit): void {
  if (value.type !== undefined && filterTypeNumber(value.type) !== 0) w.int32(8, filterTypeNumber(value.type))
  if (value.expression !== undefined && value.expression !== '') w.string(18, value.expression)
}

export function readFilterExpression(r: Reader, end: number, prev?: FilterExpression): FilterExpression {
  let type: FilterType | number = prev === undefined ? filterTypeName(0) : prev.type
  let expression: string = prev === undefined ? '' : prev.expression
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        type = filterTypeName(r.int32(end))
        break
      case 18:
        expression = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { type, expression }
}

export function encodeFilterExpression(value: FilterExpressionInit): Uint8Array {
  try {
    writeFilterExpression(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no FilterExpression. Bytes fields are views of the input. */
export function decodeFilterExpression(bytes: Uint8Array): FilterExpression {
  return readFilterExpression(new Reader(bytes), bytes.length)
}

// ── RetryPolicy ──

/** How often, and how long apart, a failed call or a failed delivery is tried again. */
export interface RetryPolicy {
  readonly maxAttempts: number
  readonly strategy:
    | { readonly case: 'exponentialBackoff'; readonly value: ExponentialBackoff }
    | { readonly case: 'customizedBackoff'; readonly value: CustomizedBackoff }
    | undefined
}

/** What {@link encodeRetryPolicy} takes: an absent field is not written. */
export interface RetryPolicyInit {
  readonly maxAttempts?: number | undefined
  readonly strategy?:
    | { readonly case: 'exponentialBackoff'; readonly value: ExponentialBackoffInit }
    | { readonly case: 'customizedBackoff'; readonly value: CustomizedBackoffInit }
    | undefined
}

export function writeRetryPolicy(w: Writer, value: RetryPolicyInit): void {
  if (value.maxAttempts !== undefined && value.maxAttempts !== 0) w.int32(8, value.maxAttempts)
  switch (value.strategy?.case) {
    case 'exponentialBackoff':
      {
        const mark = w.begin(18)
        writeExponentialBackoff(w, value.strategy.value)
        w.end(mark)
      }
      break
    case 'customizedBackoff':
      {
        const mark = w.begin(26)
        writeCustomizedBackoff(w, value.strategy.value)
        w.end(mark)
      }
      break
  }
}

export function readRetryPolicy(r: Reader, end: number, prev?: RetryPolicy): RetryPolicy {
  let maxAttempts: number = prev === undefined ? 0 : prev.maxAttempts
  let strategy: RetryPolicy['strategy'] = prev === undefined ? undefined : prev.strategy
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        maxAttempts = r.int32(end)
        break
      case 18:
        strategy = { case: 'exponentialBackoff', value: readExponentialBackoff(r, r.enter(end), strategy?.case === 'exponentialBackoff' ? strategy.value : undefined) }
        break
      case 26:
        strategy = { case: 'customizedBackoff', value: readCustomizedBackoff(r, r.enter(end), strategy?.case === 'customizedBackoff' ? strategy.value : undefined) }
        break
      default:
        r.skip(field, end)
    }
  }
  return { maxAttempts, strategy }
}

export function encodeRetryPolicy(value: RetryPolicyInit): Uint8Array {
  try {
    writeRetryPolicy(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no RetryPolicy. Bytes fields are views of the input. */
export function decodeRetryPolicy(bytes: Uint8Array): RetryPolicy {
  return readRetryPolicy(new Reader(bytes), bytes.length)
}

// ── ExponentialBackoff ──

/** Waits grow from `initial` by `multiplier` up to `max`. */
export interface ExponentialBackoff {
  readonly initial: Duration | undefined
  readonly max: Duration | undefined
  readonly multiplier: number
}

/** What {@link encodeExponentialBackoff} takes: an absent field is not written. */
export interface ExponentialBackoffInit {
  readonly initial?: DurationInit | undefined
  readonly max?: DurationInit | undefined
  readonly multiplier?: number | undefined
}

export function writeExponentialBackoff(w: Writer, value: ExponentialBackoffInit): void {
  if (value.initial !== undefined) {
    const mark = w.begin(10)
    writeDuration(w, value.initial)
    w.end(mark)
  }
  if (value.max !== undefined) {
    const mark = w.begin(18)
    writeDuration(w, value.max)
    w.end(mark)
  }
  if (value.multiplier !== undefined && !Object.is(value.multiplier, 0)) w.float(29, value.multiplier)
}

export function readExponentialBackoff(r: Reader, end: number, prev?: ExponentialBackoff): ExponentialBackoff {
  let initial: Duration | undefined = prev === undefined ? undefined : prev.initial
  let max: Duration | undefined = prev === undefined ? undefined : prev.max
  let multiplier: number = prev === undefined ? 0 : prev.multiplier
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        initial = readDuration(r, r.enter(end), initial)
        break
      case 18:
        max = readDuration(r, r.enter(end), max)
        break
      case 29:
        multiplier = r.float(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { initial, max, multiplier }
}

export function encodeExponentialBackoff(value: ExponentialBackoffInit): Uint8Array {
  try {
    writeExponentialBackoff(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ExponentialBackoff. Bytes fields are views of the input. */
export function decodeExponentialBackoff(bytes: Uint8Array): ExponentialBackoff {
  return readExponentialBackoff(new Reader(bytes), bytes.length)
}

// ── CustomizedBackoff ──

/** Waits are listed one by one; the last one repeats. */
export interface CustomizedBackoff {
  readonly next: readonly Duration[]
}

/** What {@link encodeCustomizedBackoff} takes: an absent field is not written. */
export interface CustomizedBackoffInit {
  readonly next?: readonly DurationInit[] | undefined
}

export function writeCustomizedBackoff(w: Writer, value: CustomizedBackoffInit): void {
  if (value.next !== undefined) {
    for (const item of value.next) {
      const mark = w.begin(10)
      writeDuration(w, item)
      w.end(mark)
    }
  }
}

export function readCustomizedBackoff(r: Reader, end: number, prev?: CustomizedBackoff): CustomizedBackoff {
  const next: Duration[] = prev === undefined ? [] : [...prev.next]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        next.push(readDuration(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { next }
}

export function encodeCustomizedBackoff(value: CustomizedBackoffInit): Uint8Array {
  try {
    writeCustomizedBackoff(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no CustomizedBackoff. Bytes fields are views of the input. */
export function decodeCustomizedBackoff(bytes: Uint8Array): CustomizedBackoff {
  return readCustomizedBackoff(new Reader(bytes), bytes.length)
}

// ── Resource ──

/** The name of a topic or a consumer group, within a namespace. */
export interface Resource {
  readonly resourceNamespace: string
  readonly name: string
}

/** What {@link encodeResource} takes: an absent field is not written. */
export interface ResourceInit {
  readonly resourceNamespace?: string | undefined
  readonly name?: string | undefined
}

export function writeResource(w: Writer, value: ResourceInit): void {
  if (value.resourceNamespace !== undefined && value.resourceNamespace !== '') w.string(10, value.resourceNamespace)
  if (value.name !== undefined && value.name !== '') w.string(18, value.name)
}

export function readResource(r: Reader, end: number, prev?: Resource): Resource {
  let resourceNamespace: string = prev === undefined ? '' : prev.resourceNamespace
  let name: string = prev === undefined ? '' : prev.name
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        resourceNamespace = r.string(end)
        break
      case 18:
        name = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { resourceNamespace, name }
}

export function encodeResource(value: ResourceInit): Uint8Array {
  try {
    writeResource(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Resource. Bytes fields are views of the input. */
export function decodeResource(bytes: Uint8Array): Resource {
  return readResource(new Reader(bytes), bytes.length)
}

// ── SubscriptionEntry ──

/** One topic that a consumer group reads, and its filter. */
export interface SubscriptionEntry {
  readonly topic: Resource | undefined
  readonly expression: FilterExpression | undefined
}

/** What {@link encodeSubscriptionEntry} takes: an absent field is not written. */
export interface SubscriptionEntryInit {
  readonly topic?: ResourceInit | undefined
  readonly expression?: FilterExpressionInit | undefined
}

export function writeSubscriptionEntry(w: Writer, value: SubscriptionEntryInit): void {
  if (value.topic !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.expression !== undefined) {
    const mark = w.begin(18)
    writeFilterExpression(w, value.expression)
    w.end(mark)
  }
}

export function readSubscriptionEntry(r: Reader, end: number, prev?: SubscriptionEntry): SubscriptionEntry {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let expression: FilterExpression | undefined = prev === undefined ? undefined : prev.expression
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 18:
        expression = readFilterExpression(r, r.enter(end), expression)
        break
      default:
        r.skip(field, end)
    }
  }
  return { topic, expression }
}

export function encodeSubscriptionEntry(value: SubscriptionEntryInit): Uint8Array {
  try {
    writeSubscriptionEntry(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no SubscriptionEntry. Bytes fields are views of the input. */
export function decodeSubscriptionEntry(bytes: Uint8Array): SubscriptionEntry {
  return readSubscriptionEntry(new Reader(bytes), bytes.length)
}

// ── Address ──

/** One host and port. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** What {@link encodeAddress} takes: an absent field is not written. */
export interface AddressInit {
  readonly host?: string | undefined
  readonly port?: number | undefined
}

export function writeAddress(w: Writer, value: AddressInit): void {
  if (value.host !== undefined && value.host !== '') w.string(10, value.host)
  if (value.port !== undefined && value.port !== 0) w.int32(16, value.port)
}

export function readAddress(r: Reader, end: number, prev?: Address): Address {
  let host: string = prev === undefined ? '' : prev.host
  let port: number = prev === undefined ? 0 : prev.port
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        host = r.string(end)
        break
      case 16:
        port = r.int32(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { host, port }
}

export function encodeAddress(value: AddressInit): Uint8Array {
  try {
    writeAddress(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Address. Bytes fields are views of the input. */
export function decodeAddress(bytes: Uint8Array): Address {
  return readAddress(new Reader(bytes), bytes.length)
}

// ── Endpoints ──

/** Where a server can be dialled. */
export interface Endpoints {
  readonly scheme: AddressScheme | number
  readonly addresses: readonly Address[]
}

/** What {@link encodeEndpoints} takes: an absent field is not written. */
export interface EndpointsInit {
  readonly scheme?: AddressScheme | number | undefined
  readonly addresses?: readonly AddressInit[] | undefined
}

export function writeEndpoints(w: Writer, value: EndpointsInit): void {
  if (value.scheme !== undefined && addressSchemeNumber(value.scheme) !== 0) w.int32(8, addressSchemeNumber(value.scheme))
  if (value.addresses !== undefined) {
    for (const item of value.addresses) {
      const mark = w.begin(18)
      writeAddress(w, item)
      w.end(mark)
    }
  }
}

export function readEndpoints(r: Reader, end: number, prev?: Endpoints): Endpoints {
  let scheme: AddressScheme | number = prev === undefined ? addressSchemeName(0) : prev.scheme
  const addresses: Address[] = prev === undefined ? [] : [...prev.addresses]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        scheme = addressSchemeName(r.int32(end))
        break
      case 18:
        addresses.push(readAddress(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { scheme, addresses }
}

export function encodeEndpoints(value: EndpointsInit): Uint8Array {
  try {
    writeEndpoints(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Endpoints. Bytes fields are views of the input. */
export function decodeEndpoints(bytes: Uint8Array): Endpoints {
  return readEndpoints(new Reader(bytes), bytes.length)
}

// ── Broker ──

/** One node that holds queues. Clients use id 0, the master. */
export interface Broker {
  readonly name: string
  readonly id: number
  readonly endpoints: Endpoints | undefined
}

/** What {@link encodeBroker} takes: an absent field is not written. */
export interface BrokerInit {
  readonly name?: string | undefined
  readonly id?: number | undefined
  readonly endpoints?: EndpointsInit | undefined
}

export function writeBroker(w: Writer, value: BrokerInit): void {
  if (value.name !== undefined && value.name !== '') w.string(10, value.name)
  if (value.id !== undefined && value.id !== 0) w.int32(16, value.id)
  if (value.endpoints !== undefined) {
    const mark = w.begin(26)
    writeEndpoints(w, value.endpoints)
    w.end(mark)
  }
}

export function readBroker(r: Reader, end: number, prev?: Broker): Broker {
  let name: string = prev === undefined ? '' : prev.name
  let id: number = prev === undefined ? 0 : prev.id
  let endpoints: Endpoints | undefined = prev === undefined ? undefined : prev.endpoints
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        name = r.string(end)
        break
      case 16:
        id = r.int32(end)
        break
      case 26:
        endpoints = readEndpoints(r, r.enter(end), endpoints)
        break
      default:
        r.skip(field, end)
    }
  }
  return { name, id, endpoints }
}

export function encodeBroker(value: BrokerInit): Uint8Array {
  try {
    writeBroker(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Broker. Bytes fields are views of the input. */
export function decodeBroker(bytes: Uint8Array): Broker {
  return readBroker(new Reader(bytes), bytes.length)
}

// ── MessageQueue ──

/** One queue of a topic on one broker. */
export interface MessageQueue {
  readonly topic: Resource | undefined
  readonly id: number
  readonly permission: Permission | number
  readonly broker: Broker | undefined
  readonly acceptMessageTypes: readonly (MessageType | number)[]
}

/** What {@link encodeMessageQueue} takes: an absent field is not written. */
export interface MessageQueueInit {
  readonly topic?: ResourceInit | undefined
  readonly id?: number | undefined
  readonly permission?: Permission | number | undefined
  readonly broker?: BrokerInit | undefined
  readonly acceptMessageTypes?: readonly (MessageType | number)[] | undefined
}

export function writeMessageQueue(w: Writer, value: MessageQueueInit): void {
  if (value.topic !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.id !== undefined && value.id !== 0) w.int32(16, value.id)
  if (value.permission !== undefined && permissionNumber(value.permission) !== 0) w.int32(24, permissionNumber(value.permission))
  if (value.broker !== undefined) {
    const mark = w.begin(34)
    writeBroker(w, value.broker)
    w.end(mark)
  }
  if (value.acceptMessageTypes !== undefined && value.acceptMessageTypes.length > 0) {
    w.packedInt32(42, value.acceptMessageTypes, messageTypeNumber)
  }
}

export function readMessageQueue(r: Reader, end: number, prev?: MessageQueue): MessageQueue {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let id: number = prev === undefined ? 0 : prev.id
  let permission: Permission | number = prev === undefined ? permissionName(0) : prev.permission
  let broker: Broker | undefined = prev === undefined ? undefined : prev.broker
  const acceptMessageTypes: (MessageType | number)[] = prev === undefined ? [] : [...prev.acceptMessageTypes]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 16:
        id = r.int32(end)
        break
      case 24:
        permission = permissionName(r.int32(end))
        break
      case 34:
        broker = readBroker(r, r.enter(end), broker)
        break
      case 40:
        acceptMessageTypes.push(messageTypeName(r.int32(end)))
        break
      case 42: {
        const stop = r.enter(end)
        while (r.pos < stop) acceptMessageTypes.push(messageTypeName(r.int32(stop)))
        break
      }
      default:
        r.skip(field, end)
    }
  }
  return { topic, id, permission, broker, acceptMessageTypes }
}

export function encodeMessageQueue(value: MessageQueueInit): Uint8Array {
  try {
    writeMessageQueue(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no MessageQueue. Bytes fields are views of the input. */
export function decodeMessageQueue(bytes: Uint8Array): MessageQueue {
  return readMessageQueue(new Reader(bytes), bytes.length)
}

// ── Digest ──

/** A checksum over the body, by which a receiver notices damage. */
export interface Digest {
  readonly type: DigestType | number
  readonly checksum: string
}

/** What {@link encodeDigest} takes: an absent field is not written. */
export interface DigestInit {
  readonly type?: DigestType | number | undefined
  readonly checksum?: string | undefined
}

export function writeDigest(w: Writer, value: DigestInit): void {
  if (value.type !== undefined && digestTypeNumber(value.type) !== 0) w.int32(8, digestTypeNumber(value.type))
  if (value.checksum !== undefined && value.checksum !== '') w.string(18, value.checksum)
}

export function readDigest(r: Reader, end: number, prev?: Digest): Digest {
  let type: DigestType | number = prev === undefined ? digestTypeName(0) : prev.type
  let checksum: string = prev === undefined ? '' : prev.checksum
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        type = digestTypeName(r.int32(end))
        break
      case 18:
        checksum = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { type, checksum }
}

export function encodeDigest(value: DigestInit): Uint8Array {
  try {
    writeDigest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Digest. Bytes fields are views of the input. */
export function decodeDigest(bytes: Uint8Array): Digest {
  return readDigest(new Reader(bytes), bytes.length)
}

// ── SystemProperties ──

/** What producer and broker say about a message beside its body. Fields 9, 10, 12, 14, 15, 16 and 20 are the broker's alone. */
export interface SystemProperties {
  readonly tag: string | undefined
  readonly keys: readonly string[]
  readonly messageId: string
  readonly bodyDigest: Digest | undefined
  readonly bodyEncoding: Encoding | number
  readonly messageType: MessageType | number
  readonly bornTimestamp: Timestamp | undefined
  readonly bornHost: string
  readonly storeTimestamp: Timestamp | undefined
  readonly storeHost: string
  readonly deliveryTimestamp: Timestamp | undefined
  readonly receiptHandle: string | undefined
  readonly queueId: number
  readonly queueOffset: bigint | undefined
  readonly invisibleDuration: Duration | undefined
  readonly deliveryAttempt: number | undefined
  readonly messageGroup: string | undefined
  readonly traceContext: string | undefined
  readonly orphanedTransactionRecoveryDuration: Duration | undefined
  readonly deadLetterQueue: DeadLetterQueue | undefined
  readonly liteTopic: string | undefined
  readonly priority: number | undefined
}

/** What {@link encodeSystemProperties} takes: an absent field is not written. */
export interface SystemPropertiesInit {
  readonly tag?: string | undefined
  readonly keys?: readonly string[] | undefined
  readonly messageId?: string | undefined
  readonly bodyDigest?: DigestInit | undefined
  readonly bodyEncoding?: Encoding | number | undefined
  readonly messageType?: MessageType | number | undefined
  readonly bornTimestamp?: TimestampInit | undefined
  readonly bornHost?: string | undefined
  readonly storeTimestamp?: TimestampInit | undefined
  readonly storeHost?: string | undefined
  readonly deliveryTimestamp?: TimestampInit | undefined
  readonly receiptHandle?: string | undefined
  readonly queueId?: number | undefined
  readonly queueOffset?: bigint | undefined
  readonly invisibleDuration?: DurationInit | undefined
  readonly deliveryAttempt?: number | undefined
  readonly messageGroup?: string | undefined
  readonly traceContext?: string | undefined
  readonly orphanedTransactionRecoveryDuration?: DurationInit | undefined
  readonly deadLetterQueue?: DeadLetterQueueInit | undefined
  readonly liteTopic?: string | undefined
  readonly priority?: number | undefined
}

export function writeSystemProperties(w: Writer, value: SystemPropertiesInit): void {
  if (value.tag !== undefined) w.string(10, value.tag)
  if (value.keys !== undefined) {
    for (const item of value.keys) w.string(18, item)
  }
  if (value.messageId !== undefined && value.messageId !== '') w.string(26, value.messageId)
  if (value.bodyDigest !== undefined) {
    const mark = w.begin(34)
    writeDigest(w, value.bodyDigest)
    w.end(mark)
  }
  if (value.bodyEncoding !== undefined && encodingNumber(value.bodyEncoding) !== 0) w.int32(40, encodingNumber(value.bodyEncoding))
  if (value.messageType !== undefined && messageTypeNumber(value.messageType) !== 0) w.int32(48, messageTypeNumber(value.messageType))
  if (value.bornTimestamp !== undefined) {
    const mark = w.begin(58)
    writeTimestamp(w, value.bornTimestamp)
    w.end(mark)
  }
  if (value.bornHost !== undefined && value.bornHost !== '') w.string(66, value.bornHost)
  if (value.storeTimestamp !== undefined) {
    const mark = w.begin(74)
    writeTimestamp(w, value.storeTimestamp)
    w.end(mark)
  }
  if (value.storeHost !== undefined && value.storeHost !== '') w.string(82, value.storeHost)
  if (value.deliveryTimestamp !== undefined) {
    const mark = w.begin(90)
    writeTimestamp(w, value.deliveryTimestamp)
    w.end(mark)
  }
  if (value.receiptHandle !== undefined) w.string(98, value.receiptHandle)
  if (value.queueId !== undefined && value.queueId !== 0) w.int32(104, value.queueId)
  if (value.queueOffset !== undefined) w.int64(112, value.queueOffset)
  if (value.invisibleDuration !== undefined) {
    const mark = w.begin(122)
    writeDuration(w, value.invisibleDuration)
    w.end(mark)
  }
  if (value.deliveryAttempt !== undefined) w.int32(128, value.deliveryAttempt)
  if (value.messageGroup !== undefined) w.string(138, value.messageGroup)
  if (value.traceContext !== undefined) w.string(146, value.traceContext)
  if (value.orphanedTransactionRecoveryDuration !== undefined) {
    const mark = w.begin(154)
    writeDuration(w, value.orphanedTransactionRecoveryDuration)
    w.end(mark)
  }
  if (value.deadLetterQueue !== undefined) {
    const mark = w.begin(162)
    writeDeadLetterQueue(w, value.deadLetterQueue)
    w.end(mark)
  }
  if (value.liteTopic !== undefined) w.string(170, value.liteTopic)
  if (value.priority !== undefined) w.int32(176, value.priority)
}

export function readSystemProperties(r: Reader, end: number, prev?: SystemProperties): SystemProperties {
  let tag: string | undefined = prev === undefined ? undefined : prev.tag
  const keys: string[] = prev === undefined ? [] : [...prev.keys]
  let messageId: string = prev === undefined ? '' : prev.messageId
  let bodyDigest: Digest | undefined = prev === undefined ? undefined : prev.bodyDigest
  let bodyEncoding: Encoding | number = prev === undefined ? encodingName(0) : prev.bodyEncoding
  let messageType: MessageType | number = prev === undefined ? messageTypeName(0) : prev.messageType
  let bornTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.bornTimestamp
  let bornHost: string = prev === undefined ? '' : prev.bornHost
  let storeTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.storeTimestamp
  let storeHost: string = prev === undefined ? '' : prev.storeHost
  let deliveryTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.deliveryTimestamp
  let receiptHandle: string | undefined = prev === undefined ? undefined : prev.receiptHandle
  let queueId: number = prev === undefined ? 0 : prev.queueId
  let queueOffset: bigint | undefined = prev === undefined ? undefined : prev.queueOffset
  let invisibleDuration: Duration | undefined = prev === undefined ? undefined : prev.invisibleDuration
  let deliveryAttempt: number | undefined = prev === undefined ? undefined : prev.deliveryAttempt
  let messageGroup: string | undefined = prev === undefined ? undefined : prev.messageGroup
  let traceContext: string | undefined = prev === undefined ? undefined : prev.traceContext
  let orphanedTransactionRecoveryDuration: Duration | undefined = prev === undefined ? undefined : prev.orphanedTransactionRecoveryDuration
  let deadLetterQueue: DeadLetterQueue | undefined = prev === undefined ? undefined : prev.deadLetterQueue
  let liteTopic: string | undefined = prev === undefined ? undefined : prev.liteTopic
  let priority: number | undefined = prev === undefined ? undefined : prev.priority
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        tag = r.string(end)
        break
      case 18:
        keys.push(r.string(end))
        break
      case 26:
        messageId = r.string(end)
        break
      case 34:
        bodyDigest = readDigest(r, r.enter(end), bodyDigest)
        break
      case 40:
        bodyEncoding = encodingName(r.int32(end))
        break
      case 48:
        messageType = messageTypeName(r.int32(end))
        break
      case 58:
        bornTimestamp = readTimestamp(r, r.enter(end), bornTimestamp)
        break
      case 66:
        bornHost = r.string(end)
        break
      case 74:
        storeTimestamp = readTimestamp(r, r.enter(end), storeTimestamp)
        break
      case 82:
        storeHost = r.string(end)
        break
      case 90:
        deliveryTimestamp = readTimestamp(r, r.enter(end), deliveryTimestamp)
        break
      case 98:
        receiptHandle = r.string(end)
        break
      case 104:
        queueId = r.int32(end)
        break
      case 112:
        queueOffset = r.int64(end)
        break
      case 122:
        invisibleDuration = readDuration(r, r.enter(end), invisibleDuration)
        break
      case 128:
        deliveryAttempt = r.int32(end)
        break
      case 138:
        messageGroup = r.string(end)
        break
      case 146:
        traceContext = r.string(end)
        break
      case 154:
        orphanedTransactionRecoveryDuration = readDuration(r, r.enter(end), orphanedTransactionRecoveryDuration)
        break
      case 162:
        deadLetterQueue = readDeadLetterQueue(r, r.enter(end), deadLetterQueue)
        break
      case 170:
        liteTopic = r.string(end)
        break
      case 176:
        priority = r.int32(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { tag, keys, messageId, bodyDigest, bodyEncoding, messageType, bornTimestamp, bornHost, storeTimestamp, storeHost, deliveryTimestamp, receiptHandle, queueId, queueOffset, invisibleDuration, deliveryAttempt, messageGroup, traceContext, orphanedTransactionRecoveryDuration, deadLetterQueue, liteTopic, priority }
}

export function encodeSystemProperties(value: SystemPropertiesInit): Uint8Array {
  try {
    writeSystemProperties(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no SystemProperties. Bytes fields are views of the input. */
export function decodeSystemProperties(bytes: Uint8Array): SystemProperties {
  return readSystemProperties(new Reader(bytes), bytes.length)
}

// ── DeadLetterQueue ──

/** Where a dead letter came from. */
export interface DeadLetterQueue {
  readonly topic: string
  readonly messageId: string
}

/** What {@link encodeDeadLetterQueue} takes: an absent field is not written. */
export interface DeadLetterQueueInit {
  readonly topic?: string | undefined
  readonly messageId?: string | undefined
}

export function writeDeadLetterQueue(w: Writer, value: DeadLetterQueueInit): void {
  if (value.topic !== undefined && value.topic !== '') w.string(10, value.topic)
  if (value.messageId !== undefined && value.messageId !== '') w.string(18, value.messageId)
}

export function readDeadLetterQueue(r: Reader, end: number, prev?: DeadLetterQueue): DeadLetterQueue {
  let topic: string = prev === undefined ? '' : prev.topic
  let messageId: string = prev === undefined ? '' : prev.messageId
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        topic = r.string(end)
        break
      case 18:
        messageId = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { topic, messageId }
}

export function encodeDeadLetterQueue(value: DeadLetterQueueInit): Uint8Array {
  try {
    writeDeadLetterQueue(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no DeadLetterQueue. Bytes fields are views of the input. */
export function decodeDeadLetterQueue(bytes: Uint8Array): DeadLetterQueue {
  return readDeadLetterQueue(new Reader(bytes), bytes.length)
}

// ── Message ──

/** A message: where it goes, what the application says of it, what the protocol says of it, and its bytes. */
export interface Message {
  readonly topic: Resource | undefined
  readonly userProperties: ReadonlyMap<string, string>
  readonly systemProperties: SystemProperties | undefined
  readonly body: Uint8Array
}

/** What {@link encodeMessage} takes: an absent field is not written. */
export interface MessageInit {
  readonly topic?: ResourceInit | undefined
  readonly userProperties?: ReadonlyMap<string, string> | undefined
  readonly systemProperties?: SystemPropertiesInit | undefined
  readonly body?: Uint8Array | undefined
}

export function writeMessage(w: Writer, value: MessageInit): void {
  if (value.topic !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.userProperties !== undefined) {
    for (const [key, item] of value.userProperties) {
      const mark = w.begin(18, key.length + item.length + 4)
      w.string(10, key)
      w.string(18, item)
      w.end(mark)
    }
  }
  if (value.systemProperties !== undefined) {
    const mark = w.begin(26)
    writeSystemProperties(w, value.systemProperties)
    w.end(mark)
  }
  if (value.body !== undefined && value.body.length > 0) w.bytes(34, value.body)
}

export function readMessage(r: Reader, end: number, prev?: Message): Message {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  const userProperties: Map<string, string> = prev === undefined ? new Map() : new Map(prev.userProperties)
  let systemProperties: SystemProperties | undefined = prev === undefined ? undefined : prev.systemProperties
  let body: Uint8Array = prev === undefined ? NO_BYTES : prev.body
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 18: {
        const stop = r.enter(end)
        let key = ''
        let item: string = ''
        while (r.pos < stop) {
          const entry = r.tag(stop)
          if (entry === 10) key = r.string(stop)
          else if (entry === 18) item = r.string(stop)
          else r.skip(entry, stop)
        }
        userProperties.set(key, item)
        break
      }
      case 26:
        systemProperties = readSystemProperties(r, r.enter(end), systemProperties)
        break
      case 34:
        body = r.bytesField(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { topic, userProperties, systemProperties, body }
}

export function encodeMessage(value: MessageInit): Uint8Array {
  try {
    writeMessage(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Message. Bytes fields are views of the input. */
export function decodeMessage(bytes: Uint8Array): Message {
  return readMessage(new Reader(bytes), bytes.length)
}

// ── Assignment ──

/** A queue that a consumer should poll; queue id -1 stands for all queues of that broker. */
export interface Assignment {
  readonly messageQueue: MessageQueue | undefined
}

/** What {@link encodeAssignment} takes: an absent field is not written. */
export interface AssignmentInit {
  readonly messageQueue?: MessageQueueInit | undefined
}

export function writeAssignment(w: Writer, value: AssignmentInit): void {
  if (value.messageQueue !== undefined) {
    const mark = w.begin(10)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark)
  }
}

export function readAssignment(r: Reader, end: number, prev?: Assignment): Assignment {
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        messageQueue = readMessageQueue(r, r.enter(end), messageQueue)
        break
      default:
        r.skip(field, end)
    }
  }
  return { messageQueue }
}

export function encodeAssignment(value: AssignmentInit): Uint8Array {
  try {
    writeAssignment(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Assignment. Bytes fields are views of the input. */
export function decodeAssignment(bytes: Uint8Array): Assignment {
  return readAssignment(new Reader(bytes), bytes.length)
}

// ── Status ──

/** How a call ended. Errors travel here, within a gRPC answer that is OK. */
export interface Status {
  readonly code: Code | number
  readonly message: string
}

/** What {@link encodeStatus} takes: an absent field is not written. */
export interface StatusInit {
  readonly code?: Code | number | undefined
  readonly message?: string | undefined
}

export function writeStatus(w: Writer, value: StatusInit): void {
  if (value.code !== undefined && codeNumber(value.code) !== 0) w.int32(8, codeNumber(value.code))
  if (value.message !== undefined && value.message !== '') w.string(18, value.message)
}

export function readStatus(r: Reader, end: number, prev?: Status): Status {
  let code: Code | number = prev === undefined ? codeName(0) : prev.code
  let message: string = prev === undefined ? '' : prev.message
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        code = codeName(r.int32(end))
        break
      case 18:
        message = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { code, message }
}

export function encodeStatus(value: StatusInit): Uint8Array {
  try {
    writeStatus(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Status. Bytes fields are views of the input. */
export function decodeStatus(bytes: Uint8Array): Status {
  return readStatus(new Reader(bytes), bytes.length)
}

// ── UA ──

/** Who the client is, for people. */
export interface UA {
  readonly language: Language | number
  readonly version: string
  readonly platform: string
  readonly hostname: string
}

/** What {@link encodeUA} takes: an absent field is not written. */
export interface UAInit {
  readonly language?: Language | number | undefined
  readonly version?: string | undefined
  readonly platform?: string | undefined
  readonly hostname?: string | undefined
}

export function writeUA(w: Writer, value: UAInit): void {
  if (value.language !== undefined && languageNumber(value.language) !== 0) w.int32(8, languageNumber(value.language))
  if (value.version !== undefined && value.version !== '') w.string(18, value.version)
  if (value.platform !== undefined && value.platform !== '') w.string(26, value.platform)
  if (value.hostname !== undefined && value.hostname !== '') w.string(34, value.hostname)
}

export function readUA(r: Reader, end: number, prev?: UA): UA {
  let language: Language | number = prev === undefined ? languageName(0) : prev.language
  let version: string = prev === undefined ? '' : prev.version
  let platform: string = prev === undefined ? '' : prev.platform
  let hostname: string = prev === undefined ? '' : prev.hostname
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        language = languageName(r.int32(end))
        break
      case 18:
        version = r.string(end)
        break
      case 26:
        platform = r.string(end)
        break
      case 34:
        hostname = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { language, version, platform, hostname }
}

export function encodeUA(value: UAInit): Uint8Array {
  try {
    writeUA(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no UA. Bytes fields are views of the input. */
export function decodeUA(bytes: Uint8Array): UA {
  return readUA(new Reader(bytes), bytes.length)
}

// ── Settings ──

/** What client and server agree on over Telemetry. The client speaks first; the server answers with what it decided. */
export interface Settings {
  readonly clientType: ClientType | number | undefined
  readonly accessPoint: Endpoints | undefined
  readonly backoffPolicy: RetryPolicy | undefined
  readonly requestTimeout: Duration | undefined
  readonly pubSub:
    | { readonly case: 'publishing'; readonly value: Publishing }
    | { readonly case: 'subscription'; readonly value: Subscription }
    | undefined
  readonly userAgent: UA | undefined
  readonly metric: Metric | undefined
  readonly clientProperties: ReadonlyMap<string, string>
}

/** What {@link encodeSettings} takes: an absent field is not written. */
export interface SettingsInit {
  readonly clientType?: ClientType | number | undefined
  readonly accessPoint?: EndpointsInit | undefined
  readonly backoffPolicy?: RetryPolicyInit | undefined
  readonly requestTimeout?: DurationInit | undefined
  readonly pubSub?:
    | { readonly case: 'publishing'; readonly value: PublishingInit }
    | { readonly case: 'subscription'; readonly value: SubscriptionInit }
    | undefined
  readonly userAgent?: UAInit | undefined
  readonly metric?: MetricInit | undefined
  readonly clientProperties?: ReadonlyMap<string, string> | undefined
}

export function writeSettings(w: Writer, value: SettingsInit): void {
  if (value.clientType !== undefined) w.int32(8, clientTypeNumber(value.clientType))
  if (value.accessPoint !== undefined) {
    const mark = w.begin(18)
    writeEndpoints(w, value.accessPoint)
    w.end(mark)
  }
  if (value.backoffPolicy !== undefined) {
    const mark = w.begin(26)
    writeRetryPolicy(w, value.backoffPolicy)
    w.end(mark)
  }
  if (value.requestTimeout !== undefined) {
    const mark = w.begin(34)
    writeDuration(w, value.requestTimeout)
    w.end(mark)
  }
  switch (value.pubSub?.case) {
    case 'publishing':
      {
        const mark = w.begin(42)
        writePublishing(w, value.pubSub.value)
        w.end(mark)
      }
      break
    case 'subscription':
      {
        const mark = w.begin(50)
        writeSubscription(w, value.pubSub.value)
        w.end(mark)
      }
      break
  }
  if (value.userAgent !== undefined) {
    const mark = w.begin(58)
    writeUA(w, value.userAgent)
    w.end(mark)
  }
  if (value.metric !== undefined) {
    const mark = w.begin(66)
    writeMetric(w, value.metric)
    w.end(mark)
  }
  if (value.clientProperties !== undefined) {
    for (const [key, item] of value.clientProperties) {
      const mark = w.begin(74, key.length + item.length + 4)
      w.string(10, key)
      w.string(18, item)
      w.end(mark)
    }
  }
}

export function readSettings(r: Reader, end: number, prev?: Settings): Settings {
  let clientType: ClientType | number | undefined = prev === undefined ? undefined : prev.clientType
  let accessPoint: Endpoints | undefined = prev === undefined ? undefined : prev.accessPoint
  let backoffPolicy: RetryPolicy | undefined = prev === undefined ? undefined : prev.backoffPolicy
  let requestTimeout: Duration | undefined = prev === undefined ? undefined : prev.requestTimeout
  let pubSub: Settings['pubSub'] = prev === undefined ? undefined : prev.pubSub
  let userAgent: UA | undefined = prev === undefined ? undefined : prev.userAgent
  let metric: Metric | undefined = prev === undefined ? undefined : prev.metric
  const clientProperties: Map<string, string> = prev === undefined ? new Map() : new Map(prev.clientProperties)
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        clientType = clientTypeName(r.int32(end))
        break
      case 18:
        accessPoint = readEndpoints(r, r.enter(end), accessPoint)
        break
      case 26:
        backoffPolicy = readRetryPolicy(r, r.enter(end), backoffPolicy)
        break
      case 34:
        requestTimeout = readDuration(r, r.enter(end), requestTimeout)
        break
      case 42:
        pubSub = { case: 'publishing', value: readPublishing(r, r.enter(end), pubSub?.case === 'publishing' ? pubSub.value : undefined) }
        break
      case 50:
        pubSub = { case: 'subscription', value: readSubscription(r, r.enter(end), pubSub?.case === 'subscription' ? pubSub.value : undefined) }
        break
      case 58:
        userAgent = readUA(r, r.enter(end), userAgent)
        break
      case 66:
        metric = readMetric(r, r.enter(end), metric)
        break
      case 74: {
        const stop = r.enter(end)
        let key = ''
        let item: string = ''
        while (r.pos < stop) {
          const entry = r.tag(stop)
          if (entry === 10) key = r.string(stop)
          else if (entry === 18) item = r.string(stop)
          else r.skip(entry, stop)
        }
        clientProperties.set(key, item)
        break
      }
      default:
        r.skip(field, end)
    }
  }
  return { clientType, accessPoint, backoffPolicy, requestTimeout, pubSub, userAgent, metric, clientProperties }
}

export function encodeSettings(value: SettingsInit): Uint8Array {
  try {
    writeSettings(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Settings. Bytes fields are views of the input. */
export function decodeSettings(bytes: Uint8Array): Settings {
  return readSettings(new Reader(bytes), bytes.length)
}

// ── Publishing ──

/** The producer's half of the settings. */
export interface Publishing {
  readonly topics: readonly Resource[]
  readonly maxBodySize: number
  readonly validateMessageType: boolean
}

/** What {@link encodePublishing} takes: an absent field is not written. */
export interface PublishingInit {
  readonly topics?: readonly ResourceInit[] | undefined
  readonly maxBodySize?: number | undefined
  readonly validateMessageType?: boolean | undefined
}

export function writePublishing(w: Writer, value: PublishingInit): void {
  if (value.topics !== undefined) {
    for (const item of value.topics) {
      const mark = w.begin(10)
      writeResource(w, item)
      w.end(mark)
    }
  }
  if (value.maxBodySize !== undefined && value.maxBodySize !== 0) w.int32(16, value.maxBodySize)
  if (value.validateMessageType !== undefined && value.validateMessageType) w.bool(24, value.validateMessageType)
}

export function readPublishing(r: Reader, end: number, prev?: Publishing): Publishing {
  const topics: Resource[] = prev === undefined ? [] : [...prev.topics]
  let maxBodySize: number = prev === undefined ? 0 : prev.maxBodySize
  let validateMessageType: boolean = prev === undefined ? false : prev.validateMessageType
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        topics.push(readResource(r, r.enter(end)))
        break
      case 16:
        maxBodySize = r.int32(end)
        break
      case 24:
        validateMessageType = r.bool(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { topics, maxBodySize, validateMessageType }
}

export function encodePublishing(value: PublishingInit): Uint8Array {
  try {
    writePublishing(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Publishing. Bytes fields are views of the input. */
export function decodePublishing(bytes: Uint8Array): Publishing {
  return readPublishing(new Reader(bytes), bytes.length)
}

// ── Subscription ──

/** The consumer's half of the settings. */
export interface Subscription {
  readonly group: Resource | undefined
  readonly subscriptions: readonly SubscriptionEntry[]
  readonly fifo: boolean | undefined
  readonly receiveBatchSize: number | undefined
  readonly longPollingTimeout: Duration | undefined
  readonly liteSubscriptionQuota: number | undefined
  readonly maxLiteTopicSize: number | undefined
}

/** What {@link encodeSubscription} takes: an absent field is not written. */
export interface SubscriptionInit {
  readonly group?: ResourceInit | undefined
  readonly subscriptions?: readonly SubscriptionEntryInit[] | undefined
  readonly fifo?: boolean | undefined
  readonly receiveBatchSize?: number | undefined
  readonly longPollingTimeout?: DurationInit | undefined
  readonly liteSubscriptionQuota?: number | undefined
  readonly maxLiteTopicSize?: number | undefined
}

export function writeSubscription(w: Writer, value: SubscriptionInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.subscriptions !== undefined) {
    for (const item of value.subscriptions) {
      const mark = w.begin(18)
      writeSubscriptionEntry(w, item)
      w.end(mark)
    }
  }
  if (value.fifo !== undefined) w.bool(24, value.fifo)
  if (value.receiveBatchSize !== undefined) w.int32(32, value.receiveBatchSize)
  if (value.longPollingTimeout !== undefined) {
    const mark = w.begin(42)
    writeDuration(w, value.longPollingTimeout)
    w.end(mark)
  }
  if (value.liteSubscriptionQuota !== undefined) w.int32(48, value.liteSubscriptionQuota)
  if (value.maxLiteTopicSize !== undefined) w.int32(56, value.maxLiteTopicSize)
}

export function readSubscription(r: Reader, end: number, prev?: Subscription): Subscription {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  const subscriptions: SubscriptionEntry[] = prev === undefined ? [] : [...prev.subscriptions]
  let fifo: boolean | undefined = prev === undefined ? undefined : prev.fifo
  let receiveBatchSize: number | undefined = prev === undefined ? undefined : prev.receiveBatchSize
  let longPollingTimeout: Duration | undefined = prev === undefined ? undefined : prev.longPollingTimeout
  let liteSubscriptionQuota: number | undefined = prev === undefined ? undefined : prev.liteSubscriptionQuota
  let maxLiteTopicSize: number | undefined = prev === undefined ? undefined : prev.maxLiteTopicSize
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      case 18:
        subscriptions.push(readSubscriptionEntry(r, r.enter(end)))
        break
      case 24:
        fifo = r.bool(end)
        break
      case 32:
        receiveBatchSize = r.int32(end)
        break
      case 42:
        longPollingTimeout = readDuration(r, r.enter(end), longPollingTimeout)
        break
      case 48:
        liteSubscriptionQuota = r.int32(end)
        break
      case 56:
        maxLiteTopicSize = r.int32(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { group, subscriptions, fifo, receiveBatchSize, longPollingTimeout, liteSubscriptionQuota, maxLiteTopicSize }
}

export function encodeSubscription(value: SubscriptionInit): Uint8Array {
  try {
    writeSubscription(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Subscription. Bytes fields are views of the input. */
export function decodeSubscription(bytes: Uint8Array): Subscription {
  return readSubscription(new Reader(bytes), bytes.length)
}

// ── Metric ──

/** Whether, and where, the client should export metrics. */
export interface Metric {
  readonly on: boolean
  readonly endpoints: Endpoints | undefined
}

/** What {@link encodeMetric} takes: an absent field is not written. */
export interface MetricInit {
  readonly on?: boolean | undefined
  readonly endpoints?: EndpointsInit | undefined
}

export function writeMetric(w: Writer, value: MetricInit): void {
  if (value.on !== undefined && value.on) w.bool(8, value.on)
  if (value.endpoints !== undefined) {
    const mark = w.begin(18)
    writeEndpoints(w, value.endpoints)
    w.end(mark)
  }
}

export function readMetric(r: Reader, end: number, prev?: Metric): Metric {
  let on: boolean = prev === undefined ? false : prev.on
  let endpoints: Endpoints | undefined = prev === undefined ? undefined : prev.endpoints
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        on = r.bool(end)
        break
      case 18:
        endpoints = readEndpoints(r, r.enter(end), endpoints)
        break
      default:
        r.skip(field, end)
    }
  }
  return { on, endpoints }
}

export function encodeMetric(value: MetricInit): Uint8Array {
  try {
    writeMetric(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no Metric. Bytes fields are views of the input. */
export function decodeMetric(bytes: Uint8Array): Metric {
  return readMetric(new Reader(bytes), bytes.length)
}

// ── OffsetOption ──

/** Where a lite consumer starts. */
export interface OffsetOption {
  readonly offsetType:
    | { readonly case: 'policy'; readonly value: OffsetOptionPolicy | number }
    | { readonly case: 'offset'; readonly value: bigint }
    | { readonly case: 'tailN'; readonly value: bigint }
    | { readonly case: 'timestamp'; readonly value: bigint }
    | undefined
}

/** What {@link encodeOffsetOption} takes: an absent field is not written. */
export interface OffsetOptionInit {
  readonly offsetType?:
    | { readonly case: 'policy'; readonly value: OffsetOptionPolicy | number }
    | { readonly case: 'offset'; readonly value: bigint }
    | { readonly case: 'tailN'; readonly value: bigint }
    | { readonly case: 'timestamp'; readonly value: bigint }
    | undefined
}

export function writeOffsetOption(w: Writer, value: OffsetOptionInit): void {
  switch (value.offsetType?.case) {
    case 'policy':
      w.int32(8, offsetOptionPolicyNumber(value.offsetType.value))
      break
    case 'offset':
      w.int64(16, value.offsetType.value)
      break
    case 'tailN':
      w.int64(24, value.offsetType.value)
      break
    case 'timestamp':
      w.int64(32, value.offsetType.value)
      break
  }
}

export function readOffsetOption(r: Reader, end: number, prev?: OffsetOption): OffsetOption {
  let offsetType: OffsetOption['offsetType'] = prev === undefined ? undefined : prev.offsetType
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        offsetType = { case: 'policy', value: offsetOptionPolicyName(r.int32(end)) }
        break
      case 16:
        offsetType = { case: 'offset', value: r.int64(end) }
        break
      case 24:
        offsetType = { case: 'tailN', value: r.int64(end) }
        break
      case 32:
        offsetType = { case: 'timestamp', value: r.int64(end) }
        break
      default:
        r.skip(field, end)
    }
  }
  return { offsetType }
}

export function encodeOffsetOption(value: OffsetOptionInit): Uint8Array {
  try {
    writeOffsetOption(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no OffsetOption. Bytes fields are views of the input. */
export function decodeOffsetOption(bytes: Uint8Array): OffsetOption {
  return readOffsetOption(new Reader(bytes), bytes.length)
}
