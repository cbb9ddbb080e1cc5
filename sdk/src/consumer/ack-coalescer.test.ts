import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { Endpoint } from '../connection/endpoint.ts'
import type { Leased } from '../connection/settle-message.ts'
import { FeatherMQError } from '../errors.ts'
import { gate } from '../testing-internal/expect.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { AckCoalescer, type AckResult } from './ack-coalescer.ts'

const endpoints = [1, 2].map((port) => new Endpoint({ scheme: 'IPv4', addresses: [{ host: '127.0.0.1', port }] }))

function message(topic: string, endpoint: Endpoint, id: string): Leased {
  return { topic, endpoint, messageId: id, receiptHandle: `h-${id}` }
}

/** The message's own result. */
function added(coalescer: AckCoalescer<Leased>, message: Leased): Promise<AckResult> {
  return new Promise((resolve) => coalescer.add(message, resolve))
}

/** Flushes when the test says so. */
function manual(
  send: (messages: readonly Leased[]) => Promise<readonly (FeatherMQError | undefined)[]>,
  { most = 4, mayWait = () => false }: { most?: number; mayWait?: (message: Leased) => boolean } = {},
) {
  const flushes: (() => void)[] = []
  const coalescer = new AckCoalescer({ most, schedule: (flush) => flushes.push(flush), send, mayWait })
  const flush = () => {
    for (const run of flushes.splice(0)) run()
  }
  return { coalescer, flush, flushes }
}

describe('the ack coalescer', () => {
  it('makes requests of one topic and endpoint, no larger than allowed, each ack in exactly one, in the order of the calls', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('x', 'y'), fc.constantFrom(...endpoints), fc.boolean()), { maxLength: 60 }),
        fc.integer({ min: 0, max: 7 }),
        async (acks, patience) => {
          const requests: Leased[][] = []
          const { coalescer, flush } = manual(
            async (messages) => {
              requests.push([...messages])
              return messages.map(() => undefined)
            },
            { mayWait: ({ messageId }) => Number(messageId) % 8 < patience },
          )
          const all: Leased[] = []
          const results = acks.map(([topic, endpoint, flushBefore], index) => {
            if (flushBefore) flush()
            const one = message(topic, endpoint, String(index))
            all.push(one)
            return added(coalescer, one)
          })
          // Answers schedule what waited for them.
          for (let rounds = 0; rounds < acks.length + 2; rounds += 1) {
            flush()
            await turns(1)
          }
          await Promise.all(results)
          for (const request of requests) {
            assert.ok(request.length <= 4)
            assert.equal(new Set(request.map(({ topic, endpoint }) => `${topic} ${endpoint.key}`)).size, 1)
          }
          for (const topic of ['x', 'y']) {
            for (const endpoint of endpoints) {
              const of = (leased: Leased) => leased.topic === topic && leased.endpoint === endpoint
              assert.deepEqual(requests.flat().filter(of), all.filter(of))
            }
          }
        },
      ),
    )
  })

  it('gives each ack its own result', async () => {
    const failure = new FeatherMQError('INVALID_RECEIPT_HANDLE', 'gone')
    const { coalescer, flush } = manual(async (messages) => messages.map(({ messageId }) => (messageId === 'b' ? failure : undefined)))
    const results = ['a', 'b', 'c'].map((id) => added(coalescer, message('x', endpoints[0] as Endpoint, id)))
    flush()
    assert.deepEqual(await Promise.all(results), [undefined, failure, undefined])
  })

  it('gives all acks of a failed request its failure', async () => {
    const failure = new FeatherMQError('UNREACHABLE', 'away')
    const { coalescer, flush } = manual(() => Promise.reject(failure))
    const results = ['a', 'b'].map((id) => added(coalescer, message('x', endpoints[0] as Endpoint, id)))
    flush()
    assert.deepEqual(await Promise.all(results), [failure, failure])
  })

  it('asks for one flush per turn', () => {
    const { coalescer, flushes } = manual(async () => [])
    for (const id of ['a', 'b', 'c']) void added(coalescer, message('x', endpoints[0] as Endpoint, id))
    assert.equal(flushes.length, 1)
  })

  it('lets acks that come while a request is on its way wait for its answer, and sends them together', async () => {
    const requests: string[][] = []
    const gates = [gate(), gate()]
    const { coalescer, flush } = manual(
      async (messages) => {
        requests.push(messages.map(({ messageId }) => messageId))
        await gates[requests.length - 1]?.passed
        return messages.map(() => undefined)
      },
      { mayWait: () => true },
    )
    const add = (id: string) => added(coalescer, message('x', endpoints[0] as Endpoint, id))
    const first = add('a')
    flush()
    const others = ['b', 'c'].map((id) => {
      const result = add(id)
      flush()
      return result
    })
    assert.deepEqual(requests, [['a']])
    gates[0]?.open()
    assert.equal(await first, undefined)
    await turns(1)
    flush()
    assert.deepEqual(requests, [['a'], ['b', 'c']])
    gates[1]?.open()
    assert.deepEqual(await Promise.all(others), [undefined, undefined])
  })

  it('sends at once what may not wait, with all that came before it, and whole requests', async () => {
    const requests: string[][] = []
    const { coalescer, flush } = manual(
      (messages) => {
        requests.push(messages.map(({ messageId }) => messageId))
        return new Promise(() => {})
      },
      { mayWait: ({ messageId }) => messageId !== 'urgent' },
    )
    const add = (id: string) => {
      void added(coalescer, message('x', endpoints[0] as Endpoint, id))
      flush()
    }
    for (const id of ['a', 'b', 'urgent', 'c', 'd', 'e', 'f', 'g']) add(id)
    assert.deepEqual(requests, [['a'], ['b', 'urgent'], ['c', 'd', 'e', 'f']])
    void added(coalescer, message('x', endpoints[1] as Endpoint, 'elsewhere'))
    flush()
    assert.deepEqual(requests.at(-1), ['elsewhere'])
  })
})
