import type { BrokerContext } from '../context.ts'
import type { Group, RetryPolicy, StartPosition, Topic } from '../registry/types.ts'

/** A topic as the API shows it. */
export function topicView(broker: BrokerContext, topic: Topic): object {
  const stats = broker.delivery.topicStats(topic.name)
  return {
    name: topic.name,
    types: topic.types,
    origin: topic.origin,
    createdAt: new Date(topic.createdAt).toISOString(),
    stored: stats?.stored ?? 0,
    storedBytes: stats?.storedBytes ?? 0,
    delayed: stats?.delayed ?? 0,
    groups: stats?.groups ?? [],
    queues: stats?.queues ?? [],
  }
}

const retryView = (retry: RetryPolicy): object =>
  retry.kind === 'customized' ? retry.next : { initial: retry.initial, max: retry.max, multiplier: retry.multiplier }

const startView = (start: StartPosition): string => (typeof start === 'string' ? start : new Date(start.at).toISOString())

/** How groups stand with topics: those of one group, or all. */
export function subscriptionsView(broker: BrokerContext, group?: string): object[] {
  const now = broker.clock.now()
  return broker.delivery
    .subscriptionStats()
    .filter((stats) => group === undefined || stats.group === group)
    .map((stats) => ({ ...stats, oldestAge: stats.oldestReadyAt === undefined ? undefined : Math.max(0, now - stats.oldestReadyAt) }))
}

/** A group as the API shows it. */
export function groupView(broker: BrokerContext, group: Group): object {
  return {
    name: group.name,
    ordered: group.ordered,
    maxAttempts: group.maxAttempts,
    retry: retryView(group.retry),
    start: startView(group.start),
    paused: group.paused,
    origin: group.origin,
    createdAt: new Date(group.createdAt).toISOString(),
    deadLetters: broker.delivery.deadLetters(group.name),
    subscriptions: subscriptionsView(broker, group.name),
  }
}

export function clientsView(broker: BrokerContext): object[] {
  return broker.clients.all().map(({ id, address, language, version, settings, liveness }) => ({
    id,
    address,
    language,
    version,
    state: liveness.name,
    type: settings?.clientType ?? null,
    topics: settings?.pubSub?.case === 'publishing' ? settings.pubSub.value.topics.map((topic) => topic.name) : [],
    group: settings?.pubSub?.case === 'subscription' ? (settings.pubSub.value.group?.name ?? null) : null,
  }))
}
