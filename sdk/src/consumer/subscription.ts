import { checkGroup, checkTag, checkTopic } from '@feathermq/protocol/client'
import type { Filter } from '../connection/filter.ts'
import { invalidOption } from '../errors.ts'
import { SqlExpression } from './sql.ts'

/** Topics, each with what is wanted of it: `*` for everything, tags joined by `||`, or `sql('amount > 100')`. */
export type Subscriptions = Readonly<Record<string, string | SqlExpression>>

/**
 * Checks {@link Subscriptions}.
 *
 * @throws {FeatherMQError} INVALID_OPTION
 */
export function checkSubscriptions(value: unknown, path: string): Map<string, Filter> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidOption(path, value, "an object such as { orders: '*' }")
  const entries = Object.entries(value)
  if (entries.length === 0) throw invalidOption(path, value, 'an object with at least one topic')
  return new Map(
    entries.map(([topic, expression]) => {
      const problem = checkTopic(topic)
      if (problem !== undefined) throw invalidOption(`${path}.${topic}`, topic, `the name of a topic: ${problem.message}`)
      return [topic, checkExpression(expression, `${path}.${topic}`)]
    }),
  )
}

function checkExpression(value: unknown, path: string): Filter {
  if (value instanceof SqlExpression) return { type: 'SQL', expression: String(value) }
  const wanted = "'*' or tags joined by '||', e.g. 'created || paid', or sql('amount > 100')"
  if (typeof value !== 'string') throw invalidOption(path, value, wanted)
  const tags = value.split('||').map((tag) => tag.trim())
  if (tags.length > 1 && tags.includes('*')) throw invalidOption(path, value, `${wanted}: '*' stands alone`)
  for (const tag of tags) if (checkTag(tag) !== undefined) throw invalidOption(path, value, wanted)
  return { type: 'TAG', expression: tags.join(' || ') }
}

/** @throws {FeatherMQError} INVALID_OPTION */
export function checkGroupName(value: unknown, path: string): string {
  const problem = typeof value === 'string' ? checkGroup(value) : { message: 'it is no text' }
  if (typeof value !== 'string' || problem !== undefined) throw invalidOption(path, value, `the name of a consumer group: ${problem?.message}`)
  return value
}
