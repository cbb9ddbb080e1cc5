// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type Code, codeName, codeNumber } from './enums.ts'

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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        resourceNamespace = r.string(end)
        break
      case 18:
        name = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { resourceNamespace, name }
}

export function encodeResource(value: ResourceInit): Uint8Array {
  const w = lend()
  try {
    writeResource(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no Resource. Bytes fields are views of the input. */
export function decodeResource(bytes: Uint8Array): Resource {
  return readResource(new Reader(bytes), bytes.length)
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
  if (value.code !== undefined) {
    const code = codeNumber(value.code)
    if (code !== 0) w.int32(8, code)
  }
  if (value.message !== undefined && value.message !== '') w.string(18, value.message)
}

export function readStatus(r: Reader, end: number, prev?: Status): Status {
  let code: Code | number = prev === undefined ? codeName(0) : prev.code
  let message: string = prev === undefined ? '' : prev.message
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 8:
        code = codeName(r.int32(end))
        break
      case 18:
        message = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { code, message }
}

export function encodeStatus(value: StatusInit): Uint8Array {
  const w = lend()
  try {
    writeStatus(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no Status. Bytes fields are views of the input. */
export function decodeStatus(bytes: Uint8Array): Status {
  return readStatus(new Reader(bytes), bytes.length)
}
