import type { StoredMessage } from '../log/message-log.ts'
import type { MessageFilter } from './message-filter.ts'

const everything: MessageFilter = { expression: '*', matches: () => true }

/**
 * Compiles a tag expression: empty or `*` takes everything; else tags separated by `||`, blanks around them cut, empty ones dropped, compared exactly.
 * A message without a tag matches `*` only (server behaviour: FilterAPI).
 */
export function tagFilter(expression: string): MessageFilter {
  const tags = new Set(
    expression
      .split('||')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  )
  if (expression.trim() === '' || expression.trim() === '*') return everything
  return { expression: [...tags].sort().join(' || '), matches: (message: StoredMessage) => message.tag !== undefined && tags.has(message.tag) }
}
