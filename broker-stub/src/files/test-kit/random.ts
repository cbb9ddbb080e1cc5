/** Numbers in [0, 1) that a seed decides (xorshift32): what a disk lost can be lost again. */
export function seededRandom(seed: number): () => number {
  // Neighbouring seeds should not begin alike, and zero would stay zero.
  let state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x5bd1e995 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
