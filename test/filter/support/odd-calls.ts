import fc from 'fast-check'
import { type OddRequest, oddRequest } from '../../support/filter/odd-requests.ts'
import type { Random } from '../../support/random.ts'
import { cut } from './filter.ts'

const batch = 1000
/** Of each of fast-check's requests come so many calls, which cost less than another request: some as it is (they are cut differently), some damaged. */
const family = 5
const asItIs = 3

/** As many odd requests as are wanted; the seed decides which. */
export function* oddRequests(count: number, seed: number, random: Random): Generator<OddRequest> {
  let made = 0
  for (let round = 0; made < count; round++) {
    for (const { method, bytes } of fc.sample(oddRequest, { numRuns: batch, seed: seed + round })) {
      for (let member = 0; member < family && made < count; member++) {
        yield { method, bytes: member < asItIs ? bytes : damaged(bytes, random) }
        made++
      }
    }
  }
}

/** A copy with some bytes changed, and mostly with a prefix that fits. */
export function damaged(sound: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(sound)
  for (let harm = random.below(3); harm > 0 && bytes.length > 0; harm--) {
    const at = random.below(bytes.length)
    bytes[at] = random.oneIn(2) ? random.below(256) : (bytes[at] ?? 0) ^ (1 << random.below(8))
  }
  const end = random.oneIn(4) ? random.below(bytes.length + 1) : bytes.length
  if (!random.oneIn(4) && end >= 5) {
    bytes[0] = 0
    bytes.writeUInt32BE(end - 5, 1)
  }
  return bytes.subarray(0, end)
}

/** One to four pieces, some of them empty. */
export function cutAnywhere(bytes: Uint8Array, random: Random): Uint8Array[] {
  const places = Array.from({ length: random.below(4) }, () => random.below(bytes.length + 1)).sort((a, b) => a - b)
  return cut(bytes, ...places)
}
