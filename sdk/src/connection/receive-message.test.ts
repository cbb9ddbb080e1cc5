import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'mocha'

const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)

/** Tells how many bytes of each receive are left in the heap when only what is young was collected. In a process of its own, where nothing else fills it. */
const program = `
const { getHeapStatistics } = await import('node:v8')
const { Endpoint } = await import(${here('./endpoint.ts')})
const { everything } = await import(${here('./filter.ts')})
const { receiveMessage } = await import(${here('./receive-message.ts')})
const endpoint = new Endpoint({ scheme: 'IPv4', addresses: [{ host: '127.0.0.1', port: 1 }] })
const queue = { topic: 'orders', id: 0, readable: true, writable: true, broker: { name: 'b', id: 0 }, endpoint, accepts: [] }
const rpc = {
  serverStream: () => ({ cancel() {} }),
  contextOf: ({ address }, operation) => ({ operation, endpoint: address }),
}
function receive() {
  receiveMessage(
    { rpc, namespace: '', group: 'audit', queue, filter: everything, batchSize: 32, invisible: 1, longPolling: 1, background: true },
    { onMessage() {}, onUnreadable() {}, onEnd() {} },
  )
}
function grown(receives) {
  gc({ type: 'minor' })
  const before = getHeapStatistics().used_heap_size
  for (let made = 0; made < receives; made += 1) receive()
  gc({ type: 'minor' })
  return (getHeapStatistics().used_heap_size - before) / receives
}
// V8 learns about them first.
grown(5_000)
console.log(grown(20_000))
`

describe('a receive', () => {
  it('leaves nothing behind that only a full collection would find, a hidden class of its own for example', () => {
    // So much room that no full collection comes by itself.
    const options = '--initial-old-space-size=256 --expose-gc --import tsx --conditions feathermq-source --input-type module -e'.split(' ')
    const left = Number(execFileSync(process.execPath, [...options, program], { encoding: 'utf8' }))
    assert.ok(Math.abs(left) < 20, `${left} bytes of each receive are left`)
  })
})
