import { type Spread, show } from './statistics.ts'

/** One line of a table, as `npm run bench` reads it: what something costs here and elsewhere, in the same rounds. */
export interface Result {
  readonly what: string
  readonly unit: string
  /** The first is ours. `of`: which of several figures `cost` is; the others are beside it. */
  readonly costs: readonly {
    readonly who: string
    readonly of?: string
    readonly cost: Spread
    readonly beside?: readonly { readonly of: string; readonly cost: Spread }[]
  }[]
  /** How many times dearer a peer is, in which of the figures. `floor`: the least that must hold. */
  readonly ratios: readonly { readonly peer: string; readonly of?: string; readonly ratio: Spread; readonly floor?: number }[]
  /** What may be so much at most. */
  readonly bounds?: readonly { readonly what: string; readonly value: Spread; readonly most?: number }[]
}

export function print({ what, unit, costs, ratios, bounds = [] }: Result): string {
  const lines = costs.map(({ who, of = '', cost, beside = [] }) =>
    [`  ${who}: ${of} ${show(cost)}`, ...beside.map((other) => `${other.of} ${show(other.cost)}`)].join(', '),
  )
  const compared = ratios.map(
    ({ peer, of = '', ratio, floor }) => `  times cheaper than ${peer}, ${of}: ${show(ratio)}${floor === undefined ? '' : `, floor ${floor}`}`,
  )
  const bounded = bounds.map((bound) => `  ${bound.what}: ${show(bound.value)}${bound.most === undefined ? '' : `, at most ${bound.most}`}`)
  return [`${what}, ${unit}`, ...lines, ...compared, ...bounded].join('\n')
}

/** Floors and bounds that do not hold, as sentences. */
export function broken({ what, ratios, bounds = [] }: Result): readonly string[] {
  return [
    ...ratios.flatMap(({ peer, of = '', ratio, floor = 0 }) =>
      ratio.median >= floor ? [] : [`${what}, ${of}: ${ratio.median.toFixed(2)} times cheaper than ${peer}; the floor is ${floor}`],
    ),
    ...bounds.flatMap((bound) =>
      bound.most === undefined || bound.value.median <= bound.most
        ? []
        : [`${what}: ${bound.what} is ${bound.value.median.toFixed(2)}; ${bound.most} is the most`],
    ),
  ]
}
