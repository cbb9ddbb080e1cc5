// Measures one library in a process of its own: warm-up, then CPU per operation. Told which by the first argument, answers over the channel to its parent.
import { codecs, type Seen } from './codecs.ts'
import { sample } from './sample.ts'

export const operations = [
  'encode SendMessageRequest',
  'decode SendMessageRequest',
  'encode ReceiveMessageResponse',
  'decode ReceiveMessageResponse',
] as const
export type Operation = (typeof operations)[number]
/** CPU time (user and system, all threads, garbage collection included), ns per operation. */
export type Figures = Readonly<Record<Operation, number>>

const [name = '', count = '0'] = process.argv.slice(2)
const iterations = Number(count)

if (process.send !== undefined) process.send(measure())

function measure(): Figures {
  const create = codecs[name]
  if (create === undefined) throw new Error(`no codec "${name}"; there are: ${Object.keys(codecs).join(', ')}`)
  const codec = create()
  const sent = codec.encodeSend(sample)
  const received = codec.encodeReceived(sample)
  check(codec.readSend(sent), sample.tag)
  check(codec.readReceived(received), sample.delivered.receiptHandle)
  // What is kept of each result goes into a sum, so that no compiler can leave the work out.
  const work: Readonly<Record<Operation, () => number>> = {
    'encode SendMessageRequest': () => codec.encodeSend(sample).length,
    'decode SendMessageRequest': () => weight(codec.readSend(sent)),
    'encode ReceiveMessageResponse': () => codec.encodeReceived(sample).length,
    'decode ReceiveMessageResponse': () => weight(codec.readReceived(received)),
  }
  for (const operation of operations) repeat(work[operation], Math.ceil(iterations / 4))
  return Object.fromEntries(operations.map((operation) => [operation, repeat(work[operation], iterations)])) as Figures
}

function repeat(work: () => number, times: number): number {
  let sum = 0
  const before = process.cpuUsage()
  for (let index = 0; index < times; index += 1) sum += work()
  const { user, system } = process.cpuUsage(before)
  if (sum === 0) throw new Error('nothing was encoded or decoded')
  return ((user + system) * 1_000) / times
}

function weight({ topic, messageId, mark, body }: Seen): number {
  return topic.length + messageId.length + mark.length + body.length
}

function check(seen: Seen, mark: string): void {
  const right =
    seen.topic === sample.topic && seen.messageId === sample.messageId && seen.mark === mark && Buffer.compare(seen.body, sample.body) === 0
  if (!right) throw new Error(`${name} does not give back what went in`)
}
