// What must be, compared with what was. Pure: the demo and its test give it what they gathered.
import type { FilterMetrics } from '@feathermq/mesh-filter'
import { table } from '../support/table.ts'
import type { Handled } from './consumer.ts'
import type { Sent } from './producer.ts'

/** Messages of one topic that one broker stored, dead letters included. */
export interface Stored {
  readonly broker: string
  readonly topic: string
  readonly stored: number
}

/** Where the routes of mesh.json send a topic. */
const clusterOf = (topic: string): string => (topic === 'payments' || topic.startsWith('payments-') ? 'west' : 'east')
const topicsOf = (sent: readonly Sent[]): readonly string[] => [...new Set(sent.map(({ topic }) => topic))]
const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
const storedIn = (stored: readonly Stored[], broker: string, topic: string): number =>
  sum(stored.filter((entry) => entry.broker === broker && entry.topic === topic).map((entry) => entry.stored))

export function messagesTable(sent: readonly Sent[], handled: readonly Handled[], stored: readonly Stored[]): string {
  const rows = topicsOf(sent).map((topic) => {
    const messages = sent.filter((message) => message.topic === topic)
    const calls = handled.filter((call) => call.topic === topic)
    const done = calls.filter(({ outcome }) => outcome === 'done').length
    return [topic, messages[0]?.kind ?? '', messages.length, storedIn(stored, 'east', topic), storedIn(stored, 'west', topic), done, calls.length]
  })
  return table(['topic', 'kind', 'sent', 'in east', 'in west', 'handled', 'attempts'], rows)
}

export function callsTable(metrics: FilterMetrics): string {
  const rows = metrics.calls
    .toSorted((a, b) => `${a.topic} ${a.op} ${a.group}`.localeCompare(`${b.topic} ${b.op} ${b.group}`))
    .map(({ op, topic, group, code, count }) => [op, topic, group, code, count])
  return table(['operation', 'topic', 'group', 'code', 'calls'], rows)
}

/** A sentence for each figure that is not as it must be. `metrics`: undefined without a sidecar, when everything goes to east. */
export function problemsOf(
  sent: readonly Sent[],
  handled: readonly Handled[],
  stored: readonly Stored[],
  metrics: FilterMetrics | undefined,
): readonly string[] {
  return [...wrongHandling(sent, handled), ...wrongOrder(sent, handled), ...wrongStorage(sent, stored, metrics), ...wrongCounters(sent, metrics)]
}

function wrongHandling(sent: readonly Sent[], handled: readonly Handled[]): string[] {
  const problems: string[] = []
  if (sent.length === 0) problems.push('nothing was sent')
  const ids = new Set(sent.map(({ messageId }) => messageId))
  for (const call of handled) if (!ids.has(call.messageId)) problems.push(`"${call.body}" was handled, and nobody sent it`)
  for (const message of sent) {
    const calls = handled.filter(({ messageId }) => messageId === message.messageId)
    const expected = message.body === 'order 3' ? ['failed', 'done'] : ['done']
    const attempts = calls.map(({ attempt }) => attempt).join(', ')
    if (calls.map(({ outcome }) => outcome).join() !== expected.join() || calls.some(({ attempt }, index) => attempt !== index + 1)) {
      problems.push(`"${message.body}" has the attempts [${attempts}], and must have ${expected.length}: ${expected.join(', then ')}`)
    }
    const early = calls.find(({ at }) => at < message.notBefore)
    if (early !== undefined) problems.push(`"${message.body}" came ${message.notBefore - early.at} ms before its time`)
  }
  return problems
}

function wrongOrder(sent: readonly Sent[], handled: readonly Handled[]): string[] {
  const groups = new Set(sent.flatMap(({ messageGroup }) => messageGroup ?? []))
  return [...groups].flatMap((group) => {
    const wanted = sent.filter(({ messageGroup }) => messageGroup === group).map(({ messageId }) => messageId)
    const got = handled.filter(({ messageId }) => wanted.includes(messageId)).map(({ messageId }) => messageId)
    return got.join() === wanted.join() ? [] : [`the messages of ${group} were handled out of order`]
  })
}

function wrongStorage(sent: readonly Sent[], stored: readonly Stored[], metrics: FilterMetrics | undefined): string[] {
  return topicsOf(sent).flatMap((topic) => {
    const count = sent.filter((message) => message.topic === topic).length
    const home = metrics === undefined ? 'east' : clusterOf(topic)
    const away = home === 'east' ? 'west' : 'east'
    const [there, elsewhere] = [storedIn(stored, home, topic), storedIn(stored, away, topic)]
    return there === count && elsewhere === 0
      ? []
      : [`${home} stored ${there} messages of ${topic} and ${away} ${elsewhere}; ${count} and 0 were sent there`]
  })
}

function wrongCounters(sent: readonly Sent[], metrics: FilterMetrics | undefined): string[] {
  if (metrics === undefined) return []
  const refused = sum([...metrics.denied.values(), ...metrics.opaque.values()])
  const problems = refused === 0 ? [] : [`the filter refused or could not read ${refused} calls`]
  for (const topic of topicsOf(sent)) {
    const expected = sent.filter((message) => message.topic === topic).length
    const counted = sum(metrics.calls.filter((call) => call.op === 'send' && call.topic === topic && call.code === '20000').map(({ count }) => count))
    if (counted !== expected) problems.push(`the filter counted ${counted} sends to ${topic}, and there were ${expected}`)
  }
  return problems
}
