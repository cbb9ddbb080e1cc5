import { askAdmin } from './admin.ts'

const timeout = 5_000

/** Calls of one kind. A label that a call lacks, or that is not configured, is `-`; `~other` is what was beyond a bound. */
export interface CallCount {
  readonly op: string
  readonly topic: string
  readonly group: string
  /** RocketMQ's code, such as `20000`; `grpc-14` when only gRPC's status is known; `none` when there was no answer to read. */
  readonly code: string
  readonly count: number
}

/** How often a rule had something to say. */
export interface RuleCount {
  /** `acl`, `policy`, `limits`, … */
  readonly section: string
  readonly rule: string
  readonly outcome: 'acted' | 'shadow'
  readonly count: number
}

/** The filter's counters, summed over Envoy's workers, since Envoy started. */
export interface FilterMetrics {
  readonly calls: readonly CallCount[]
  /** Calls whose beginning was held. */
  readonly held: number
  /** Calls that could not be read, by reason. */
  readonly opaque: ReadonlyMap<string, number>
  /** Calls that were refused, by reason. */
  readonly denied: ReadonlyMap<string, number>
  /** What rules did. A rule in shadow is counted and never acts. */
  readonly rules: readonly RuleCount[]
  /** Times the filter found out that Envoy passes it no bodies of held requests. */
  readonly flagMissing: number
  /** Receipt handles without a readable broker name. */
  readonly brokerUnreadable: number
  /** Times a configuration was loaded; several per worker are normal. */
  readonly configLoads: number
}

const callName = /^calls\.op\.([^.]+)\.topic\.([^.]+)\.group\.([^.]+)\.code\.([^.]+)\.end$/

/** Turns the text of Envoy's `/stats` into {@link FilterMetrics}; other counters are skipped. */
export function parseFilterMetrics(text: string): FilterMetrics {
  const calls: CallCount[] = []
  const rules: RuleCount[] = []
  const opaque = new Map<string, number>()
  const denied = new Map<string, number>()
  const plain = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, name = '', value] = /^wasmcustom\.fmq\.(\S+): (\d+)$/.exec(line) ?? []
    if (value === undefined) continue
    const count = Number(value)
    const call = callName.exec(name)
    const [, family, reason = ''] = /^(opaque|denied)\.(.+)$/.exec(name) ?? []
    const [, section, outcome, rule] = /^rules\.section\.([^.]+)\.outcome\.(acted|shadow)\.rule\.(.+)\.end$/.exec(name) ?? []
    if (section !== undefined && rule !== undefined) rules.push({ section, rule, outcome: outcome === 'shadow' ? 'shadow' : 'acted', count })
    else if (call !== null) calls.push({ op: call[1] ?? '', topic: call[2] ?? '', group: call[3] ?? '', code: call[4] ?? '', count })
    else if (family !== undefined) (family === 'opaque' ? opaque : denied).set(reason, count)
    else plain.set(name, count)
  }
  return {
    calls,
    held: plain.get('held') ?? 0,
    opaque,
    denied,
    rules,
    flagMissing: plain.get('flag_missing') ?? 0,
    brokerUnreadable: plain.get('broker_unreadable') ?? 0,
    configLoads: plain.get('config_loads') ?? 0,
  }
}

/** Reads the filter's counters from a running Envoy. `adminUrl`: `http://HOST:PORT`. @throws an Error when it does not answer. */
export async function readFilterMetrics(adminUrl: string): Promise<FilterMetrics> {
  const { status, body } = await askAdmin(adminUrl, `/stats?filter=${encodeURIComponent('^wasmcustom\\.fmq\\.')}`, timeout)
  if (status !== 200) throw new Error(`${adminUrl} answered ${status} to /stats; is that Envoy's admin interface?`)
  return parseFilterMetrics(body)
}
