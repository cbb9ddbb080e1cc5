import assert from 'node:assert/strict'
import { encodeSendMessageResponse } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { callHeaders, startFilter, told } from './support/filter.ts'
import { message, sendFrame } from './support/messages.ts'

const answer = frame(encodeSendMessageResponse({ status: { code: 'OK', message: 'OK' } }))

describe('filter state', () => {
  const rules = { routes: [], headers: undefined, acl: { rules: [{ name: 'no-secret', effect: 'deny', when: { tag: 'secret' } }] } } as const

  for (const [what, filterState, expected] of [
    ['tells access logs what a call is about, unless it is configured otherwise', undefined, true],
    ['is left alone when nobody reads it, and calls are refused and counted all the same', false, false],
  ] as const) {
    it(what, async () => {
      for (const reject of [undefined, { cluster: 'fmq_reject' }]) {
        const { plugin, host } = await startFilter({ ...rules, filterState, reject })
        const fine = plugin.request({ headers: callHeaders('SendMessage') })
        fine.body(sendFrame(message({ tag: 'fine' })), true)
        fine.response({ headers: [[':status', '200']] })
        fine.responseBody(answer)
        fine.responseTrailers([['grpc-status', '0']])
        fine.end()
        const refused = plugin.request({ headers: callHeaders('SendMessage') })
        refused.body(sendFrame(message({ tag: 'secret' })), true)
        refused.end()
        const published = [...fine.filterState.keys(), ...refused.filterState.keys()]
        assert.deepEqual([...new Set(published)].sort(), expected ? ['fmq.code', 'fmq.op', 'fmq.rule', 'fmq.topic'] : [])
        assert.equal(told(host).counter('fmq.calls.op.send.topic.orders.group.-.code.20000.end'), 1)
        if (reject === undefined) assert.notEqual(refused.localReply, undefined)
        else assert.equal(refused.upstream.header('x-fmq-reject'), '40300')
        assert.deepEqual(host.faults, [])
      }
    })
  }
})
