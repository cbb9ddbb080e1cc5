import { delivered } from '../../../sdk/src/testing-internal/fake-server.ts'
import type { Scenario } from './scenario.ts'
import { START } from './scenario.ts'
import { digested, type Program, type Stage, within } from './stage.ts'

/** Long enough for what has been received to reach a handler. */
const HANDLED = 2_500

async function handled(program: Program, count: number): Promise<string> {
  for (let waited = 0; waited < HANDLED && program.said.filter((text) => text.startsWith('got')).length < count; waited += 100) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const got = program.said.filter((text) => text.startsWith('got')).length
  return got === 0 ? 'none is handled' : `${got} are handled`
}

/** Ours handles `count` of what is delivered. */
async function handledHere(stage: Stage, deliver: () => Promise<unknown>, count: number): Promise<string> {
  let got = 0
  let enough = () => {}
  const all = new Promise<void>((resolve) => {
    enough = resolve
  })
  const consumer = stage.client().consumer({ group: 'billing', subscribe: { orders: '*' } })
  consumer
    .run(() => {
      got += 1
      if (got === count) enough()
    })
    .catch(() => {})
  await deliver()
  await within(all, START)
  return got === 0 ? 'none is handled' : `${got} are handled`
}

async function received(stage: Stage): Promise<Readonly<Record<string, unknown>>> {
  const program = stage.official('receive')
  await program.says('{', START)
  return JSON.parse(program.said.find((text) => text.startsWith('{')) ?? '{}')
}

async function receivedHere(stage: Stage) {
  const [message] = await stage
    .client()
    .simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    .receive({ max: 1 })
  if (message === undefined) throw new Error('nothing was received')
  return message
}

async function undigested({ server }: Stage) {
  await server.deliver(...['a', 'b', 'c'].map((body) => delivered({ body })))
}

async function oneBroken({ server }: Stage) {
  const broken = digested({ body: 'no gzip at all', system: { bodyEncoding: 'GZIP' } })
  await server.deliver(
    digested({ body: 'a' }),
    { ...broken, systemProperties: { ...broken.systemProperties, bodyEncoding: 'GZIP' } },
    digested({ body: 'c' }),
  )
}

async function checked({ server }: Stage) {
  const body = '123456789'
  // As all other clients and servers write it: hexadecimal, in capitals (the check value of CRC-32).
  await server.deliver(delivered({ body, system: { bodyDigest: { type: 'CRC32', checksum: 'CBF43926' } } }))
}

const seconds = (duration: { readonly seconds?: number; readonly nanos?: number } | undefined) =>
  `it asks for it back after ${(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9} s`

function refusing({ server }: Stage) {
  server.onAck = ({ entries }) => ({
    status: { code: 'MULTIPLE_RESULTS' },
    entries: entries.map(({ messageId, receiptHandle }) => ({
      messageId,
      receiptHandle,
      status: { code: 'INVALID_RECEIPT_HANDLE', message: 'expired' },
    })),
  })
}

export const consuming: readonly Scenario[] = [
  {
    name: 'a handler fails, and the group has the default retry policy of servers (1 s, 5 s, 10 s …)',
    async official(stage) {
      stage.official('consume and fail')
      await stage.server.deliver(digested({}))
      return seconds((await stage.server.changes.next()).request.invisibleDuration)
    },
    async ours(stage) {
      const consumer = stage.client().consumer({ group: 'billing', subscribe: { orders: '*' } })
      consumer
        .run(() => {
          throw new Error('as the test wants it')
        })
        .catch(() => {})
      await stage.server.deliver(digested({}))
      return seconds((await stage.server.changes.next()).request.invisibleDuration)
    },
  },
  {
    name: 'a handler of an ordered group fails once, of 17 attempts that the policy has',
    serve: ({ server }) => {
      server.fifo = true
    },
    async official(stage) {
      stage.official('consume and fail')
      await stage.server.deliver(digested({ group: 'customer-7' }))
      const dead = await within(stage.server.deadLetters.next(), 5_000)
      return dead === undefined ? 'it tries again' : 'it gives the message up to the dead-letter topic'
    },
    async ours(stage) {
      let calls = 0
      let again = () => {}
      const second = new Promise<void>((resolve) => {
        again = resolve
      })
      stage
        .client()
        .consumer({ group: 'billing', subscribe: { orders: '*' }, ordered: true })
        .run(() => {
          calls += 1
          if (calls === 1) throw new Error('as the test wants it')
          again()
        })
        .catch(() => {})
      await stage.server.deliver(digested({ group: 'customer-7' }))
      await second
      return stage.server.deadLetters.all.length === 0 ? 'it tries again' : 'it gives the message up to the dead-letter topic'
    },
  },
  {
    name: 'three messages come without a digest',
    async official(stage) {
      const program = stage.official('consume')
      await undigested(stage)
      return await handled(program, 3)
    },
    ours: (stage) => handledHere(stage, () => undigested(stage), 3),
  },
  {
    name: 'one of three bodies cannot be inflated',
    async official(stage) {
      const program = stage.official('consume')
      await oneBroken(stage)
      return await handled(program, 2)
    },
    ours: (stage) => handledHere(stage, () => oneBroken(stage), 2),
  },
  {
    name: 'a body has a CRC32 as its digest',
    async official(stage) {
      const receiving = received(stage)
      await checked(stage)
      return (await receiving)['corrupted'] === true ? 'it is taken for damaged' : 'it is read'
    },
    async ours(stage) {
      const receiving = receivedHere(stage)
      await checked(stage)
      return (await receiving).text() === '123456789' ? 'it is read' : 'it is taken for damaged'
    },
  },
  {
    name: 'a message has neither tag nor message group',
    async official(stage) {
      const receiving = received(stage)
      await stage.server.deliver(digested({}))
      const { tag, messageGroup } = await receiving
      return `they are ${JSON.stringify(tag)} and ${JSON.stringify(messageGroup)}`
    },
    async ours(stage) {
      const receiving = receivedHere(stage)
      await stage.server.deliver(digested({}))
      const { tag, messageGroup } = await receiving
      return `they are ${JSON.stringify(tag)} and ${JSON.stringify(messageGroup)}`
    },
  },
  {
    name: 'an acknowledgement is refused, which its entry alone says',
    serve: refusing,
    async official(stage) {
      const program = stage.official('ack')
      await stage.server.deliver(digested({}))
      await Promise.race([program.says('acknowledged', START), program.says('failed', START)])
      return program.said.includes('acknowledged') ? 'it resolves as if all were well' : 'it rejects'
    },
    async ours(stage) {
      const receiving = receivedHere(stage)
      await stage.server.deliver(digested({}))
      return await (await receiving).ack().then(
        () => 'it resolves as if all were well',
        () => 'it rejects',
      )
    },
  },
]
