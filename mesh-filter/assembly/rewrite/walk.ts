// Going through the fields of a protobuf message that stands in memory as a whole.

/** The field that `nextField` has found: where it begins and ends, and, of a length-delimited one, where its content does. */
export let fieldNumber: u32 = 0
export let fieldWire: u32 = 0
export let fieldAt: usize = 0
export let fieldEnd: usize = 0
export let contentAt: usize = 0
/** Of a varint. */
export let fieldValue: u64 = 0

export const FIELD_FOUND: u32 = 0
export const FIELD_NONE: u32 = 1
/** The field is not complete before the end. Its number is known when even its length is; `fieldEnd` lies behind the end then. */
export const FIELD_CUT: u32 = 2
export const FIELD_BAD: u32 = 3

let varint: u64 = 0

/** Address behind the varint, 0 when the end comes first, 1 when it is longer than any. */
function readVarint(at: usize, end: usize): usize {
  varint = 0
  for (let shift: u64 = 0; shift < 70; shift += 7) {
    if (at == end) return 0
    const byte = load<u8>(at++)
    varint |= <u64>(byte & 127) << shift
    if (byte < 128) return at
  }
  return 1
}

/** Reads the field at `at`. `fieldEnd` is where the next one begins. */
export function nextField(at: usize, end: usize): u32 {
  if (at >= end) return FIELD_NONE
  fieldAt = at
  fieldNumber = 0
  let next = readVarint(at, end)
  if (next <= 1) return next == 0 ? FIELD_CUT : FIELD_BAD
  if (varint > 0xffffffff || varint < 8) return FIELD_BAD
  const number = <u32>(varint >> 3)
  fieldWire = <u32>varint & 7
  if (fieldWire == 0) {
    next = readVarint(next, end)
    if (next <= 1) return next == 0 ? FIELD_CUT : FIELD_BAD
    fieldValue = varint
    contentAt = next
  } else if (fieldWire == 2) {
    next = readVarint(next, end)
    if (next <= 1) return next == 0 ? FIELD_CUT : FIELD_BAD
    if (varint > 0x3fffffff) return FIELD_BAD
    contentAt = next
    next += <usize>varint
  } else if (fieldWire == 1 || fieldWire == 5) {
    contentAt = next
    next += fieldWire == 1 ? 8 : 4
  } else return FIELD_BAD
  fieldNumber = number
  fieldEnd = next
  return next > end ? FIELD_CUT : FIELD_FOUND
}

// @ts-ignore: decorator
@inline
export function contentLength(): usize {
  return fieldEnd - contentAt
}
