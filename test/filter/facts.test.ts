import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Route } from '@feathermq/mesh-filter'
import type { FilterStream } from '@feathermq/mesh-filter/host'
import { before, describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { varint } from '../support/filter/wire.ts'
import { root } from '../support/repository.ts'
import { permutations, rewrite, strangers } from './support/fields.ts'
import { call, callHeaders, callsNamed, cut, type RunningFilter, startFilter, told, twoClusters, written } from './support/filter.ts'
import { clientCalls, type Facts, type Operation, operations } from './support/operations.ts'

/** Facts that no two requests share, so that none can be taken for another's. */
function factsOf({ method }: Operation): Facts {
  return {
    topic: `topic-${method}`,
    group: `%RETRY%|group_${method}`,
    tag: `tag of ${method}: ä€😀%`,
    messageGroup: `g/${method} &`,
    broker: `b.${method}-1`,
  }
}

/** A route per method that names every fact of it, exactly. */
function routesByEveryFact(): readonly Route[] {
  return operations
    .filter(({ op }) => !clientCalls.includes(op))
    .map((operation) => {
      const facts = factsOf(operation)
      return {
        name: `by-${operation.method}`,
        when: { op: operation.op, ...Object.fromEntries(operation.facts.map((fact) => [fact, facts[fact]])) },
        cluster: 'west',
      }
    })
}

/** The headers that a request with these facts has to get. */
function expectedHeaders({ method, op, facts: carried }: Operation, facts: Facts): Readonly<Record<string, string>> {
  if (clientCalls.includes(op)) return { op }
  const ours = routesByEveryFact().find(({ when }) => carried.every((fact) => when[fact] === facts[fact]) && when.op === op)
  return {
    op,
    ...Object.fromEntries(carried.map((fact) => [fact === 'messageGroup' ? 'message-group' : fact, facts[fact]]).filter(([, value]) => value !== '')),
    ...(ours === undefined ? { cluster: 'east' } : { cluster: 'west', route: `by-${method}` }),
  }
}

describe('the facts that the filter reads', () => {
  let filter: RunningFilter
  before(async () => {
    filter = await startFilter({ routes: routesByEveryFact() })
  })

  /** Ends the call, and checks everything that the filter says of it. */
  function judge(stream: FilterStream, operation: Operation, bytes: Buffer, about: string, facts = factsOf(operation)): void {
    const { op, facts: carried } = operation
    assert.deepEqual(written(stream), expectedHeaders(operation, facts), about)
    assert.ok(stream.upstream.ended && stream.upstream.body().equals(bytes), `${about}: other bytes went on`)
    const said = { op, ...Object.fromEntries(carried.filter((fact) => fact === 'topic' || fact === 'group').map((fact) => [fact, facts[fact]])) }
    const counter = callsNamed(said)
    const counted = told(filter.host).counter(counter)
    assert.deepEqual(
      Object.fromEntries([...stream.filterState].map(([name, value]) => [name.slice('fmq.'.length), value])),
      said,
      `${about}: filter state`,
    )
    stream.end()
    assert.equal(told(filter.host).counter(counter), counted + 1, `${about}: ${counter}`)
    assert.deepEqual(filter.host.faults, [], about)
  }

  it('are tested for every RPC of the service', () => {
    const service = readFileSync(join(root, 'proto/rocketmq/v2/service.proto'), 'utf8')
    const rpcs = [...service.matchAll(/^ *rpc (\w+)\(/gm)].map(([, name]) => name)
    assert.deepEqual(operations.map(({ method }) => method).toSorted(), rpcs.toSorted())
  })

  for (const operation of operations) {
    const { method, op, facts: carried } = operation
    const isClientCall = clientCalls.includes(op)

    describe(method, () => {
      it('are those that the codec of the project has encoded, and the route that names them all takes the call', () => {
        const bytes = frame(operation.encode(factsOf(operation)))
        judge(call(filter.plugin, method, bytes), operation, bytes, method)
      })

      if (!isClientCall) {
        it('each count: with one that differs the route does not take the call', () => {
          for (const fact of carried) {
            const facts = { ...factsOf(operation), [fact]: 'another' }
            const bytes = frame(operation.encode(facts))
            judge(call(filter.plugin, method, bytes), operation, bytes, fact, facts)
          }
        })
      }

      it('are the same in every order of the fields, also with unknown fields between them', () => {
        let count = 0
        const message = operation.encode(factsOf(operation))
        for (const path of operation.messages) {
          const fields: Uint8Array[] = []
          rewrite(message, path, (found) => {
            fields.push(...found)
            return found
          })
          for (const order of permutations(fields)) {
            const mixed = order.flatMap((field, index) => [strangers[(count + index) % strangers.length] ?? field, field])
            for (const arranged of [order, [...mixed, ...strangers]]) {
              const bytes = frame(rewrite(message, path, () => arranged))
              judge(call(filter.plugin, method, bytes), operation, bytes, `${path} ${bytes.toString('hex')}`)
              count++
            }
          }
        }
        assert.ok(count >= 2 * operation.messages.length)
      })

      it('do not depend on how the request was cut, nor does the moment at which it is let go', () => {
        const usual = operation.encode(factsOf(operation))
        const last = operation.messages.at(-1) ?? []
        // The facts at the end, behind more than is read at once.
        const unusual = rewrite(usual, last, (fields) => [...strangers, ...strangers, ...fields.toReversed()])
        for (const message of [usual, unusual]) {
          const bytes = frame(message)
          const slow = filter.plugin.request({ headers: callHeaders(method) })
          let released = isClientCall ? 0 : -1
          for (const [index] of bytes.entries()) {
            const step = slow.body(bytes.subarray(index, index + 1), index === bytes.length - 1)
            if (step.headersReleased) released = index + 1
            assert.equal(step.bytesReleased, released < 0 ? 0 : step.headersReleased ? index + 1 : 1, `byte ${index}`)
          }
          judge(slow, operation, bytes, 'byte by byte')
          assert.ok(released >= 0)

          for (let place = 0; place <= bytes.length; place++) {
            const [first = bytes, second = bytes] = cut(bytes, place)
            const stream = filter.plugin.request({ headers: callHeaders(method) })
            const { decision, bytesReleased } = stream.body(first)
            assert.equal(
              decision,
              place >= released ? 'continue' : 'stop-and-buffer',
              `the first ${place} bytes of ${bytes.length}; ${released} decide`,
            )
            assert.equal(bytesReleased, place >= released ? place : 0)
            assert.equal(stream.body(second, true).decision, 'continue')
            judge(stream, operation, bytes, `cut at ${place}`)
          }
        }
      })
    })
  }

  it('are the last ones where a field comes again, as protobuf has it; a call that was let go for an earlier one is refused', () => {
    for (const operation of operations.filter(({ op }) => !clientCalls.includes(op))) {
      for (const fact of operation.facts) {
        const { method } = operation
        const facts = { ...factsOf(operation), [fact]: 'second' }
        // A batch has one topic, so here is one message only.
        const encode = (said: Facts) => rewrite(operation.encode(said), [], (fields) => (method === 'SendMessage' ? fields.slice(0, 1) : fields))
        // Of repeated messages the first speaks: what comes again has to come again in there.
        const path = method === 'SendMessage' ? [1] : method === 'AckMessage' && fact === 'broker' ? [3] : []
        const again: Uint8Array[] = []
        rewrite(encode(facts), path, (fields) => {
          again.push(...fields)
          return fields
        })
        const bytes = frame(rewrite(encode(factsOf(operation)), path, (fields) => [...fields, ...again]))
        judge(call(filter.plugin, method, bytes), operation, bytes, method, facts)
        let refused = 0
        for (let place = 0; place <= bytes.length; place++) {
          const about = `${method}, ${fact} cut at ${place} of ${bytes.toString('hex')}`
          const stream = call(filter.plugin, method, ...cut(bytes, place))
          if (stream.state === 'open') judge(stream, operation, bytes, about, facts)
          else {
            refused++
            assert.match(stream.localReply?.body.toString() ?? '', /^mesh: opaque\/ambiguous/, about)
            assert.ok(!stream.upstream.ended, about)
            // All fields come again, so it may also have been let go for the second value, and be refused for a fact behind it.
            const wasSecond = Object.values(written(stream)).includes('second')
            assert.deepEqual(written(stream), expectedHeaders(operation, wasSecond ? facts : factsOf(operation)), about)
            stream.end()
          }
        }
        // The facts of one entry are known with its end, not before.
        assert.equal(refused > 0, path[0] !== 3, method)
      }
    }
    assert.deepEqual(filter.host.faults, [])
  })

  it('are absent from a request that has none, and no pattern matches what is absent', async () => {
    const names = ['topic', 'group', 'tag', 'messageGroup', 'broker'] as const
    const { plugin, host } = await startFilter({ routes: names.map((fact) => ({ name: fact, when: { [fact]: '*' }, cluster: 'west' })) })
    for (const { method, op, encode } of operations) {
      for (const bytes of [frame(Buffer.alloc(0)), frame(encode({ topic: '', group: '', tag: '', messageGroup: '', broker: '' })), Buffer.alloc(0)]) {
        const stream = call(plugin, method, bytes)
        assert.deepEqual(written(stream), clientCalls.includes(op) ? { op } : { op, cluster: 'east' }, `${method} ${bytes.toString('hex')}`)
        stream.end()
      }
    }
    assert.deepEqual(host.faults, [])
  })

  it('are none of a method that the filter does not know, which goes to the default cluster unread', () => {
    const bytes = frame(Buffer.alloc(100, 0xff))
    for (const path of ['NoSuchMethod', '/grpc.health.v1.Health/Check', '/apache.rocketmq.v2.Admin/SendMessage', '/', 'SendMessageX', 'SendMessag']) {
      const stream = filter.plugin.request({ headers: callHeaders(path) })
      assert.equal(stream.state, 'open', path)
      stream.body(bytes, true)
      assert.deepEqual(written(stream), { op: 'other', cluster: 'east' }, path)
      stream.end()
    }
    assert.deepEqual(filter.host.faults, [])
  })

  it('replace whatever a client has written into headers of their names, once or several times', async () => {
    const names = ['cluster', 'route', 'op', 'topic', 'group', 'tag', 'message-group', 'broker', 'made-up', 'topic', 'clusters']
    const observing = await startFilter({ mode: 'observe' })
    for (const { host, plugin } of [filter, observing]) {
      for (const clusters of [0, 1, 2]) {
        const forged = [...names, ...Array.from({ length: clusters }, () => 'cluster')].map((name) => [`x-fmq-${name}`, 'forged'] as const)
        for (const method of ['QueryRoute', 'SendMessage', 'Heartbeat', '/grpc.health.v1.Health/Check']) {
          for (const headers of [callHeaders(method, forged), [...forged, ...callHeaders(method)]]) {
            const stream = plugin.request({ headers })
            stream.body(frame(Buffer.alloc(0)), true)
            const left = stream.upstream.headers ?? assert.fail(method)
            assert.deepEqual(
              left.filter(([, value]) => value === 'forged'),
              [],
              method,
            )
            assert.ok(left.filter(([name]) => name === 'x-fmq-cluster').length <= 1)
            stream.end()
          }
        }
      }
      assert.deepEqual(host.faults, [])
    }
  })

  it('come from the first bytes: of a body of 4 MiB behind them nothing is held, and before them no more than hold.maxBytes', async () => {
    const maxBytes = 8192
    const { plugin, host } = await startFilter({ hold: { maxBytes } })
    const message = operations[0]?.encode({ topic: 'payments', group: '', tag: 'big', messageGroup: 'g', broker: '' }) ?? Buffer.alloc(0)
    const large = [Buffer.from([...varint(4 * 8 + 2), ...varint(4 * 1024 * 1024)]), Buffer.alloc(4 * 1024 * 1024, 'x')]
    for (const isLast of [true, false]) {
      const bytes = frame(rewrite(message, [1], (fields) => (isLast ? [...fields, ...large] : [...large, ...fields])))
      const stream = plugin.request({ headers: callHeaders('SendMessage') })
      let most = 0
      for (let at = 0; at < bytes.length && stream.state !== 'answered'; at += 1000) {
        stream.body(bytes.subarray(at, at + 1000), at + 1000 >= bytes.length)
        if (stream.state === 'held') most = Math.max(most, stream.heldBytes)
      }
      if (isLast) {
        assert.equal(most, 0)
        assert.deepEqual(written(stream), { op: 'send', topic: 'payments', tag: 'big', 'message-group': 'g', cluster: 'west', route: 'payments' })
        assert.ok(stream.upstream.body().equals(bytes))
      } else {
        assert.equal(most, 8000, 'the next thousand bytes are more than may be held')
        assert.equal(stream.localReply?.details, 'fmq_hold_exhausted')
      }
      stream.end()
    }
    assert.deepEqual(host.faults, [])
  })

  it('are written as headers only where the configuration asks for them', async () => {
    for (const { headers, expected } of [
      { headers: undefined, expected: { cluster: 'west', route: 'payments' } },
      { headers: { facts: ['tag'] as const }, expected: { tag: 't', cluster: 'west', route: 'payments' } },
      { headers: { facts: ['op', 'topic'] as const }, expected: { op: 'send', topic: 'payments', cluster: 'west', route: 'payments' } },
    ]) {
      const { plugin, host } = await startFilter({ ...twoClusters, headers })
      const message = operations[0]?.encode({ topic: 'payments', group: '', tag: 't', messageGroup: 'g', broker: '' }) ?? Buffer.alloc(0)
      const stream = call(plugin, 'SendMessage', frame(message))
      assert.deepEqual(written(stream), expected)
      stream.end()
      assert.deepEqual(host.faults, [])
    }
  })
})
