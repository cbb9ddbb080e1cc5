// The scenarios that need a process of their own, by our client.
import { FeatherMQ } from '@feathermq/sdk'

const [scenario = '', endpoints = ''] = process.argv.slice(2)
const say = (text: string) => void process.send?.(text)
const mq = new FeatherMQ({ endpoints })
const hello = { topic: 'orders', body: 'hello' }

const scenarios: Readonly<Record<string, () => Promise<unknown>>> = {
  'only made': async () => {
    mq.producer({ topics: ['orders'] })
    say('made')
  },
  send: async () => {
    await mq.producer().send(hello)
    say('sent')
    setTimeout(() => {}, 60_000)
  },
  'send and close': async () => {
    await mq.producer().send(hello)
    await mq.close()
    say('closed')
    setTimeout(() => {}, 60_000)
  },
  'close with a logger of its own': async () => {
    await mq.producer().send(hello)
    await mq.close()
    say('closed')
  },
  'close when told': async () => {
    await mq.producer().send(hello)
    process.once('message', () => {
      process.disconnect()
      mq.close({ drain: '1s', abort: '1s' }).catch(() => process.exit(3))
    })
    say('sent')
  },
}

process.channel?.unref()
void scenarios[scenario]?.()
