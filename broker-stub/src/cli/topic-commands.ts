import type { Command } from 'commander'
import { callAdmin } from './admin-client.ts'
import { addDelete, type Common, common, count, counted, paragraph, sections, show, table } from './form.ts'
import type { Output } from './output.ts'

interface TopicView {
  readonly why?: readonly string[]
  readonly name: string
  readonly types: readonly string[]
  readonly stored: number
  readonly delayed: number
  readonly groups: readonly string[]
  readonly queues: readonly { readonly id: number; readonly min: number; readonly max: number }[]
  readonly origin: string
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

/** `feathermq topic …`, over the admin API. */
export function addTopicCommands(program: Command, output: Output): void {
  const topic = program.command('topic').description('create, look at and delete topics')
  common(topic.command('create <name>').description('create a topic'))
    .option(
      '--types <types>',
      'message types it takes, of NORMAL,FIFO,DELAY,TRANSACTION,PRIORITY (default: all but PRIORITY, of which queues are the priorities)',
    )
    .option('--queues <count>', 'number of queues (default: 4)', count)
    .action(async (name: string, options: Common & { types?: string; queues?: number }) => {
      const answer = (await callAdmin(options.admin, 'POST', '/api/topics', {
        name,
        types: options.types?.split(','),
        queues: options.queues,
      })) as TopicView
      show(output, options, answer, () => `created topic ${answer.name}: ${answer.types.join(', ')}; ${counted(answer.queues.length, 'queue')}`)
    })
  common(topic.command('list').description('list topics')).action(async (options: Common) => {
    const answer = (await callAdmin(options.admin, 'GET', '/api/topics')) as { topics: TopicView[] }
    show(output, options, answer, () => table(answer.topics.map(topicRow), 'no topics yet'))
  })
  common(topic.command('show <name>').description('show one topic and its queues')).action(async (name: string, options: Common) => {
    const answer = (await callAdmin(options.admin, 'GET', `/api/topics/${encodeURIComponent(name)}`)) as TopicView
    show(output, options, answer, () => {
      const queues = answer.queues.map(({ id, min, max }) => ({ queue: id, first: min, next: max }))
      return sections(table([topicRow(answer)]), table(queues), ...paragraph(answer.why))
    })
  })
  addDelete(topic, output, 'topic', 'all its messages')
}
