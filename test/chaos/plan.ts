import type { Random } from '../support/random.ts'

/** What happens to one broker of the fleet, or to all at once, or to a consumer. Times are ms. */
export type Blow =
  /** Its connections are reset. */
  | { readonly kind: 'cut'; readonly member: number }
  /** Nothing passes for a while; then it does again, or the connections are reset. */
  | { readonly kind: 'stall'; readonly member: number; readonly lasts: number; readonly thenCut: boolean }
  /** Nobody can connect to it for a while. */
  | { readonly kind: 'down'; readonly member: number; readonly lasts: number }
  /** It is killed, and started again on its directory after a while. */
  | { readonly kind: 'kill'; readonly member: number; readonly lasts: number }
  /** It is stopped as an operator does it, and started again on its directory after a while. */
  | { readonly kind: 'stop'; readonly member: number; readonly lasts: number }
  /** It is taken out of the routes and, when `off`, stopped; after a while it is added again. */
  | { readonly kind: 'leave'; readonly member: number; readonly lasts: number; readonly off: boolean }
  /** Nobody can connect to any. */
  | { readonly kind: 'blackout'; readonly lasts: number }
  /** A consumer closes, and another one takes its place. */
  | { readonly kind: 'replace'; readonly consumer: number }

export interface Step {
  /** Time since the step before. */
  readonly after: number
  readonly blow: Blow
}

export const blows = ['cut', 'stall', 'down', 'kill', 'stop', 'leave', 'blackout', 'replace'] as const satisfies readonly Blow['kind'][]
/** Of a hundred blows so many are of each kind. */
const weights = { cut: 20, stall: 15, down: 10, kill: 15, stop: 8, leave: 12, blackout: 5, replace: 15 } as const
const urn: readonly Blow['kind'][] = blows.flatMap((kind) => Array.from({ length: weights[kind] }, () => kind))

/** Blows of a round, by the seed: what falls upon one broker is over before the next falls upon it, and one broker at least stays in the routes. */
export function* plan(random: Random, members: number, consumers: number, lasting: number): Generator<Step> {
  /** When each member is itself again. */
  const busy = Array.from({ length: members }, () => 0)
  const away = Array.from({ length: members }, () => 0)
  const between = (least: number, most: number) => least + random.below(most - least)
  let now = 0
  for (;;) {
    const after = between(200, 1_400)
    now += after
    if (now >= lasting) return
    const kind = urn[random.below(urn.length)] ?? 'cut'
    if (kind === 'replace') {
      yield { after, blow: { kind, consumer: random.below(consumers) } }
      continue
    }
    if (kind === 'blackout') {
      const lasts = between(300, 2_500)
      if (busy.every((until) => until <= now)) {
        busy.fill(now + lasts)
        yield { after, blow: { kind, lasts } }
        continue
      }
    }
    const free = busy.flatMap((until, member) => (until <= now ? [member] : []))
    const member = free[random.below(Math.max(1, free.length))]
    if (member === undefined) {
      yield { after, blow: { kind: 'replace', consumer: random.below(consumers) } }
      continue
    }
    const blow = fall(kind, member, between, random)
    const present = away.filter((until, other) => other !== member && until <= now).length
    if (blow.kind === 'leave' && present === 0) {
      yield { after, blow: { kind: 'cut', member } }
      continue
    }
    if (blow.kind === 'leave') away[member] = now + blow.lasts
    // Time to come up again.
    if ('lasts' in blow) busy[member] = now + blow.lasts + 1_500
    yield { after, blow }
  }
}

function fall(kind: Exclude<Blow['kind'], 'replace'>, member: number, between: (least: number, most: number) => number, random: Random) {
  switch (kind) {
    case 'stall':
      return { kind, member, lasts: between(200, 5_000), thenCut: random.oneIn(2) } as const
    case 'down':
      return { kind, member, lasts: between(200, 4_000) } as const
    case 'kill':
    case 'stop':
      return { kind, member, lasts: between(0, 2_500) } as const
    case 'leave':
      return { kind, member, lasts: between(3_000, 12_000), off: random.oneIn(2) } as const
    default:
      return { kind: 'cut', member } as const
  }
}
