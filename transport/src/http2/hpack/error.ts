/**
 * What makes a block of fields unreadable (RFC 7541). HTTP/2 answers every one of them by ending the connection with COMPRESSION_ERROR
 * (RFC 9113, 4.3): the dynamic tables of both ends have parted, and no later block could be trusted.
 */

const meanings = {
  truncated: 'the block ends within a field (RFC 7541, 6)',
  integer: 'an integer is too large or takes too many bytes (RFC 7541, 5.1)',
  index: 'an index names no entry of either table (RFC 7541, 2.3.3)',
  huffman: 'a string is no valid Huffman code (RFC 7541, 5.2)',
  'table-size': 'the dynamic table is to become larger than it may (RFC 7541, 6.3)',
  'late-table-size': 'the size of the dynamic table changes behind a field (RFC 7541, 4.2)',
  'missing-table-size': 'the dynamic table had to become smaller at the beginning of this block (RFC 7541, 4.2)',
} as const

export type HpackReason = keyof typeof meanings

export class HpackError extends Error {
  readonly reason: HpackReason
  /** Bytes from the beginning of the block. */
  readonly offset: number

  constructor(reason: HpackReason, offset: number) {
    super(`HPACK: ${meanings[reason]}, byte ${offset} of the block`)
    this.name = 'HpackError'
    this.reason = reason
    this.offset = offset
  }
}
