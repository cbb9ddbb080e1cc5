import { strict as assert } from 'node:assert'
import { codeNames } from '@feathermq/protocol'
import { rpcCodes } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { FeatherMQError, PermanentError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { EventLog } from '../testing-internal/event-log.ts'
import { type CallFault, delivered, type FakeServer, type Receive } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'

/** Everything that a server can answer but what it should. */
const faults: readonly (readonly [name: string, fault: CallFault])[] = [
  ...codeNames.filter(([code]) => code !== 'OK').map(([code]) => [code, { kind: 'code', code }] as const),
  ...rpcCodes
    .filter((code) => code !== 'OK')
    .map((code) => [`gRPC ${code}`, { kind: 'rpc', status: { code, message: 'as the test wants it' } }] as const),
  ['no bytes at all', { kind: 'bytes', bytes: new Uint8Array(0) }],
  ['a length that is not there', { kind: 'bytes', bytes: Uint8Array.of(0x0a, 0x7f, 0x08) }],
  ['bytes of another protocol', { kind: 'bytes', bytes: new TextEncoder().encode('HTTP/1.1 200 OK\r\n\r\n') }],
  ['OK without what it should come with', { kind: 'code', code: 'OK' }],
  ['nothing', { kind: 'silence' }],
]

/** How often each RPC went to the server. */
function calls(server: FakeServer): Readonly<Record<string, number>> {
  return {
    QueryRoute: server.routes.all.length,
    Telemetry: server.settings.all.length,
    QueryAssignment: server.assignments.all.length,
    Heartbeat: server.heartbeats.all.length,
    SendMessage: server.sends.all.length,
    ReceiveMessage: server.receives.all.length + server.faulted.all.length,
    AckMessage: server.acks.all.length,
    ChangeInvisibleDuration: server.changes.all.length,
    ForwardMessageToDeadLetterQueue: server.deadLetters.all.length,
  }
}

const rpcs = [
  'QueryRoute',
  'Telemetry',
  'QueryAssignment',
  'Heartbeat',
  'SendMessage',
  'ReceiveMessage',
  'AckMessage',
  'ChangeInvisibleDuration',
  'ForwardMessageToDeadLetterQueue',
]

/** How long each fault stays, ms; a heartbeat and a refresh of assignments fall into it. */
const STAYS = 12_000
/** How long it may take until all is well again: routes are asked for every 30 s, and one may have been answered to be empty. */
const HEALS = 32_000
/** What a receive takes for "no message": the poll is made again at once, but for the 20 ms that a server which does not wait gets. */
const nothingThere: readonly string[] = [
  'CODE_UNSPECIFIED',
  'OK',
  'MULTIPLE_RESULTS',
  'MESSAGE_NOT_FOUND',
  'no bytes at all',
  'OK without what it should come with',
]

/** As many calls of one RPC as a client may make meanwhile. A throttled receive comes again every 20 ms as well; nothing else as often. */
function most(rpc: string, name: string): number {
  return rpc === 'ReceiveMessage' && (name === 'TOO_MANY_REQUESTS' || nothingThere.includes(name)) ? STAYS / 20 + 5 : 60
}

interface Working extends Bench {
  /** Sends, receives, and settles in all three ways; true when all of it went well. */
  work(): Promise<boolean>
}

async function working(test: Bench): Promise<Working> {
  const producer = test.mq.producer({ timeout: '8s' })
  const seen = new EventLog<Message>()
  const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
  let ended = false
  const start = () => {
    const running = consumer.run((message) => {
      seen.push(message)
      if (message.text() === 'fails') throw new Error('as the test wants it')
      if (message.text() === 'is hopeless') throw new PermanentError('as the test wants it')
    })
    running.catch((error: unknown) => {
      // A refusal for good ends the run, by an error that names it; whoever runs it decides what then.
      assert.ok(error instanceof FeatherMQError && error.status !== undefined, String(error))
      ended = true
    })
  }
  start()
  await producer.send({ topic: 'orders', body: 'first' })
  await test.server.receives.next()
  const { server, clock } = test
  const poll = async (): Promise<Receive | undefined> => {
    for (let waited = 0; waited <= HEALS; waited += 1_000) {
      const open = server.polls.find(({ cancelled }) => !cancelled)
      if (open !== undefined) return open
      await clock.advance(1_000)
    }
    return undefined
  }
  let number = 0
  return Object.assign(test, {
    async work() {
      if (ended) start()
      ended = false
      const sending = producer.send({ topic: 'orders', body: 'x' }).then(
        () => true,
        () => false,
      )
      const open = await poll()
      number += 1
      const ids = [`done-${number}`, `fails-${number}`, `hopeless-${number}`]
      const bodies = ['is done', 'fails', 'is hopeless']
      const before = seen.all.length
      for (const [index, id] of ids.entries()) open?.message(delivered({ id, body: bodies[index] ?? '' }))
      open?.end()
      await clock.advance(STAYS)
      const settled = [
        server.acks.all.some(({ request }) => request.entries.some(({ messageId }) => messageId === ids[0])),
        server.changes.all.some(({ request }) => request.messageId === ids[1]),
        server.deadLetters.all.some(({ request }) => request.messageId === ids[2]),
      ]
      return (await sending) && seen.all.length - before === ids.length && settled.every(Boolean)
    },
  })
}

describe('a client whose server answers wrongly', () => {
  for (const rpc of rpcs) {
    it(`${rpc}: neither hammers it, nor hangs, nor falls, and works again when it does, and says no nonsense`, async () => {
      await using test = await working(await bench())
      assert.ok(await test.work(), 'it works before')
      for (const [name, fault] of faults) {
        const before = calls(test.server)[rpc] ?? 0
        test.server.fault = (asked) => (asked === rpc ? fault : undefined)
        // Settings are answered when a stream begins.
        if (rpc === 'Telemetry') test.server.streams.all.at(-1)?.end({ code: 'UNAVAILABLE', message: 'reset' })
        // Polls that are open went well; the next one does not.
        if (rpc === 'ReceiveMessage') for (const open of [...test.server.polls]) open.end()
        const doing = rpc === 'ReceiveMessage' ? test.clock.advance(STAYS) : test.work()
        await doing
        const made = (calls(test.server)[rpc] ?? 0) - before
        assert.ok(made <= most(rpc, name), `${made} calls while it answered ${name}`)
        test.server.fault = () => undefined
        await test.clock.advance(rpc === 'QueryRoute' ? HEALS : STAYS)
        assert.ok(await test.work(), `it does not work after it answered ${name}`)
        await turns()
      }
      let closed = false
      const closing = test.mq.close().then(() => {
        closed = true
      })
      await test.clock.advance(20_000)
      assert.ok(closed, 'it does not close')
      await closing
      assert.equal(test.clock.armed, 0, 'a timer is left')
      const holes = test.log.lines.map(({ message }) => message).filter((message) => /%[sdijoO]|undefined|null|NaN|\[object/.test(message))
      assert.deepEqual(holes, [], 'lines with something missing in them')
    }).timeout(60_000)
  }

  /** A call of which nobody knows before how it ends: it must, one way or the other. */
  async function settles(test: Bench, what: string, call: () => Promise<unknown>, asked: () => number): Promise<void> {
    for (const [name, fault] of faults) {
      const before = asked()
      test.server.fault = (rpc) => (rpc === what ? fault : undefined)
      let settled = false
      call().then(
        () => {
          settled = true
        },
        () => {
          settled = true
        },
      )
      await test.clock.advance(2 * STAYS)
      await turns()
      assert.ok(settled, `it hangs when it is answered ${name}`)
      assert.ok(asked() - before <= 60, `${asked() - before} calls while it was answered ${name}`)
      test.server.fault = () => undefined
      await test.clock.advance(STAYS)
    }
  }

  it('ReceiveMessage of a simple consumer: it settles in time, and asks seldom', async () => {
    await using test = await bench()
    const consumer = test.mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    await settles(
      test,
      'ReceiveMessage',
      () => consumer.receive({ wait: '5s' }),
      () => test.server.faulted.all.length,
    )
    const receiving = consumer.receive()
    await test.server.deliver(delivered({ body: 'at last' }))
    assert.equal((await receiving)[0]?.text(), 'at last')
  }).timeout(60_000)

  it('EndTransaction: it settles in time, and asks seldom', async () => {
    await using test = await bench()
    const producer = test.mq.producer({ timeout: '10s' })
    await settles(
      test,
      'EndTransaction',
      () => producer.transaction({ topic: 'orders', body: 'x' }, async () => 'commit'),
      () => test.server.ends.all.length,
    )
  }).timeout(60_000)

  it('RecallMessage: it settles in time, and asks seldom', async () => {
    await using test = await bench()
    const producer = test.mq.producer({ timeout: '10s' })
    await settles(
      test,
      'RecallMessage',
      () => producer.recall({ topic: 'orders', recallHandle: 'handle' }),
      () => test.server.recalls.all.length,
    )
  }).timeout(60_000)
})
