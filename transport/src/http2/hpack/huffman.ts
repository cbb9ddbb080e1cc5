/**
 * Strings in the Huffman code (RFC 7541, 5.2).
 *
 * Decoding is a state machine that takes a byte a step. Its states are the inner nodes of the tree of the code, 256 of them. Such a table is 256 KiB large
 * and what comes in real headers uses little of it, so it is filled as it is used: nothing to build at start, no memory for rows that nobody visits.
 */
import { codeLengths, codes, EOS } from './huffman-code.ts'

const ROOT = 0
const STATES = 256

/** Two children per inner node: an inner node, or -1 - symbol for a leaf. Nothing leads back to the root, so that 0 can say: not built yet. */
const children = new Int32Array(STATES * 2)
/** 1 for the states that a string may end in: the root, or behind up to seven ones, which are the beginning of EOS (5.2). */
const accepting = new Uint8Array(STATES)
accepting[ROOT] = 1

function growTree(): void {
  let nodes = 1
  for (let symbol = 0; symbol <= EOS; symbol += 1) {
    const code = codes[symbol] as number
    const length = codeLengths[symbol] as number
    let node = ROOT
    for (let bit = length - 1; bit > 0; bit -= 1) {
      const side = node * 2 + ((code >>> bit) & 1)
      if (children[side] === 0) children[side] = nodes++
      node = children[side] as number
      if (symbol === EOS && length - bit <= 7) accepting[node] = 1
    }
    children[node * 2 + (code & 1)] = -1 - symbol
  }
}

/**
 * By state * 256 + byte: the next state in the lowest byte, above it up to two symbols (no code is shorter than five bits, so one byte completes no more),
 * and their number on top. A step is never 0 in itself, for the root is only reached by a symbol: 0 is a step that was not made yet.
 */
const steps = new Int32Array(STATES * 256)
const ONE_SYMBOL = 1 << 24
const TWO_SYMBOLS = 2 << 24
const FAILURE = -1

/** Makes the step that `steps` holds from now on. */
function makeStep(at: number): number {
  // Grown for the first of them, since what is only imported decodes nothing.
  if (children[ROOT] === 0) growTree()
  let node = at >> 8
  let symbols = 0
  for (let bit = 7; bit >= 0; bit -= 1) {
    const child = children[node * 2 + ((at >> bit) & 1)] as number
    if (child >= 0) {
      node = child
      continue
    }
    const symbol = -1 - child
    if (symbol === EOS) {
      steps[at] = FAILURE
      return FAILURE
    }
    symbols += ONE_SYMBOL + (symbols === 0 ? symbol << 8 : symbol << 16)
    node = ROOT
  }
  const step = symbols | node
  steps[at] = step
  return step
}

/**
 * Decodes the bytes from `start` to `end` into the beginning of `into`.
 *
 * @returns how many bytes the string has, or -1 when the code is not valid. It may be more than `into` holds: what goes beyond was checked and counted but
 *   not kept (a write behind the end of a typed array does nothing), so that the size of `into` is the limit on memory.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  let state = ROOT
  let length = 0
  for (let at = start; at < end; at++) {
    const index = (state << 8) | (bytes[at] as number)
    let step = steps[index] as number
    if (step === 0) step = makeStep(index)
    if (step >= ONE_SYMBOL) {
      into[length++] = step >> 8
      if (step >= TWO_SYMBOLS) into[length++] = step >> 16
    } else if (step === FAILURE) return -1
    state = step & 0xff
  }
  return accepting[state] === 1 ? length : -1
}

/** The most bytes that a string can have whose code has `length` bytes. */
export function mostDecoded(length: number): number {
  return Math.floor((length * 8) / 5)
}

/** How many bytes the code of `text` has. @throws {TypeError} for characters that are no byte. */
export function huffmanLength(text: string): number {
  let bits = 0
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i)
    if (symbol > 0xff) throw notBytes()
    bits += codeLengths[symbol] as number
  }
  return Math.ceil(bits / 8)
}

/** The code and, in the lowest five bits, its length, for codes up to 15 bits: every printable character but the backslash. 0 for the others. */
const shortCodes: Uint32Array = Uint32Array.from({ length: 256 }, (_, symbol) => {
  const length = codeLengths[symbol] as number
  return length <= 15 ? ((codes[symbol] as number) << 5) | length : 0
})

/**
 * Writes the code of `text` from `at` on if it ends at `limit` or before. One pass does both, trying and writing: to look for the length first takes as long.
 *
 * @returns where it ends, or -1 when it does not fit; what stands between `at` and `limit` is undefined then.
 * @throws {TypeError} for characters that are no byte.
 */
export function encodeHuffman(text: string, into: Uint8Array, at: number, limit: number): number {
  // The lowest `waiting` bits of `pending`, never more than 15 between symbols, are still to be written; those above them have been.
  let pending = 0
  let waiting = 0
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i)
    if (symbol > 0xff) throw notBytes()
    let code = shortCodes[symbol] as number
    if (code === 0) {
      // Up to 30 bits: the first of them here, the last 15 as if they were a short code.
      const whole = codes[symbol] as number
      const first = (codeLengths[symbol] as number) - 15
      pending = (pending << first) | (whole >>> 15)
      waiting += first
      if (waiting >= 16) {
        if (at + 2 > limit) return -1
        waiting -= 16
        into[at++] = pending >>> (waiting + 8)
        into[at++] = pending >>> waiting
      }
      code = ((whole & 0x7fff) << 5) | 15
    }
    const length = code & 0x1f
    pending = (pending << length) | (code >>> 5)
    waiting += length
    if (waiting >= 16) {
      if (at + 2 > limit) return -1
      waiting -= 16
      into[at++] = pending >>> (waiting + 8)
      into[at++] = pending >>> waiting
    }
  }
  if (at + ((waiting + 7) >> 3) > limit) return -1
  if (waiting >= 8) {
    waiting -= 8
    into[at++] = pending >>> waiting
  }
  // Padded with the beginning of EOS, which is ones.
  if (waiting > 0) into[at++] = (pending << (8 - waiting)) | (0xff >>> waiting)
  return at
}

export function notBytes(): TypeError {
  return new TypeError('a header field has one byte per character; text beyond U+00FF has to be encoded first')
}
