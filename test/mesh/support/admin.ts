import { setTimeout as pass } from 'node:timers/promises'
import { type FilterMetrics, readFilterMetrics } from '@feathermq/mesh-filter'

/** Value of a counter of Envoy's own, 0 when it does not exist yet. */
export async function adminCounter(adminUrl: string, name: string): Promise<number> {
  const answer = await fetch(`${adminUrl}/stats?filter=${encodeURIComponent(`^${name.replaceAll('.', '\\.')}$`)}`)
  return Number(/: (\d+)/.exec(await answer.text())?.[1] ?? 0)
}

/**
 * The filter's counters once they tell of every call that Envoy has ended: the filter tells of calls twice a second. Where that does
 * not come to pass, the answer is what they tell after five seconds. `manager`: the `stat_prefix` of the connection manager.
 */
export async function toldMetrics(adminUrl: string, manager = 'feathermq'): Promise<FilterMetrics> {
  const deadline = performance.now() + 5_000
  const value = (name: string) => adminCounter(adminUrl, `http.${manager}.downstream_rq_${name}`)
  const ended = (await value('total')) - (await value('active'))
  while (true) {
    const metrics = await readFilterMetrics(adminUrl)
    const told = metrics.calls.reduce((sum, { count }) => sum + count, 0)
    if (told >= ended || performance.now() > deadline) return metrics
    await pass(20)
  }
}
