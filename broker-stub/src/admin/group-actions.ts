import type { BrokerContext } from '../context.ts'
import type { SeekTarget } from '../delivery/queue-seek.ts'
import { schemaCheck, timePattern } from '../options.ts'
import type { Group } from '../registry/types.ts'
import { type ApiAnswer, answer, problem } from './answer.ts'
import { groupView } from './views.ts'

type Action = (broker: BrokerContext, group: Group, body: unknown) => ApiAnswer | Promise<ApiAnswer>

const checkReset = schemaCheck({
  type: 'object',
  additionalProperties: false,
  required: ['topic'],
  properties: {
    topic: { type: 'string' },
    to: { type: 'string', pattern: `^(start|end|${timePattern})$`, description: '"start", "end" or a time such as "2026-01-31T09:30:00Z"' },
    offsets: {
      type: 'object',
      minProperties: 1,
      additionalProperties: false,
      patternProperties: { '^\\d{1,3}$': { type: 'integer', minimum: 0, description: 'an offset, 0 or more' } },
    },
  },
})

interface Reset {
  readonly topic: string
  readonly to?: string
  readonly offsets?: Readonly<Record<string, number>>
}

function pausing(paused: boolean): Action {
  return (broker, group) => answer(200, groupView(broker, broker.registry.putGroup(group.name, { paused }, 'admin')))
}

async function reset(broker: BrokerContext, group: Group, body: unknown): Promise<ApiAnswer> {
  const problems = checkReset(body)
  if (problems.length > 0) return problem(400, problems.join('; '))
  const { topic: name, to, offsets } = body as Reset
  if ((to === undefined) === (offsets === undefined)) return problem(400, 'give either "to" or "offsets"')
  const topic = broker.registry.topic(name)
  if (topic === undefined) return problem(404, `there is no topic "${name}"`)
  const missing = Object.keys(offsets ?? {}).find((queue) => Number(queue) >= topic.queues)
  if (missing !== undefined) return problem(400, `the topic "${name}" has no queue ${missing}; it has ${topic.queues}, from 0 on`)
  const target = offsets === undefined ? targetOf(to ?? '') : { offsets: new Map(Object.entries(offsets).map(([queue, at]) => [Number(queue), at])) }
  if (target === undefined) return problem(400, `"${to}" is no time`)
  const moved = await broker.delivery.reset(topic, group, target)
  if (moved === undefined) return problem(409, 'the topic or the group was deleted meanwhile')
  await broker.delivery.written()
  return answer(200, { group: group.name, topic: name, offsets: moved })
}

const checkRedrive = schemaCheck({
  type: 'object',
  additionalProperties: false,
  properties: { max: { type: 'integer', minimum: 1, description: 'a whole number, 1 or more' } },
})

async function redrive(broker: BrokerContext, group: Group, body: unknown): Promise<ApiAnswer> {
  const problems = checkRedrive(body ?? {})
  if (problems.length > 0) return problem(400, problems.join('; '))
  const { max } = (body ?? {}) as { readonly max?: number }
  const redriven = await broker.delivery.redrive(group.name, max)
  if (redriven === undefined) return problem(409, `dead letters of "${group.name}" are being sent back already`)
  return answer(200, { group: group.name, ...redriven })
}

function targetOf(to: string): SeekTarget | undefined {
  if (to === 'start') return 'first'
  if (to === 'end') return 'last'
  const at = Date.parse(to)
  return Number.isNaN(at) ? undefined : { at }
}

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['pause', pausing(true)],
  ['resume', pausing(false)],
  ['reset', reset],
  ['redrive', redrive],
])

/** `POST /api/groups/NAME/ACTION`; undefined for a path that names no action. */
export function groupAction(broker: BrokerContext, method: string, path: string, body: unknown): ApiAnswer | Promise<ApiAnswer> | undefined {
  const [, encoded, verb] = /^\/api\/groups\/([^/]+)\/([^/]+)$/.exec(path) ?? []
  const action = actions.get(verb ?? '')
  if (encoded === undefined || action === undefined) return undefined
  if (method !== 'POST') return { ...problem(405, `${path} takes POST`), allow: 'POST' }
  let name: string
  try {
    name = decodeURIComponent(encoded)
  } catch {
    return problem(400, `"${encoded}" is no percent-encoded name`)
  }
  const group = broker.registry.group(name)
  return group === undefined ? problem(404, `there is no group "${name}"`) : action(broker, group, body)
}
