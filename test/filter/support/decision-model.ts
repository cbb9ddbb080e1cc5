import type { MeshConfig, Patterns, PolicyRule, Route, When } from '@feathermq/mesh-filter'

/** One message of a send. */
export interface ModelMessage {
  readonly topic: string
  /** The namespace that its topic is in, or none. */
  readonly namespace: string
  readonly tag: string
  readonly messageGroup: string
  readonly bodyBytes: number
  readonly properties: readonly string[]
  readonly keys: number
  /** From now on; 0 = not delayed. */
  readonly delayMs: number
}

/** A call as the rules see it. An empty string is an absent fact. */
export interface ModelCall {
  readonly op: 'send' | 'receive' | 'ack' | 'route' | 'heartbeat' | 'telemetry'
  readonly topic: string
  readonly group: string
  /** Namespaces of topic and group. */
  readonly topicNamespace: string
  readonly groupNamespace: string
  /** Of an acknowledgement one per entry. */
  readonly brokers: readonly string[]
  readonly client: string
  readonly peer: string
  readonly messages: readonly ModelMessage[]
  /** Topics of a client's settings. */
  readonly topics: readonly string[]
}

export interface Decision {
  /** `<section>/<rule>` and RocketMQ's code. */
  readonly refusedBy?: { readonly rule: string; readonly code: number }
  readonly cluster?: string
  /** The clusters of a split, of which any with a weight is right. */
  readonly anyOf?: readonly string[]
  readonly route?: string
  readonly hash?: string
  readonly subset?: Readonly<Record<string, string>>
  /** Rules that counted the call without acting. */
  readonly shadows: ReadonlySet<string>
}

type Facts = Readonly<Record<'op' | 'topic' | 'group' | 'tag' | 'messageGroup' | 'broker' | 'client' | 'peer' | 'lane', string>> & {
  /** By the fact that has one. */
  readonly namespaces: Readonly<Partial<Record<keyof When, string>>>
}

function matches(patterns: Patterns, value: string): boolean {
  return [patterns].flat().some((pattern) => {
    const escaped = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
    return new RegExp(`^${escaped.join('.*')}$`, 's').test(value)
  })
}

/** The names that a server may know it by. */
function namesOf(facts: Facts, key: keyof When): string[] {
  const namespace = facts.namespaces[key] ?? ''
  return namespace === '' ? [facts[key]] : [facts[key], `${namespace}%${facts[key]}`]
}

function holds(when: When, facts: Facts, quantifier: 'some' | 'every'): boolean {
  return (Object.keys(when) as (keyof When)[]).every((key) => {
    const patterns = when[key]
    return patterns === undefined || (facts[key] !== '' && namesOf(facts, key)[quantifier]((name) => matches(patterns, name)))
  })
}

/** What restricts holds for any name, what lets pass for all of them. */
function applies(rule: { readonly when: When; readonly unless?: When | undefined; readonly effect?: string | undefined }, facts: Facts): boolean {
  const [forWhen, forUnless] = rule.effect === 'allow' ? (['every', 'some'] as const) : (['some', 'every'] as const)
  return holds(rule.when, facts, forWhen) && !(rule.unless !== undefined && holds(rule.unless, facts, forUnless))
}

const mostOf: Readonly<Record<string, number>> = { '1h': 3_600_000, '1d': 86_400_000 }

/** What a policy has against a message, in the order in which it is asked. */
function faultOf(policy: PolicyRule, message: ModelMessage): number | undefined {
  const { maxBodyBytes = Infinity, maxProperties = Infinity, maxKeys = Infinity, maxDelay, tags, requireProperties = [] } = policy
  if (message.bodyBytes > maxBodyBytes) return 41301
  if (message.properties.length > maxProperties) return 43101
  if (message.keys > maxKeys) return 40005
  if (requireProperties.some((name) => !message.properties.includes(name))) return 40000
  if (maxDelay !== undefined && message.delayMs > (mostOf[maxDelay] ?? 0)) return 40012
  return tags !== undefined && (message.tag === '' || !matches(tags, message.tag)) ? 40004 : undefined
}

/** The facts of each part of a call that is judged for itself. */
function partsOf(call: ModelCall): { facts: Facts; message?: ModelMessage }[] {
  const { op, topic, group, client, peer } = call
  const namespaces = { topic: call.topicNamespace, group: call.groupNamespace }
  const whole: Facts = { op, topic, group, tag: '', messageGroup: '', broker: call.brokers[0] ?? '', client, peer, lane: '', namespaces }
  if (op === 'send') {
    return call.messages.map((message) => ({
      facts: { ...whole, topic: message.topic, tag: message.tag, messageGroup: message.messageGroup, namespaces: { topic: message.namespace } },
      message,
    }))
  }
  if (op === 'telemetry' && call.topics.length > 0) return call.topics.map((each) => ({ facts: { ...whole, topic: each } }))
  if (op === 'ack' && call.brokers.length > 0) return call.brokers.map((broker) => ({ facts: { ...whole, broker } }))
  return [{ facts: whole }]
}

/** What the filter has to do with a call, told without any regard to how it does it. Limits and faults are no part of this. */
export function decide(config: MeshConfig, call: ModelCall): Decision {
  const parts = partsOf(call)
  const shadows = new Set<string>()
  for (const part of parts) {
    const refusedBy = judge(config, part, shadows)
    if (refusedBy !== undefined) return { refusedBy, shadows }
  }
  const first = parts[0]?.facts
  if (first === undefined || call.op === 'heartbeat' || call.op === 'telemetry') return { shadows }
  return { ...place(config, first), shadows }
}

function judge(
  config: MeshConfig,
  { facts, message }: { readonly facts: Facts; readonly message?: ModelMessage },
  shadows: Set<string>,
): Decision['refusedBy'] {
  const { acl, policy = [] } = config
  const matching = (acl?.rules ?? []).filter((rule) => applies(rule, facts))
  for (const { effect, name, shadow = false } of matching) {
    if (effect !== 'deny') continue
    if (!shadow) return { rule: `acl/${name}`, code: 40300 }
    shadows.add(`acl/${name}`)
  }
  const allowed = acl?.default !== 'deny' || matching.some(({ effect, shadow = false }) => effect === 'allow' && !shadow)
  if (!allowed) return { rule: 'acl/default', code: 40300 }
  if (message === undefined) return undefined
  for (const rule of policy) {
    const code = applies(rule, facts) ? faultOf(rule, message) : undefined
    if (code === undefined) continue
    if (rule.shadow !== true) return { rule: `policy/${rule.name}`, code }
    shadows.add(`policy/${rule.name}`)
  }
  return undefined
}

function place({ affinity, routes = [], clusters }: MeshConfig, facts: Facts): Omit<Decision, 'shadows'> {
  const byClient = affinity?.client === true && facts.client !== '' ? { hash: facts.client } : {}
  const home = Object.entries(affinity?.broker ?? {}).find(([pattern]) => facts.broker !== '' && matches(pattern, facts.broker))
  if (home !== undefined) return { cluster: home[1], ...byClient }
  const route = routes.find((each) => applies(each, facts))
  if (route === undefined) return { cluster: clusters?.default ?? '', ...byClient }
  return { ...target(route), route: route.name, ...hashOf(route, facts, byClient), ...(route.subset === undefined ? {} : { subset: route.subset }) }
}

function target({ cluster, split }: Route): Pick<Decision, 'cluster' | 'anyOf'> {
  if (cluster !== undefined) return { cluster }
  return {
    anyOf: Object.entries(split ?? {})
      .filter(([, weight]) => weight > 0)
      .map(([name]) => name),
  }
}

function hashOf({ hash }: Route, facts: Facts, byClient: { readonly hash?: string }): { readonly hash?: string } {
  if (hash === undefined) return byClient
  return facts[hash] === '' ? {} : { hash: facts[hash] }
}
