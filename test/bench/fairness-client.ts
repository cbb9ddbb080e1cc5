// One of the clients that share a broker, in a process of its own: it floods, or does one thing after the other and tells how long that took.
import { FeatherMQ } from '@feathermq/sdk'

/** `flood`: so many sends at once, for as long as it lives. */
export interface FairnessTask {
  readonly endpoints: string
  readonly role: 'flood' | 'quiet'
  readonly topic: string
  readonly bodyBytes: number
  readonly inFlight: number
}

/** What is asked of it once it has said that it is ready. */
export interface Question {
  readonly topic: string
  /** Steps of a quiet one. One that floods tells of as many of its sends. */
  readonly count: number
  /** A step ends when the message's handler is called, and not when it is stored. */
  readonly handled: boolean
}

/** Ms, in the order in which they ended. */
export type Durations = readonly number[]

/** Sends before anything is timed. */
const WARM_UP = { flood: 4_000, quiet: 500 } as const
const task: FairnessTask = JSON.parse(process.argv[2] ?? '')
const body = new Uint8Array(task.bodyBytes).fill(0x61)
const mq = new FeatherMQ({ endpoints: task.endpoints })
const producer = mq.producer({ topics: [task.topic] })
const consumed = new Set<string>()
let onHandled: () => void = () => {}

async function timed(step: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await step()
  return performance.now() - begin
}

async function quiet({ topic, count, handled }: Question): Promise<Durations> {
  if (handled && !consumed.has(topic)) {
    consumed.add(topic)
    void mq.consumer({ group: 'fairness-quiet', subscribe: { [topic]: '*' } }).run(() => onHandled())
  }
  const step = async () => {
    const over = handled ? new Promise<void>((resolve) => (onHandled = resolve)) : undefined
    await producer.send({ topic, body })
    await over
  }
  const durations: number[] = []
  for (let done = 0; done < count; done += 1) durations.push(await timed(step))
  return durations
}

let told: number[] = []
let wanted = 0
let onTold: () => void = () => {}

function flood(): void {
  let sent = 0
  const sender = async () => {
    for (;;) {
      const duration = await timed(() => producer.send({ topic: task.topic, body }))
      sent += 1
      if (sent === WARM_UP.flood) process.send?.('ready')
      if (told.length >= wanted) continue
      told.push(duration)
      if (told.length === wanted) onTold()
    }
  }
  for (let index = 0; index < task.inFlight; index += 1) void sender()
}

process.on('message', (question: Question) => {
  if (task.role === 'quiet') {
    void quiet(question).then((durations) => process.send?.(durations))
    return
  }
  told = []
  wanted = question.count
  onTold = () => process.send?.(told)
})
process.on('disconnect', () => process.exit(0))
if (task.role === 'flood') flood()
else {
  await quiet({ topic: task.topic, count: WARM_UP.quiet, handled: false })
  process.send?.('ready')
}
