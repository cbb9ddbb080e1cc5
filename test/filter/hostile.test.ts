import assert from 'node:assert/strict'
import type { FilterStream, Plugin } from '@feathermq/mesh-filter/host'
import { encodeQueryRouteResponse, encodeReceiveMessageResponse } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { type OracleFacts, oracleFacts, topicNames } from '../support/filter/oracle.ts'
import { requests } from '../support/filter/requests.ts'
import { isLong, Random, givenSeed as seed } from '../support/random.ts'
import { call, callHeaders, loadFilter, startFilter, startPlugin, told, twoClusters, written } from './support/filter.ts'
import { cutAnywhere, damaged, oddRequests } from './support/odd-calls.ts'

const count = isLong ? 2_000_000 : 100_000
const responseCount = isLong ? 500_000 : 20_000
const reasons = ['compressed', 'frame', 'malformed', 'ambiguous', 'name', 'truncated', 'exhausted']

interface Kind {
  readonly plugin: Plugin
  readonly routes: boolean
  /** What cannot be read is refused. */
  readonly denies: boolean
}

function compareWithOracle({ routes }: Kind, stream: FilterStream, facts: OracleFacts, about: string): void {
  const { topic, group, tag, messageGroup, broker } = facts
  const { filterState } = stream
  assert.deepEqual([filterState.get('fmq.topic') ?? '', filterState.get('fmq.group') ?? ''], [topic, group], about)
  if (!routes) return
  const said = written(stream)
  assert.deepEqual(
    [said['topic'] ?? '', said['group'] ?? '', said['tag'] ?? '', said['message-group'] ?? '', said['broker'] ?? ''],
    [topic, group, tag, messageGroup, broker],
    about,
  )
  const isPayment = topicNames(facts).some((name) => name === 'payments' || name.startsWith('payments-'))
  assert.equal(said['cluster'], isPayment ? 'west' : 'east', about)
}

describe('the filter under damaged and unusual requests', () => {
  it(`takes ${count} of them (FEATHERMQ_SEED=${seed}), each in up to four pieces, and says of each what protobufjs reads in it`, async () => {
    const host = await loadFilter()
    const vm = host.startVm()
    const strict = { plugin: startPlugin(vm, { ...twoClusters, name: 'strict' }), routes: true, denies: true }
    const tight = { plugin: startPlugin(vm, { ...twoClusters, name: 'tight', hold: { maxBytes: 40 } }), routes: true, denies: true }
    const lenient = {
      plugin: startPlugin(vm, { ...twoClusters, name: 'lenient', opaque: 'default', hold: { maxBytes: 100, onExhausted: 'default' } }),
      routes: true,
      denies: false,
    }
    const observing = { plugin: startPlugin(vm, { version: 1, name: 'observing', mode: 'observe' }), routes: false, denies: false }
    const sum = (family: string) => reasons.reduce((total, reason) => total + host.metrics.counter(`fmq.${family}.${reason}`), 0)

    const random = new Random(seed)
    const seen = { compared: 0, denied: 0, deniedLate: 0 }
    let index = 0
    for (const { method, bytes } of oddRequests(count, seed, random)) {
      const kind: Kind = random.pick([strict, strict, strict, tight, lenient, observing])
      const pieces = cutAnywhere(bytes, random)
      const about = `request ${index++} of seed ${seed}, ${kind.plugin.name}: ${method} ${pieces.map((piece) => Buffer.from(piece).toString('hex')).join('|')}`
      const [opaque, denied] = [sum('opaque'), sum('denied')]

      const stream = kind.plugin.request({ headers: callHeaders(method) })
      const ending = random.pick(['last piece', 'last piece', 'empty piece', 'trailers'])
      for (const [at, piece] of pieces.entries()) stream.body(piece, ending === 'last piece' && at === pieces.length - 1)
      if (ending === 'empty piece') stream.body(Buffer.alloc(0), true)
      else if (ending === 'trailers') stream.trailers([['x-trailer', '1']])

      const isOpaque = sum('opaque') - opaque
      assert.ok(isOpaque === 0 || isOpaque === 1, `${about}: counted opaque ${isOpaque} times`)
      const passed = stream.upstream.body()
      if (stream.state === 'answered') {
        seen.denied++
        if (stream.upstream.headers !== undefined) seen.deniedLate++
        assert.ok(kind.denies && isOpaque === 1, `${about}: refused without a reason`)
        assert.equal(sum('denied'), denied + 1, about)
        assert.ok(passed.equals(bytes.subarray(0, passed.length)) && !stream.upstream.ended, `${about}: the broker has other bytes, or all of them`)
      } else {
        assert.equal(stream.state, 'open', `${about}: neither let go nor answered`)
        assert.ok(stream.upstream.ended && passed.equals(bytes), `${about}: other bytes went on`)
        assert.ok(isOpaque === 0 || !kind.denies, `${about}: let go although it cannot be read`)
        assert.equal(sum('denied'), denied, about)
        // A batch is not read any further than its first message.
        const isWhole = method === 'SendMessage' || bytes.length === 0 || (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt32BE(1))
        assert.ok(isWhole || isOpaque === 1, `${about}: cut short, and nobody says so`)
        const facts = oracleFacts(method, bytes)
        // What protobufjs cannot read, because of a part that the filter has no interest in, the broker refuses by itself.
        if (facts !== undefined && isOpaque === 0) {
          seen.compared++
          compareWithOracle(kind, stream, facts, about)
        }
      }
      if (random.oneIn(8)) stream.reset()
      else stream.end()
      if (host.faults.length > 0) assert.deepEqual(host.faults, [], about)
    }

    assert.equal(vm.failure, undefined)
    assert.equal(vm.contexts, 4, 'nothing but the plugins is left')
    const { compared, denied, deniedLate } = seen
    assert.ok(compared > count / 8 && denied > count / 5 && deniedLate > count / 2000, JSON.stringify(seen))
    let counted = 0
    for (const [name, value] of told(host).counters()) if (name.startsWith('fmq.calls.')) counted += value
    assert.equal(counted, count, 'every call is counted once')
    for (const reason of reasons) assert.ok(host.metrics.counter(`fmq.opaque.${reason}`) > 0, `no request was ${reason}`)
  }).timeout(isLong ? 3_600_000 : 120_000)

  it(`passes ${responseCount} damaged responses on as they are (FEATHERMQ_SEED=${seed}), and makes no code of them that is none`, async () => {
    const { host, plugin, vm } = await startFilter()
    const random = new Random(seed)
    const status = { code: 'TOPIC_NOT_FOUND', message: 'no such topic' } as const
    const sound = [
      frame(encodeQueryRouteResponse({ status, messageQueues: [{ topic: { name: 'orders' }, id: 1 }] })),
      Buffer.concat([frame(encodeReceiveMessageResponse({})), frame(encodeReceiveMessageResponse({ content: { case: 'status', value: status } }))]),
      frame(Buffer.alloc(0)),
    ] as const
    let known = 0
    for (let index = 0; index < responseCount; index++) {
      const bytes = damaged(random.pick(sound), random)
      const pieces = cutAnywhere(bytes, random)
      const about = `response ${index} of seed ${seed}: ${pieces.map((piece) => Buffer.from(piece).toString('hex')).join('|')}`
      const stream = call(plugin, 'QueryRoute', requests.route('orders'))
      stream.response({ headers: [[':status', '200']] })
      for (const piece of pieces) {
        const { decision, bytesReleased } = stream.responseBody(piece)
        assert.deepEqual([decision, bytesReleased], ['continue', piece.length], about)
      }
      stream.responseTrailers([['grpc-status', random.pick(['0', '5', '', '99999', '-1'])]])
      assert.ok(stream.client.ended && stream.client.body().equals(bytes), about)
      const code = stream.filterState.get('fmq.code')
      if (code !== undefined) assert.match(code, /^(\d+|grpc-5)$/, about)
      if (code === '40402') known++
      stream.end()
      if (host.faults.length > 0) assert.deepEqual(host.faults, [], about)
    }
    assert.equal(vm.failure, undefined)
    assert.ok(known > responseCount / 8, `only ${known} of ${responseCount} had a code that was left whole`)
  }).timeout(isLong ? 3_600_000 : 60_000)
})
