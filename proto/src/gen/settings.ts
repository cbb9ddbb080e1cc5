// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type ClientType, clientTypeName, clientTypeNumber, type FilterType, filterTypeName, filterTypeNumber, type Language, languageName, languageNumber } from './enums.ts'
import { type Endpoints, type EndpointsInit, readEndpoints, writeEndpoints } from './routing.ts'
import { type Resource, type ResourceInit, readResource, writeResource } from './status.ts'
import { type Duration, type DurationInit, readDuration, writeDuration } from './time.ts'

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
  if (value.type !== undefined) {
    const type = filterTypeNumber(value.type)
    if (type !== 0) w.int32(8, type)
  }
  if (value.expression !== undefined && value.expression !== '') w.string(18, value.expression)
}

export function readFilterExpression(r: Reader, end: number, prev?: FilterExpression): FilterExpression {
  let type: FilterType | number = prev === undefined ? filterTypeName(0) : prev.type
  let expression: string = prev === undefined ? '' : prev.expression
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 8:
        type = filterTypeName(r.int32(end))
        break
      case 18:
        expression = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { type, expression }
}

export function encodeFilterExpression(value: FilterExpressionInit): Uint8Array {
  const w = lend()
  try {
    writeFilterExpression(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    case 'exponentialBackoff': {
      const mark = w.begin(18, 1)
      writeExponentialBackoff(w, value.strategy.value)
      w.end(mark, 1)
      break
    }
    case 'customizedBackoff': {
      const mark = w.begin(26, 1)
      writeCustomizedBackoff(w, value.strategy.value)
      w.end(mark, 1)
      break
    }
  }
}

export function readRetryPolicy(r: Reader, end: number, prev?: RetryPolicy): RetryPolicy {
  let maxAttempts: number = prev === undefined ? 0 : prev.maxAttempts
  let strategy: RetryPolicy['strategy'] = prev === undefined ? undefined : prev.strategy
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { maxAttempts, strategy }
}

export function encodeRetryPolicy(value: RetryPolicyInit): Uint8Array {
  const w = lend()
  try {
    writeRetryPolicy(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeDuration(w, value.initial)
    w.end(mark, 1)
  }
  if (value.max !== undefined) {
    const mark = w.begin(18, 1)
    writeDuration(w, value.max)
    w.end(mark, 1)
  }
  if (value.multiplier !== undefined && !Object.is(value.multiplier, 0)) w.float(29, value.multiplier)
}

export function readExponentialBackoff(r: Reader, end: number, prev?: ExponentialBackoff): ExponentialBackoff {
  let initial: Duration | undefined = prev === undefined ? undefined : prev.initial
  let max: Duration | undefined = prev === undefined ? undefined : prev.max
  let multiplier: number = prev === undefined ? 0 : prev.multiplier
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { initial, max, multiplier }
}

export function encodeExponentialBackoff(value: ExponentialBackoffInit): Uint8Array {
  const w = lend()
  try {
    writeExponentialBackoff(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
      const mark = w.begin(10, 1)
      writeDuration(w, item)
      w.end(mark, 1)
    }
  }
}

export function readCustomizedBackoff(r: Reader, end: number, prev?: CustomizedBackoff): CustomizedBackoff {
  const next: Duration[] = prev === undefined ? [] : (prev.next as Duration[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        next.push(readDuration(r, r.enter(end)))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { next }
}

export function encodeCustomizedBackoff(value: CustomizedBackoffInit): Uint8Array {
  const w = lend()
  try {
    writeCustomizedBackoff(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no CustomizedBackoff. Bytes fields are views of the input. */
export function decodeCustomizedBackoff(bytes: Uint8Array): CustomizedBackoff {
  return readCustomizedBackoff(new Reader(bytes), bytes.length)
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
    const mark = w.begin(10, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.expression !== undefined) {
    const mark = w.begin(18, 1)
    writeFilterExpression(w, value.expression)
    w.end(mark, 1)
  }
}

export function readSubscriptionEntry(r: Reader, end: number, prev?: SubscriptionEntry): SubscriptionEntry {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let expression: FilterExpression | undefined = prev === undefined ? undefined : prev.expression
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 18:
        expression = readFilterExpression(r, r.enter(end), expression)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { topic, expression }
}

export function encodeSubscriptionEntry(value: SubscriptionEntryInit): Uint8Array {
  const w = lend()
  try {
    writeSubscriptionEntry(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no SubscriptionEntry. Bytes fields are views of the input. */
export function decodeSubscriptionEntry(bytes: Uint8Array): SubscriptionEntry {
  return readSubscriptionEntry(new Reader(bytes), bytes.length)
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
  if (value.language !== undefined) {
    const language = languageNumber(value.language)
    if (language !== 0) w.int32(8, language)
  }
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { language, version, platform, hostname }
}

export function encodeUA(value: UAInit): Uint8Array {
  const w = lend()
  try {
    writeUA(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(18, 1)
    writeEndpoints(w, value.accessPoint)
    w.end(mark, 1)
  }
  if (value.backoffPolicy !== undefined) {
    const mark = w.begin(26, 1)
    writeRetryPolicy(w, value.backoffPolicy)
    w.end(mark, 1)
  }
  if (value.requestTimeout !== undefined) {
    const mark = w.begin(34, 1)
    writeDuration(w, value.requestTimeout)
    w.end(mark, 1)
  }
  switch (value.pubSub?.case) {
    case 'publishing': {
      const mark = w.begin(42, 1)
      writePublishing(w, value.pubSub.value)
      w.end(mark, 1)
      break
    }
    case 'subscription': {
      const mark = w.begin(50, 1)
      writeSubscription(w, value.pubSub.value)
      w.end(mark, 1)
      break
    }
  }
  if (value.userAgent !== undefined) {
    const mark = w.begin(58, 1)
    writeUA(w, value.userAgent)
    w.end(mark, 1)
  }
  if (value.metric !== undefined) {
    const mark = w.begin(66, 1)
    writeMetric(w, value.metric)
    w.end(mark, 1)
  }
  if (value.clientProperties !== undefined) {
    for (const [key, item] of value.clientProperties) {
      const entry = w.begin(74, 1)
      w.string(10, key)
      w.string(18, item)
      w.end(entry, 1)
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
  const clientProperties: Map<string, string> = prev === undefined ? new Map() : (prev.clientProperties as Map<string, string>)
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { clientType, accessPoint, backoffPolicy, requestTimeout, pubSub, userAgent, metric, clientProperties }
}

export function encodeSettings(value: SettingsInit): Uint8Array {
  const w = lend()
  try {
    writeSettings(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
      const mark = w.begin(10, 1)
      writeResource(w, item)
      w.end(mark, 1)
    }
  }
  if (value.maxBodySize !== undefined && value.maxBodySize !== 0) w.int32(16, value.maxBodySize)
  if (value.validateMessageType !== undefined && value.validateMessageType) w.bool(24, value.validateMessageType)
}

export function readPublishing(r: Reader, end: number, prev?: Publishing): Publishing {
  const topics: Resource[] = prev === undefined ? [] : (prev.topics as Resource[])
  let maxBodySize: number = prev === undefined ? 0 : prev.maxBodySize
  let validateMessageType: boolean = prev === undefined ? false : prev.validateMessageType
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { topics, maxBodySize, validateMessageType }
}

export function encodePublishing(value: PublishingInit): Uint8Array {
  const w = lend()
  try {
    writePublishing(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.subscriptions !== undefined) {
    for (const item of value.subscriptions) {
      const mark = w.begin(18, 1)
      writeSubscriptionEntry(w, item)
      w.end(mark, 1)
    }
  }
  if (value.fifo !== undefined) w.bool(24, value.fifo)
  if (value.receiveBatchSize !== undefined) w.int32(32, value.receiveBatchSize)
  if (value.longPollingTimeout !== undefined) {
    const mark = w.begin(42, 1)
    writeDuration(w, value.longPollingTimeout)
    w.end(mark, 1)
  }
  if (value.liteSubscriptionQuota !== undefined) w.int32(48, value.liteSubscriptionQuota)
  if (value.maxLiteTopicSize !== undefined) w.int32(56, value.maxLiteTopicSize)
}

export function readSubscription(r: Reader, end: number, prev?: Subscription): Subscription {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  const subscriptions: SubscriptionEntry[] = prev === undefined ? [] : (prev.subscriptions as SubscriptionEntry[])
  let fifo: boolean | undefined = prev === undefined ? undefined : prev.fifo
  let receiveBatchSize: number | undefined = prev === undefined ? undefined : prev.receiveBatchSize
  let longPollingTimeout: Duration | undefined = prev === undefined ? undefined : prev.longPollingTimeout
  let liteSubscriptionQuota: number | undefined = prev === undefined ? undefined : prev.liteSubscriptionQuota
  let maxLiteTopicSize: number | undefined = prev === undefined ? undefined : prev.maxLiteTopicSize
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { group, subscriptions, fifo, receiveBatchSize, longPollingTimeout, liteSubscriptionQuota, maxLiteTopicSize }
}

export function encodeSubscription(value: SubscriptionInit): Uint8Array {
  const w = lend()
  try {
    writeSubscription(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(18, 1)
    writeEndpoints(w, value.endpoints)
    w.end(mark, 1)
  }
}

export function readMetric(r: Reader, end: number, prev?: Metric): Metric {
  let on: boolean = prev === undefined ? false : prev.on
  let endpoints: Endpoints | undefined = prev === undefined ? undefined : prev.endpoints
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 8:
        on = r.bool(end)
        break
      case 18:
        endpoints = readEndpoints(r, r.enter(end), endpoints)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { on, endpoints }
}

export function encodeMetric(value: MetricInit): Uint8Array {
  const w = lend()
  try {
    writeMetric(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no Metric. Bytes fields are views of the input. */
export function decodeMetric(bytes: Uint8Array): Metric {
  return readMetric(new Reader(bytes), bytes.length)
}
