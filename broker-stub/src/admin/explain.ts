import type { BrokerContext } from '../context.ts'
import type { SubscriptionStats } from '../delivery/types.ts'
import type { Group, Topic } from '../registry/types.ts'

const counted = (amount: number, what: string): string => `${amount} ${what}${amount === 1 ? '' : 's'}`
const are = (amount: number): string => (amount === 1 ? 'is' : 'are')
const were = (amount: number): string => (amount === 1 ? 'was' : 'were')

/** What keeps messages from the consumers of a group, as sentences; the first ones matter most. */
export function explainGroup(broker: BrokerContext, group: Group): readonly string[] {
  const { name } = group
  const subscriptions = broker.delivery.subscriptionStats().filter((stats) => stats.group === name)
  const waiters = subscriptions.reduce((sum, stats) => sum + stats.waiters, 0)
  const consumers = consumersOf(broker, name)
  const why: string[] = []
  if (group.paused) why.push(`The group is paused: nothing is handed out until "feathermq group resume ${name}".`)
  if (consumers === 0 && waiters === 0) why.push('No consumer is connected, and nobody asks for messages.')
  if (subscriptions.length === 0) why.push('It has not asked for messages of any topic yet.')
  const letters = broker.delivery.deadLetters(name)
  if (letters > 0) {
    why.push(
      `${counted(letters, 'dead letter')} ${are(letters)} in %DLQ%${name}: "feathermq group redrive ${name}" sends them back to where they came from.`,
    )
  }
  return [...why, ...subscriptions.flatMap((stats) => explainSubscription(broker, stats, consumers).map((sentence) => `${stats.topic}: ${sentence}`))]
}

/** Why nothing arrives from a topic, as sentences. */
export function explainTopic(broker: BrokerContext, topic: Topic): readonly string[] {
  const why = [...explainMessages(broker, topic)]
  const subscriptions = broker.delivery.subscriptionStats().filter((stats) => stats.topic === topic.name)
  if (subscriptions.length === 0) why.push('No group has asked for its messages yet.')
  for (const stats of subscriptions) {
    const group = broker.registry.group(stats.group)
    const consumers = consumersOf(broker, stats.group)
    const some = explainReading(stats, consumers)
    if (group?.paused === true) some.unshift('the group is paused.')
    if (consumers === 0 && stats.waiters === 0) some.unshift('no consumer is connected, and nobody asks for messages.')
    why.push(...some.map((sentence) => `${stats.group}: ${sentence}`))
  }
  return why
}

function consumersOf(broker: BrokerContext, group: string): number {
  return broker.clients.all().filter(({ settings }) => settings?.pubSub?.case === 'subscription' && settings.pubSub.value.group?.name === group)
    .length
}

/** What is to be said of a topic's messages whoever reads them. */
function explainMessages(broker: BrokerContext, topic: Topic): readonly string[] {
  const why: string[] = []
  const { queues, delayed } = broker.delivery.topicStats(topic.name) ?? { queues: [], delayed: 0 }
  if (delayed === 0 && queues.every(({ max }) => max === 0)) why.push('Nothing was ever sent to it.')
  else if (delayed === 0 && queues.every(({ min, max }) => min === max)) why.push('All that was sent to it is gone: it was read, or too old.')
  if (delayed > 0) why.push(`${counted(delayed, 'message')} ${are(delayed)} not due yet.`)
  for (const [type, times] of broker.counters.misfits(topic.name)) {
    const takes = topic.types.join(', ')
    why.push(
      `${counted(times, `${type} message`)} ${were(times)} refused: the topic takes ${takes}. A topic of the same name with --types ${type} would take them.`,
    )
  }
  return why
}

function explainSubscription(broker: BrokerContext, stats: SubscriptionStats, consumers: number): readonly string[] {
  const topic = broker.registry.topic(stats.topic)
  const messages = topic === undefined ? [] : explainMessages(broker, topic).map((sentence) => `${sentence[0]?.toLowerCase()}${sentence.slice(1)}`)
  return [...messages, ...explainReading(stats, consumers)]
}

/** How a group stands with a topic. */
function explainReading(
  { ready, inFlight, delayed, parked, heldGroups, skipped, cap, waiters, delivered }: SubscriptionStats,
  consumers: number,
): string[] {
  const why: string[] = []
  if (cap === 'in flight') why.push(`the cap of messages in flight is reached (${inFlight}): nothing more is handed out until some are settled.`)
  if (cap === 'parked') why.push(`the cap of parked messages is reached (${parked}): queues are not read on until message groups are free.`)
  if (heldGroups > 0) {
    why.push(
      `${counted(heldGroups, 'message group')} ${are(heldGroups)} locked by what is not settled; ${counted(parked, 'parked message')} wait behind.`,
    )
  }
  if (ready === 0 && inFlight > 0) why.push(`all that is there is in flight: ${counted(inFlight, 'message')}, not acknowledged yet.`)
  if (delayed > 0) why.push(`${counted(delayed, 'message')} ${were(delayed)} given back, and wait${delayed === 1 ? 's' : ''} for the next attempt.`)
  if (skipped > 0)
    why.push(`${counted(skipped, 'message')} ${were(skipped)} passed over since the broker started: no filter of those who asked took them.`)
  if (ready > 0 && waiters === 0 && consumers > 0 && cap === undefined) {
    why.push(`${counted(ready, 'message')} ${are(ready)} ready, and no receive waits: the consumers are busy, or take no more.`)
  }
  if (why.length === 0 && ready === 0 && delivered > 0) why.push('all that was there is done.')
  return why
}
