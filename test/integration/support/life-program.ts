// A program as users write it, with the default logger: it consumes until it is told to end, by SIGTERM, or sends and lets go. It tells by IPC what happens;
// stdout and stderr are the client's alone.
import { FeatherMQ, type Message } from '@feathermq/sdk'

const [what = '', endpoints = ''] = process.argv.slice(2)
const tell = (text: string) => void process.send?.(text)
const mq = new FeatherMQ({ endpoints })

/** Bodies say how long their handler takes: `quick`, `slow` until SIGTERM has come, `stuck` for ever. */
let terminated = () => {}
const termination = new Promise<void>((resolve) => {
  terminated = resolve
})

async function handle(message: Message, { signal }: { readonly signal: AbortSignal }): Promise<void> {
  const text = message.text()
  tell(`handling ${text}`)
  if (text.startsWith('slow')) await termination
  if (text.startsWith('stuck')) {
    signal.addEventListener('abort', () => tell(`aborted ${text}`))
    await new Promise(() => {})
  }
  tell(`handled ${text}`)
}

async function consume(): Promise<void> {
  const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
  process.on('SIGTERM', () => {
    terminated()
    mq.close({ drain: '2s', abort: '500ms' }).then(
      ({ drained, returned }) => tell(`closed, ${drained} drained, ${returned} returned`),
      (error: unknown) => tell(`failed ${String(error)}`),
    )
  })
  tell('running')
  await consumer.run(handle, { concurrency: 1 })
  tell('run is over')
}

async function produce(): Promise<void> {
  await mq.producer().send({ topic: 'orders', body: 'quick' })
  tell('sent')
}

await (what === 'consume' ? consume() : produce())
