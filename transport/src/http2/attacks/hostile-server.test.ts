import { strict as assert } from 'node:assert'
import { gzipSync } from 'node:zlib'
import { describe, it } from 'mocha'
import type { RpcCode } from '../../contract.ts'
import { defaultBudgets } from '../flood-guard.ts'
import { flag, frameType, setting } from '../protocol.ts'
import {
  block,
  continuation,
  data,
  frame,
  goaway,
  headers,
  message,
  ping,
  priority,
  rstStream,
  settingsAck,
  settingsFrame,
  uint32,
  windowUpdate,
} from '../test-kit/frames.ts'
import { atFoulServer } from './test-kit/foul-server.ts'
import { turns } from './test-kit/stage.ts'

const EMPTY = Buffer.alloc(0)
const head = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
] as const
const gzip = [...head, ['grpc-encoding', 'gzip']] as const

/** What a server must not do to the whole connection, and how the client ends it. */
const fatal: readonly (readonly [title: string, code: string, ...bytes: readonly Uint8Array[]])[] = [
  ['pushes', 'PROTOCOL_ERROR', frame(frameType.pushPromise, flag.endHeaders, 1, uint32(2))],
  ['allows pushes', 'PROTOCOL_ERROR', settingsFrame([[setting.enablePush, 1]])],
  ['answers a call that nobody made', 'PROTOCOL_ERROR', headers(9, head)],
  ['opens a stream of its own', 'PROTOCOL_ERROR', headers(2, head)],
  ['widens the connection beyond 2^31-1', 'FLOW_CONTROL_ERROR', windowUpdate(0, 0x7fff_ffff)],
  ['sends a frame longer than it may', 'FRAME_SIZE_ERROR', Buffer.of(0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1)],
  ['sends headers that cannot be read', 'COMPRESSION_ERROR', headers(1, Buffer.of(0x80))],
  ['interrupts a header block', 'PROTOCOL_ERROR', headers(1, EMPTY, { endHeaders: false }), ping()],
  ['sends DATA to a stream that is over', 'STREAM_CLOSED', rstStream(1), data(1, Buffer.from('x'))],
]

const floods: readonly (readonly [title: string, burst: number, bytes: (round: number) => Uint8Array])[] = [
  ['PINGs', defaultBudgets.ping.burst, () => ping()],
  ['answers to PINGs', defaultBudgets.ping.burst, () => ping(1)],
  ['SETTINGS', defaultBudgets.settings.burst, () => settingsFrame()],
  ['acknowledgements', defaultBudgets.settings.burst, () => settingsAck()],
  ['WINDOW_UPDATEs', defaultBudgets['window-update'].burst, () => windowUpdate(0, 1)],
  ['PRIORITY', defaultBudgets.priority.burst, (round) => priority(round * 2 + 1)],
  ['resets of a stream that is over', defaultBudgets.stray.burst, () => rstStream(1)],
  ['interim responses', defaultBudgets.interim.burst, () => headers(1, [[':status', '100']])],
  ['GOAWAYs', defaultBudgets.goaway.burst, () => goaway(1)],
  ['frames that nobody knows', defaultBudgets.unknown.burst, () => frame(0xbe)],
  ['header blocks that do not end', 32, (round) => (round === 0 ? headers(1, EMPTY, { endHeaders: false }) : continuation(1, EMPTY))],
]

/** What a server must not do to a call, and how that ends. */
const perCall: readonly (readonly [title: string, code: RpcCode, ...bytes: readonly Uint8Array[]])[] = [
  ['DATA before the headers', 'INTERNAL', data(1, message(Buffer.from('x')))],
  ['headers without a status', 'INTERNAL', headers(1, [['x', 'y']])],
  ['a window of 0', 'INTERNAL', headers(1, head), windowUpdate(1, 0)],
  ['a window beyond 2^31-1', 'INTERNAL', headers(1, head), windowUpdate(1, 0x7fff_ffff)],
  ['more headers than are read', 'RESOURCE_EXHAUSTED', headers(1, [...head, ...Array(300).fill(['x', 'y'])])],
  ['a bomb of headers', 'RESOURCE_EXHAUSTED', headers(1, Buffer.concat([block(head), bombEntry(), Buffer.alloc(1_000, 0xbe)]))],
  ['a message longer than is taken', 'RESOURCE_EXHAUSTED', headers(1, head), data(1, message(EMPTY, 0, 2_000_000))],
  ['a message that unpacks to more than is taken', 'RESOURCE_EXHAUSTED', headers(1, gzip), data(1, message(gzipSync(Buffer.alloc(2_000_000)), 1))],
  ['a message that is no gzip', 'INTERNAL', headers(1, gzip), data(1, message(Buffer.from('no gzip'), 1))],
  ['flags that gRPC does not have', 'INTERNAL', headers(1, head), data(1, message(EMPTY, 7))],
  [
    'a web page',
    'UNKNOWN',
    headers(1, [
      [':status', '200'],
      ['content-type', 'text/html'],
    ]),
    data(1, Buffer.from('<html>'), true),
  ],
  ['an end without a status', 'UNKNOWN', headers(1, head), data(1, EMPTY, true)],
  [
    'an end in the middle of a message',
    'INTERNAL',
    headers(1, head),
    data(1, message(EMPTY, 0, 9)),
    headers(1, [['grpc-status', '0']], { end: true }),
  ],
]

function bombEntry(): Buffer {
  const entry = block([['a', 'x'.repeat(4_000)]])
  entry[0] = 0x40
  return entry
}

describe('a client of a hostile server', () => {
  for (const [title, code, ...bytes] of fatal) {
    it(`hangs up with ${code} when it ${title}, ends its calls, and connects anew`, async () => {
      await atFoulServer(async ({ call, victim, statusOf, channel }) => {
        const first = call()
        const second = call()
        const one = await victim()
        one.greet()
        await one.calls(2)
        one.say(...bytes)
        assert.equal(await one.end(), code)
        for (const caller of [first, second]) assert.notEqual((await statusOf(caller)).code, 'OK')
        const third = call()
        const two = await victim()
        two.greet()
        await two.calls(1)
        two.say(headers(1, head), headers(1, [['grpc-status', '0']], { end: true }))
        assert.equal((await statusOf(third)).code, 'OK')
        assert.equal(channel.state, 'ready')
      })
    })
  }

  for (const [title, burst, bytes] of floods) {
    it(`hangs up under a flood of ${title}`, async () => {
      await atFoulServer(async ({ call, victim, statusOf }) => {
        const caller = call()
        const one = await victim()
        one.greet()
        await one.calls(1)
        const rounds = await one.flood(bytes, burst * 2 + 5_000)
        assert.equal(await one.end(), 'ENHANCE_YOUR_CALM')
        assert.ok(rounds > burst)
        assert.notEqual((await statusOf(caller)).code, 'OK')
      })
    })
  }

  for (const [title, code, ...bytes] of perCall) {
    it(`ends a call with ${code} for ${title}, and goes on with the others`, async () => {
      await atFoulServer(
        async ({ call, victim, statusOf }) => {
          const first = call()
          const second = call()
          const one = await victim()
          one.greet()
          await one.calls(2)
          one.say(...bytes)
          assert.equal((await statusOf(first)).code, code)
          one.say(headers(3, head), data(3, message(Buffer.from('fine'))), headers(3, [['grpc-status', '0']], { end: true }))
          assert.equal((await statusOf(second)).code, 'OK')
          assert.equal(second.messages.all.length, 1)
          assert.equal(one.closed, false)
        },
        { maxReceiveMessageBytes: 1_000_000 },
      )
    })
  }

  it('does not call again for ever what is refused again and again', async () => {
    await atFoulServer(async ({ call, victim, statusOf }) => {
      const caller = call()
      const one = await victim()
      one.greet()
      for (let round = 1; round < 10 && caller.ends.all.length === 0; round += 1) {
        await Promise.race([one.calls(round), statusOf(caller)])
        one.say(rstStream(round * 2 - 1, 'REFUSED_STREAM'))
        await turns(5)
      }
      assert.equal(caller.ends.all[0]?.status.code, 'UNAVAILABLE')
      assert.equal(one.frames.filter(({ type }) => type === frameType.headers).length, 4)
    })
  })

  it('does not connect in a loop to a server that greets and leaves', async () => {
    await atFoulServer(async ({ call, victims }) => {
      const caller = call()
      const until = performance.now() + 15_000
      let greeted = 0
      while (caller.ends.all.length === 0 && performance.now() < until && greeted < 50) {
        for (; greeted < victims.length; greeted += 1) {
          victims[greeted]?.say(settingsFrame([[setting.maxConcurrentStreams, 0]]), goaway(0))
        }
        await turns()
      }
      assert.ok(greeted < 50, `${greeted} connections`)
    })
  })

  it('holds no more connections than a few to a server that takes no calls', async () => {
    await atFoulServer(async ({ call, victims }) => {
      const callers = Array.from({ length: 100 }, () => call())
      let greeted = 0
      for (let round = 0; round < 500; round += 1) {
        for (; greeted < victims.length; greeted += 1) victims[greeted]?.greet([[setting.maxConcurrentStreams, 0]])
        await turns(2)
      }
      assert.ok(victims.length <= 16, String(victims.length))
      for (const { call: one } of callers) one?.cancel()
    })
  })

  it('takes what comes for calls that it has cancelled', async () => {
    await atFoulServer(async ({ call, victim, statusOf }) => {
      const cancelled = call()
      const other = call()
      const one = await victim()
      one.greet()
      await one.calls(2)
      one.say(headers(1, head))
      await cancelled.heads.next()
      cancelled.call?.cancel()
      for (let round = 0; round < 2_000; round += 1) one.say(data(1, Buffer.alloc(16_000)))
      one.say(headers(1, [['grpc-status', '0']], { end: true }), headers(3, [...head, ['grpc-status', '0']], { end: true }))
      assert.equal((await statusOf(other)).code, 'OK')
      assert.equal(one.closed, false)
      assert.deepEqual(one.resets, ['CANCEL'])
    })
  })
})
