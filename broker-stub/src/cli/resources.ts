import { type Command, InvalidArgumentError, Option } from 'commander'
import { callAdmin } from './admin-client.ts'
import type { Output } from './output.ts'

interface Common {
  readonly admin: string
  readonly output: 'table' | 'json'
}

interface TopicView {
  readonly name: string
  readonly types: readonly string[]
  readonly stored: number
  readonly delayed: number
  readonly groups: readonly string[]
  readonly queues: readonly { readonly id: number; readonly min: number; readonly max: number }[]
  readonly origin: string
}

interface GroupView {
  readonly name: string
  readonly ordered: boolean
  readonly maxAttempts: number
  readonly origin: string
  readonly subscriptions: readonly {
    readonly topic: string
    readonly ready: number
    readonly inFlight: number
    readonly delayed: number
    readonly parked: number
    readonly deadLettered: number
  }[]
}

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number, 1 or more.')
  return Number(text)
}

const counted = (amount: number, what: string): string => `${amount} ${what}${amount === 1 ? '' : 's'}`

/** Rows as columns; numbers are few and short, so everything goes to the left. */
function table(rows: readonly Readonly<Record<string, string | number>>[], empty = ''): string {
  const first = rows[0]
  if (first === undefined) return empty
  const columns = Object.keys(first)
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => String(row[column] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [columns.map((column) => column.toUpperCase()), ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))]
    .map(line)
    .join('\n')
}

const topicRow = (topic: TopicView): Record<string, string | number> => ({
  topic: topic.name,
  types: topic.types.join(','),
  queues: topic.queues.length,
  stored: topic.stored,
  delayed: topic.delayed,
  groups: topic.groups.join(','),
  origin: topic.origin,
})

const groupRow = (group: GroupView): Record<string, string | number> => ({
  group: group.name,
  ordered: group.ordered ? 'yes' : 'no',
  attempts: group.maxAttempts,
  topics: group.subscriptions.map((subscription) => subscription.topic).join(','),
  ready: group.subscriptions.reduce((sum, { ready }) => sum + ready, 0),
  'in flight': group.subscriptions.reduce((sum, { inFlight, delayed }) => sum + inFlight + delayed, 0),
  origin: group.origin,
})

function common(command: Command): Command {
  return command
    .addOption(new Option('--admin <address>', "the broker's HTTP address").env('FEATHERMQ_ADMIN').default('http://127.0.0.1:8082'))
    .addOption(new Option('-o, --output <form>', 'how to print').choices(['table', 'json']).default('table'))
}

/** `feathermq topic …` and `feathermq group …`, over the admin API. */
export function addResourceCommands(program: Command, output: Output): void {
  const show = (options: Common, answer: unknown, people: () => string): void =>
    output.out(`${options.output === 'json' ? JSON.stringify(answer, null, 2) : people()}\n`)
  const addDelete = (parent: Command, kind: 'topic' | 'group', path: string, lost: string): void => {
    common(parent.command('delete <name>').description(`delete a ${kind}, and ${lost}`)).action(async (name: string, options: Common) => {
      const answer = await callAdmin(options.admin, 'DELETE', `${path}/${encodeURIComponent(name)}`)
      show(options, answer, () => `deleted ${kind} ${name}`)
    })
  }
  const topic = program.command('topic').description('create, look at and delete topics')
  common(topic.command('create <name>').description('create a topic'))
    .option('--types <types>', 'message types it takes, of NORMAL,FIFO,DELAY (default: all)')
    .option('--queues <count>', 'number of queues (default: 4)', count)
    .action(async (name: string, options: Common & { types?: string; queues?: number }) => {
      const answer = (await callAdmin(options.admin, 'POST', '/api/topics', {
        name,
        types: options.types?.split(','),
        queues: options.queues,
      })) as TopicView
      show(options, answer, () => `created topic ${answer.name}: ${answer.types.join(', ')}; ${counted(answer.queues.length, 'queue')}`)
    })
  common(topic.command('list').description('list topics')).action(async (options: Common) => {
    const answer = (await callAdmin(options.admin, 'GET', '/api/topics')) as { topics: TopicView[] }
    show(options, answer, () => table(answer.topics.map(topicRow), 'no topics yet'))
  })
  common(topic.command('show <name>').description('show one topic and its queues')).action(async (name: string, options: Common) => {
    const answer = (await callAdmin(options.admin, 'GET', `/api/topics/${encodeURIComponent(name)}`)) as TopicView
    show(options, answer, () => {
      const queues = answer.queues.map(({ id, min, max }) => ({ queue: id, first: min, next: max }))
      return `${table([topicRow(answer)])}\n\n${table(queues)}`
    })
  })
  addDelete(topic, 'topic', '/api/topics', 'all its messages')
  const group = program.command('group').description('create, look at and delete consumer groups')
  common(group.command('create <name>').description('create a consumer group, or change its settings'))
    .option('--ordered', 'hand out the messages of a message group one after the other')
    .option('--max-attempts <count>', 'deliveries before a message goes to the dead-letter topic (default: 17)', count)
    .option('--retry <waits>', 'waits between attempts, e.g. 1s,5s,1m (default: the eighteen steps of a stock server)')
    .action(async (name: string, options: Common & { ordered?: boolean; maxAttempts?: number; retry?: string }) => {
      const body = { name, ordered: options.ordered, maxAttempts: options.maxAttempts, retry: options.retry?.split(',') }
      const answer = (await callAdmin(options.admin, 'POST', '/api/groups', body)) as GroupView
      show(options, answer, () => `group ${answer.name}: ${answer.ordered ? 'ordered' : 'not ordered'}, ${counted(answer.maxAttempts, 'attempt')}`)
    })
  common(group.command('list').description('list consumer groups')).action(async (options: Common) => {
    const answer = (await callAdmin(options.admin, 'GET', '/api/groups')) as { groups: GroupView[] }
    show(options, answer, () => table(answer.groups.map(groupRow), 'no groups yet'))
  })
  common(group.command('show <name>').description('show one consumer group and what it has to do')).action(async (name: string, options: Common) => {
    const answer = (await callAdmin(options.admin, 'GET', `/api/groups/${encodeURIComponent(name)}`)) as GroupView
    show(options, answer, () => {
      const topics = answer.subscriptions.map(({ topic, ready, inFlight, delayed, parked, deadLettered }) => ({
        topic,
        ready,
        'in flight': inFlight,
        delayed,
        parked,
        dead: deadLettered,
      }))
      return `${table([groupRow(answer)])}\n\n${table(topics, 'it reads no topic yet')}`
    })
  })
  addDelete(group, 'group', '/api/groups', 'its place in every topic')
}
