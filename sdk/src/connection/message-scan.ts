import { Reader } from '@feathermq/protocol/client'

/** Tags of protobuf: field number << 3 | wire type. */
const response = { message: 18 } as const
const message = { topic: 10, userProperty: 18, system: 26, body: 34 } as const
const resource = { namespace: 10, name: 18 } as const
const system = {
  tag: 10,
  key: 18,
  messageId: 26,
  digest: 34,
  encoding: 40,
  type: 48,
  bornTimestamp: 58,
  bornHost: 66,
  storeTimestamp: 74,
  storeHost: 82,
  deliveryTimestamp: 90,
  receiptHandle: 98,
  queueId: 104,
  queueOffset: 112,
  invisible: 122,
  attempt: 128,
  messageGroup: 138,
  traceContext: 146,
} as const
const digest = { type: 8, checksum: 18 } as const
const time = { seconds: 8, nanos: 16 } as const

/** No offset. */
const NO_TEXT = -1

/**
 * Where in the bytes of a ReceiveMessageResponse is what settling and checking a message need. Start and end are the same where there is nothing.
 *
 * Everything else was looked at as well, so that decoding it later throws nothing.
 */
export interface MessageScan {
  topicStart: number
  topicEnd: number
  idStart: number
  idEnd: number
  handleStart: number
  handleEnd: number
  bodyStart: number
  bodyEnd: number
  digestType: number
  checksumStart: number
  checksumEnd: number
  groupStart: number
  groupEnd: number
  encoding: number
  /** 0 where the server says nothing. */
  attempt: number
  /** Ms; undefined where the server says nothing. */
  invisible: number | undefined
}

/** One for all scans: who wants to keep it copies. */
const found: MessageScan = {
  topicStart: 0,
  topicEnd: 0,
  idStart: 0,
  idEnd: 0,
  handleStart: 0,
  handleEnd: 0,
  bodyStart: 0,
  bodyEnd: 0,
  digestType: 0,
  checksumStart: 0,
  checksumEnd: 0,
  groupStart: 0,
  groupEnd: 0,
  encoding: 0,
  attempt: 0,
  invisible: undefined,
}

/**
 * Finds the parts of a usual response with a message, without making anything of them; valid until the next scan. undefined: it is not a usual one (no
 * message, texts that are not ASCII, fields that come twice or seldom), and has to be decoded.
 *
 * @param view of the same memory as `bytes`: four characters are looked at in one go
 * @throws {WireError} when the bytes are no ReceiveMessageResponse.
 */
export function scanMessage(bytes: Uint8Array, view: DataView, start: number, end: number): MessageScan | undefined {
  if (start === end || bytes[start] !== response.message) return undefined
  const r = new Reader(bytes, start + 1)
  if (r.enter(end) !== end) return undefined
  const scan = found
  scan.topicStart = scan.topicEnd = scan.idStart = scan.idEnd = scan.handleStart = scan.handleEnd = scan.bodyStart = scan.bodyEnd = 0
  scan.digestType = scan.checksumStart = scan.checksumEnd = scan.groupStart = scan.groupEnd = scan.encoding = scan.attempt = 0
  scan.invisible = undefined
  let topics = 0
  let systems = 0
  while (r.pos < end) {
    const tag = r.tag(end)
    if (tag === message.body) {
      const stop = r.enter(end)
      scan.bodyStart = r.pos
      scan.bodyEnd = stop
      r.pos = stop
    } else if (tag === message.system) {
      systems += 1
      const stop = r.enter(end)
      if (systems > 1 || !scanSystem(r, view, stop, scan)) return undefined
    } else if (tag === message.topic) {
      topics += 1
      const stop = r.enter(end)
      if (topics > 1 || !scanTopic(r, view, stop, scan)) return undefined
    } else if (tag === message.userProperty) {
      const stop = r.enter(end)
      while (r.pos < stop) {
        const part = r.tag(stop)
        if ((part !== 10 && part !== 18) || passText(r, view, stop) === NO_TEXT) return undefined
      }
    } else return undefined
  }
  return scan
}

function scanTopic(r: Reader, view: DataView, end: number, scan: MessageScan): boolean {
  while (r.pos < end) {
    const tag = r.tag(end)
    if (tag !== resource.name && tag !== resource.namespace) return false
    const start = passText(r, view, end)
    if (start === NO_TEXT) return false
    if (tag === resource.name) {
      scan.topicStart = start
      scan.topicEnd = r.pos
    }
  }
  return true
}

function scanSystem(r: Reader, view: DataView, end: number, scan: MessageScan): boolean {
  let nested = 0
  while (r.pos < end) {
    const tag = r.tag(end)
    switch (tag) {
      case system.messageId:
        scan.idStart = passText(r, view, end)
        scan.idEnd = r.pos
        if (scan.idStart === NO_TEXT) return false
        break
      case system.receiptHandle:
        scan.handleStart = passText(r, view, end)
        scan.handleEnd = r.pos
        if (scan.handleStart === NO_TEXT) return false
        break
      case system.messageGroup:
        scan.groupStart = passText(r, view, end)
        scan.groupEnd = r.pos
        if (scan.groupStart === NO_TEXT) return false
        break
      case system.tag:
      case system.key:
      case system.bornHost:
      case system.storeHost:
      case system.traceContext:
        if (passText(r, view, end) === NO_TEXT) return false
        break
      case system.digest: {
        const stop = r.enter(end)
        if ((nested & 1) !== 0 || !scanDigest(r, view, stop, scan)) return false
        nested |= 1
        break
      }
      case system.bornTimestamp:
      case system.storeTimestamp:
      case system.deliveryTimestamp:
        if (passTime(r, r.enter(end)) === undefined) return false
        break
      case system.invisible: {
        const ms = passTime(r, r.enter(end))
        if ((nested & 2) !== 0 || ms === undefined) return false
        nested |= 2
        scan.invisible = ms
        break
      }
      case system.encoding:
        scan.encoding = r.int32(end)
        break
      case system.attempt:
        scan.attempt = r.int32(end)
        break
      case system.type:
      case system.queueId:
      case system.queueOffset:
        r.skip(tag, end)
        break
      default:
        return false
    }
  }
  return true
}

function scanDigest(r: Reader, view: DataView, end: number, scan: MessageScan): boolean {
  while (r.pos < end) {
    const tag = r.tag(end)
    if (tag === digest.type) scan.digestType = r.int32(end)
    else if (tag === digest.checksum) {
      scan.checksumStart = passText(r, view, end)
      scan.checksumEnd = r.pos
      if (scan.checksumStart === NO_TEXT) return false
    } else return false
  }
  return true
}

/** Ms of a Duration, and of a Timestamp where nobody needs them; undefined where there is something else in it. */
function passTime(r: Reader, end: number): number | undefined {
  let ms = 0
  let nanos = 0
  while (r.pos < end) {
    const tag = r.tag(end)
    if (tag === time.seconds) ms = r.safeInt64(end) * 1_000
    else if (tag === time.nanos) nanos = r.int32(end)
    else return undefined
  }
  return ms + Math.trunc(nanos / 1e6)
}

/** Where the text that is passed begins; it ends at the reader. ASCII is UTF-8 for certain, any other text is not a usual one. */
function passText(r: Reader, view: DataView, end: number): number {
  const stop = r.enter(end)
  const start = r.pos
  let high = 0
  let at = start
  for (; at + 4 <= stop; at += 4) high |= view.getUint32(at)
  for (; at < stop; at += 1) high |= view.getUint8(at)
  r.pos = stop
  return (high & 0x80808080) === 0 ? start : NO_TEXT
}
