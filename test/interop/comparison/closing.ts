import type { Scenario } from './scenario.ts'
import { START } from './scenario.ts'
import { digested, type Program, type Stage, within } from './stage.ts'

const hello = { topic: 'orders', body: 'hello' }

async function afterwards(program: Program, stage: Stage): Promise<string> {
  await program.says('closed', START)
  await stage.server.close()
  stage.link.cut()
  const end = await program.ends(2_500)
  return end === undefined ? 'nothing happens' : 'an exception that nobody can catch ends its process'
}

async function without(program: Program, stage: Stage): Promise<string> {
  await program.says('sent', START)
  stage.link.down()
  await stage.server.close()
  program.tell('close')
  const end = await program.ends(6_000)
  const told = program.said.includes('the close rejects') ? 'the close rejects, and ' : ''
  if (end === undefined) return `${told}its process stays`
  return end.code === 0 && told === '' ? 'it closes, and its process ends' : `${told}its process ends with ${end.code}`
}

export const closing: readonly Scenario[] = [
  {
    name: 'an idle consumer closes',
    async official(stage) {
      const program = stage.official('close while idle')
      await stage.server.receives.next()
      program.tell('close')
      return (await program.says('closed', 4_000)) === 'said' ? 'at once' : 'not within 4 s: it waits for its long poll'
    },
    async ours(stage) {
      const consumer = stage.client().consumer({ group: 'billing', subscribe: { orders: '*' } })
      consumer.run(() => {}).catch(() => {})
      await stage.server.receives.next()
      return (await within(consumer.close(), 4_000)) === undefined ? 'not within 4 s' : 'at once'
    },
  },
  {
    name: 'a consumer closes whose handler never ends',
    async official(stage) {
      const program = stage.official('close while a handler hangs')
      await stage.server.deliver(digested({}))
      await program.says('handling', START)
      program.tell('close')
      // Not its long poll is what it waits for.
      for (const poll of [...stage.server.polls]) poll.end('MESSAGE_NOT_FOUND')
      return (await program.says('closed', 6_000)) === 'said' ? 'in time' : 'not within 6 s: no time limit is known to it'
    },
    async ours(stage) {
      let begin = () => {}
      const began = new Promise<void>((resolve) => {
        begin = resolve
      })
      const consumer = stage.client().consumer({ group: 'billing', subscribe: { orders: '*' } })
      consumer
        .run(() => {
          begin()
          return new Promise(() => {})
        })
        .catch(() => {})
      await stage.server.deliver(digested({}))
      await began
      return (await within(consumer.close({ drain: '1s', abort: '500ms' }), 6_000)) === undefined ? 'not within 6 s' : 'in time'
    },
  },
  {
    name: 'a connection is reset after the client was closed',
    official: (stage) => afterwards(stage.official('send and close'), stage),
    ours: (stage) => afterwards(stage.ours('send and close'), stage),
  },
  {
    name: 'a producer closes when its server is gone',
    official: (stage) => without(stage.official('close when told'), stage),
    ours: (stage) => without(stage.ours('close when told'), stage),
  },
  {
    name: 'a client closes that was given no logger',
    async official(stage) {
      const end = await stage.official('close with a logger of its own').ends(START)
      return /log stream had been closed/.test(`${end?.stdout}${end?.stderr}`) ? 'it prints that its log stream had been closed' : 'it prints nothing'
    },
    async ours(stage) {
      const end = await stage.ours('close with a logger of its own').ends(START)
      return `${end?.stdout}${end?.stderr}` === '' ? 'it prints nothing' : `it prints ${end?.stdout}${end?.stderr}`
    },
  },
  {
    name: 'a client closes that was given a logger',
    async official(stage) {
      const program = stage.official('send and close')
      await program.says('closed', START)
      return program.said.includes('closed, the logger too') ? 'it closes the logger, which others may use' : 'the logger stays'
    },
    async ours(stage) {
      let closed = false
      const logger = { debug() {}, info() {}, warn() {}, error() {}, close: () => (closed = true) }
      const mq = stage.client({ logger })
      await mq.producer().send(hello)
      await mq.close()
      return closed ? 'it closes the logger' : 'the logger stays'
    },
  },
]
