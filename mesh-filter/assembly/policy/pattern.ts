// Wildcards: `*` stands for any bytes, also none; everything else for itself.
import { Pattern, PatternList } from '../config/settings'
import { sameBytes } from '../abi/text'

const STAR: u8 = 42

/** Linear in practice: after a mismatch only the last star moves. */
export function matches(pattern: usize, patternLength: usize, text: usize, textLength: usize): bool {
  let p: usize = 0
  let t: usize = 0
  let star: usize = usize.MAX_VALUE
  let resume: usize = 0
  while (t < textLength) {
    if (p < patternLength && load<u8>(pattern + p) == STAR) {
      star = p++
      resume = t
    } else if (p < patternLength && load<u8>(pattern + p) == load<u8>(text + t)) {
      p++
      t++
    } else if (star != usize.MAX_VALUE) {
      p = star + 1
      t = ++resume
    } else return false
  }
  while (p < patternLength && load<u8>(pattern + p) == STAR) p++
  return p == patternLength
}

export function matchesAny(list: PatternList, text: usize, textLength: usize): bool {
  for (let i: u32 = 0; i < list.count; i++) {
    const pattern = changetype<Pattern>(list.first + <usize>i * offsetof<Pattern>())
    const hit = pattern.wild != 0 ? matches(pattern.at, pattern.length, text, textLength) : sameBytes(pattern.at, pattern.length, text, textLength)
    if (hit) return true
  }
  return false
}
