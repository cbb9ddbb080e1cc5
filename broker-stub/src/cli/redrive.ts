/** Dead letters that one call sends back, so that it ends in time. */
const PER_CALL = 1_000

/** What one call answers. */
export interface Redriven {
  readonly moved: number
  readonly left: number
  readonly stopped?: string
}

/** Calls until `most` dead letters, or all that there were at first, are sent back: one that dies again meanwhile is not sent twice. */
export async function redriveAll(call: (max: number) => Promise<Redriven>, most: number = Number.POSITIVE_INFINITY): Promise<Redriven> {
  let last = await call(Math.min(most, PER_CALL))
  let moved = last.moved
  const all = Math.min(most, last.moved + last.left)
  while (last.stopped === undefined && last.moved > 0 && moved < all) {
    last = await call(Math.min(all - moved, PER_CALL))
    moved += last.moved
  }
  return { ...last, moved }
}
