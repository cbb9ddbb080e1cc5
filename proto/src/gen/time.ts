// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'

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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 8:
        seconds = r.safeInt64(end)
        break
      case 16:
        nanos = r.int32(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { seconds, nanos }
}

export function encodeDuration(value: DurationInit): Uint8Array {
  const w = lend()
  try {
    writeDuration(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 8:
        seconds = r.safeInt64(end)
        break
      case 16:
        nanos = r.int32(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { seconds, nanos }
}

export function encodeTimestamp(value: TimestampInit): Uint8Array {
  const w = lend()
  try {
    writeTimestamp(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no Timestamp. Bytes fields are views of the input. */
export function decodeTimestamp(bytes: Uint8Array): Timestamp {
  return readTimestamp(new Reader(bytes), bytes.length)
}
