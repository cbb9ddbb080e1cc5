/**
 * Why bytes are not what they should be.
 *
 * - `truncated`: a field says that it is longer than what is there.
 * - `malformed`: no protobuf: a varint of more than ten bytes, field number 0, an unknown wire type, an end of a group that never began.
 * - `invalid-utf8`: a `string` field holds bytes that are no UTF-8 (proto3 demands it).
 * - `too-deep`: unknown groups nested deeper than 100.
 * - `out-of-range`: an int64 outside ±2^53 where a `number` is promised.
 */
export type WireErrorReason = 'truncated' | 'malformed' | 'invalid-utf8' | 'too-deep' | 'out-of-range'

/** Bytes that cannot be decoded. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly reason: WireErrorReason
  /** Where in the input the trouble begins, bytes. */
  readonly offset: number

  constructor(reason: WireErrorReason, offset: number, detail: string) {
    super(`${reason} at byte ${offset}: ${detail}`)
    this.reason = reason
    this.offset = offset
  }
}
