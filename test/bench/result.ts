import type { Spread } from './statistics.ts'

/** What something costs by one of those who are compared. */
export interface Cost {
  readonly who: string
  readonly cost: Spread
  /** Which of several figures `cost` is; the others are beside it. */
  readonly of?: string
  readonly beside?: readonly { readonly of: string; readonly cost: Spread }[]
}

/** How many times dearer a peer is, in the figure `of`. `floor`: the least that must hold; `goal`: what is aimed at. */
export interface Ratio {
  readonly peer: string
  readonly of?: string
  readonly ratio: Spread
  readonly floor?: number
  readonly goal?: number
}

/** Something of ours that may be so much at most, where there is a most. */
export interface Bound {
  readonly what: string
  readonly value: Spread
  readonly most?: number
}

/** One line of the table: what something costs by us and by peers, in the same rounds. */
export interface Result {
  readonly what: string
  readonly unit: string
  /** The first is ours. */
  readonly costs: readonly Cost[]
  readonly ratios: readonly Ratio[]
  readonly bounds?: readonly Bound[]
}

/** `name`, and which figure of it. */
export function named(name: string, of: string | undefined): string {
  return of === undefined ? name : `${name}, ${of}`
}

/** Floors and bounds that do not hold at the median, as sentences. */
export function brokenFloors(results: readonly Result[]): readonly string[] {
  return results.flatMap(({ what, ratios, bounds = [] }) => [
    ...ratios.flatMap(({ peer, of, ratio, floor }) =>
      floor === undefined || ratio.median >= floor
        ? []
        : [`${named(what, of)}: ${ratio.median.toFixed(2)} times cheaper than ${peer}; the floor is ${floor}`],
    ),
    ...bounds.flatMap((bound) =>
      bound.most === undefined || bound.value.median <= bound.most
        ? []
        : [`${what}: ${bound.what} is ${bound.value.median.toFixed(2)}; it may be ${bound.most}`],
    ),
  ])
}
