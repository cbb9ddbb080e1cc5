// W3C trace context of messages: what the call carries in its headers is written into each of its messages that has none yet, and
// a message that is received with one carrier gets the other one too, since clients differ in which they read.
import { MAP_REQUEST_HEADERS } from '../abi/constants'
import { answerAt, answerLength, getHeader } from '../abi/host'
import { Bytes, bytesOf } from '../abi/text'
import { NOT_FIT, countOne } from './counts'
import { Rewriting, TRACE_PARENT, TRACE_STATE, setValue, valueLength } from './rewriting'

export const CARRIER_PROPERTIES: u32 = 1
export const CARRIER_TRACE_CONTEXT: u32 = 2

@unmanaged
export class Trace {
  /** 1: the context is Envoy's own, which only a filter behind its router can see; this one leaves messages alone. */
  upstream: u32
  never: u32
  carriers: u32
  maxBufferBytes: u32
}

export const PARENT = bytesOf('traceparent')
export const STATE = bytesOf('tracestate')
export const PARENT_LENGTH: usize = 55

// @ts-ignore: decorator
@inline
function isHex(byte: u8): bool {
  return (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102)
}

function allZero(at: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) if (load<u8>(at + i) != 48) return false
  return true
}

/** Version 00 of W3C Trace Context, 3.2.2: `00-<32 hex>-<16 hex>-<2 hex>`, ids that are not all zero. */
export function isTraceParent(at: usize, length: usize): bool {
  if (length != PARENT_LENGTH) return false
  for (let i: usize = 0; i < length; i++) {
    const byte = load<u8>(at + i)
    if (i == 2 || i == 35 || i == 52) {
      if (byte != 45) return false
    } else if (!isHex(byte)) return false
  }
  return load<u8>(at) == 48 && load<u8>(at, 1) == 48 && !allZero(at + 3, 32) && !allZero(at + 36, 16)
}

function keep(rewriting: Rewriting, value: u32, header: Bytes): void {
  if (getHeader(MAP_REQUEST_HEADERS, header)) setValue(rewriting, value, answerAt(), answerLength())
}

/** Keeps the context of the call. False when it has none that a message could carry. */
export function findContext(rewriting: Rewriting): bool {
  if (!getHeader(MAP_REQUEST_HEADERS, PARENT)) return false
  if (!isTraceParent(answerAt(), answerLength())) {
    countOne(NOT_FIT)
    return false
  }
  setValue(rewriting, TRACE_PARENT, answerAt(), answerLength())
  keep(rewriting, TRACE_STATE, STATE)
  return true
}

// @ts-ignore: decorator
@inline
export function hasContext(rewriting: Rewriting): bool {
  return valueLength(rewriting, TRACE_PARENT) != 0
}
