import { type Command, InvalidArgumentError } from 'commander'
import { callAdmin } from './admin-client.ts'
import { addDelete, age, type Common, common, count, counted, paragraph, sections, show, table } from './form.ts'
import type { Output } from './output.ts'
import { type Redriven, redriveAll } from './redrive.ts'

interface GroupView {
  readonly why?: readonly string[]
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
    /** Of the oldest message that is ready, ms. */
    readonly oldestAge?: number
  }[]
}

const groupRow = (group: GroupView): Record<string, string | number> => ({
  group: group.name,
  ordered: group.ordered ? 'yes' : 'no',
  attempts: group.maxAttempts,
  topics: group.subscriptions.map((subscription) => subscription.topic).join(','),
  ready: group.subscriptions.reduce((sum, { ready }) => sum + ready, 0),
  'in flight': group.subscriptions.reduce((sum, { inFlight, delayed }) => sum + inFlight + delayed, 0),
  origin: group.origin,
})

/** `1s,5s,1m`: one after the other; `exponential:INITIAL,MAX,MULTIPLIER`. What the waits are is for the broker to check. */
function retry(text: string): unknown {
  if (!text.startsWith('exponential:')) return text.split(',')
  const [initial, max, multiplier, ...rest] = text.slice('exponential:'.length).split(',')
  if (multiplier === undefined || rest.length > 0 || !Number.isFinite(Number(multiplier)) || multiplier === '') {
    throw new InvalidArgumentError('Give the first wait, the longest and what each is multiplied by, e.g. exponential:1s,1h,2.')
  }
  return { initial, max, multiplier: Number(multiplier) }
}

/** `0=120,3=7`. */
function offsets(text: string): Record<string, number> {
  const pairs = text.split(',').map((pair) => /^(\d{1,3})=(\d{1,15})$/.exec(pair))
  if (pairs.includes(null)) throw new InvalidArgumentError('Give queues and offsets, e.g. 0=120,3=7.')
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', Number(pair?.[2])]))
}

/** `feathermq group …`, over the admin API. */
export function addGroupCommands(program: Command, output: Output): void {
  const group = program.command('group').description('create, look at and delete consumer groups')
  common(group.command('create <name>').description('create a consumer group, or change its settings'))
    .option('--ordered', 'hand out the messages of a message group one after the other')
    .option('--max-attempts <count>', 'deliveries before a message goes to the dead-letter topic (default: 17)', count)
    .option('--retry <waits>', 'waits between attempts, e.g. 1s,5s,1m, or exponential:1s,1h,2 (default: the eighteen steps of a stock server)', retry)
    .option('--start <where>', 'where it begins in a topic that it has not read: first, last, or a time (default: as a stock server)')
    .action(async (name: string, options: Common & { ordered?: boolean; maxAttempts?: number; retry?: unknown; start?: string }) => {
      const body = { name, ordered: options.ordered, maxAttempts: options.maxAttempts, retry: options.retry, start: options.start }
      const answer = (await callAdmin(options.admin, 'POST', '/api/groups', body)) as GroupView
      show(
        output,
        options,
        answer,
        () => `group ${answer.name}: ${answer.ordered ? 'ordered' : 'not ordered'}, ${counted(answer.maxAttempts, 'attempt')}`,
      )
    })
  common(group.command('list').description('list consumer groups')).action(async (options: Common) => {
    const answer = (await callAdmin(options.admin, 'GET', '/api/groups')) as { groups: GroupView[] }
    show(output, options, answer, () => table(answer.groups.map(groupRow), 'no groups yet'))
  })
  common(group.command('show <name>').description('show one consumer group and what it has to do')).action(async (name: string, options: Common) => {
    const answer = (await callAdmin(options.admin, 'GET', `/api/groups/${encodeURIComponent(name)}`)) as GroupView
    show(output, options, answer, () => {
      const topics = answer.subscriptions.map(({ topic, ready, inFlight, delayed, parked, deadLettered, oldestAge }) => ({
        topic,
        ready,
        'in flight': inFlight,
        delayed,
        parked,
        dead: deadLettered,
        oldest: oldestAge === undefined ? '' : age(oldestAge),
      }))
      return sections(table([groupRow(answer)]), table(topics, 'it reads no topic yet'), ...paragraph(answer.why))
    })
  })
  addDelete(group, output, 'group', 'its place in every topic')
  addControls(group, output)
}

function addControls(group: Command, output: Output): void {
  const post = (options: Common, name: string, verb: string, body: object): Promise<unknown> =>
    callAdmin(options.admin, 'POST', `/api/groups/${encodeURIComponent(name)}/${verb}`, body)
  common(group.command('pause <name>').description('hand nothing out to a group until it is resumed; what is in flight goes on')).action(
    async (name: string, options: Common) => {
      show(output, options, await post(options, name, 'pause', {}), () => `group ${name} is paused`)
    },
  )
  common(group.command('resume <name>').description('hand out again to a group that is paused')).action(async (name: string, options: Common) => {
    show(output, options, await post(options, name, 'resume', {}), () => `group ${name} goes on`)
  })
  common(
    group
      .command('reset <name> <topic>')
      .description('let a group go on elsewhere in a topic; what it has in flight there is as if it was never handed out'),
  )
    .option('--to <where>', 'start, end, or a time such as 2026-01-31T09:30:00Z')
    .option('--offsets <list>', 'offsets by queue, e.g. 0=120,3=7; other queues stay where they are', offsets)
    .action(async (name: string, topic: string, options: Common & { to?: string; offsets?: Record<string, number> }) => {
      const answer = (await post(options, name, 'reset', { topic, to: options.to, offsets: options.offsets })) as { offsets: readonly number[] }
      const rows = answer.offsets.map((offset, queue) => ({ queue, offset }))
      show(output, options, answer, () => `group ${name} goes on in ${topic} at\n\n${table(rows)}`)
    })
  common(group.command('redrive <name>').description("send a group's dead letters back to the topics that they came from"))
    .option('--max <count>', 'how many, the oldest first (default: all that there are)', count)
    .action(async (name: string, options: Common & { max?: number }) => {
      const answer = await redriveAll((max) => post(options, name, 'redrive', { max }) as Promise<Redriven>, options.max)
      show(output, options, answer, () => {
        const moved = `${counted(answer.moved, 'dead letter')} sent back, ${answer.left} left`
        return answer.stopped === undefined ? moved : `${moved}; it ended there: ${answer.stopped}`
      })
      if (answer.stopped !== undefined) output.fail(1)
    })
}
