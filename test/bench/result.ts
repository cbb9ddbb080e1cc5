import type { Spread } from './statistics.ts'

/** One line of the table: what something costs by us and by a peer, in the same rounds. */
export interface Result {
  readonly what: string
  readonly unit: string
  /** What it costs, by name; the first is ours. */
  readonly costs: readonly { readonly who: string; readonly cost: Spread; readonly broker?: Spread }[]
  /** How many times dearer a peer is. `floor`: the least that must hold. */
  readonly ratios: readonly { readonly peer: string; readonly ratio: Spread; readonly floor?: number }[]
}

/** Floors that do not hold, as sentences. */
export function brokenFloors(results: readonly Result[]): readonly string[] {
  return results.flatMap(({ what, ratios }) =>
    ratios.flatMap(({ peer, ratio, floor }) =>
      floor === undefined || ratio.median >= floor ? [] : [`${what}: ${ratio.median.toFixed(2)} times cheaper than ${peer}; the floor is ${floor}`],
    ),
  )
}
