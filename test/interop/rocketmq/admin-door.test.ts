import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, describe, it } from 'mocha'
import { askNameServer, createGroup, createTopic, decodeHeader, encodeFrame } from './admin-door.ts'

describe('the admin door of a stock broker', () => {
  const servers: Server[] = []
  afterEach('stop listening', async () => {
    for (const server of servers.splice(0)) {
      server.close()
      await once(server, 'close')
    }
  })

  /** A broker that answers each request with `answer`, in pieces of three bytes. */
  async function broker(answer: Buffer): Promise<{ readonly address: string; readonly asked: Buffer[] }> {
    const asked: Buffer[] = []
    const server = createServer((socket) => {
      socket.once('data', (bytes) => {
        asked.push(bytes)
        for (let at = 0; at < answer.length; at += 3) socket.write(answer.subarray(at, at + 3))
        if (answer.length === 0) socket.end()
      })
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
  }

  it('writes the lengths, the header and the body as remoting has them', () => {
    const frame = encodeFrame({ code: 200, body: { groupName: 'billing' } })
    const body = Buffer.from('{"groupName":"billing"}')
    const head = frame.length - 8 - body.length
    assert.equal(frame.readUInt32BE(0), frame.length - 4)
    assert.equal(frame.readUInt32BE(4), head)
    assert.deepEqual(JSON.parse(frame.toString('utf8', 8, 8 + head)).code, 200)
    assert.ok(frame.subarray(8 + head).equals(body))
  })

  it('reads an answer when all of it is there, whatever way its header is said to be written', () => {
    const frame = encodeFrame({ code: 17 })
    for (let length = 0; length < frame.length; length += 1) assert.equal(decodeHeader(frame.subarray(0, length)), undefined)
    frame[4] = 1
    assert.equal(decodeHeader(frame)?.code, 17)
  })

  it('asks for a topic by its attributes and for a group by its body', async () => {
    const { address, asked } = await broker(encodeFrame({ code: 0 }))
    await createTopic(address, 'orders', { type: 'FIFO', queues: 2 })
    await createGroup(address, 'billing', { ordered: true, maxRetries: 1 })
    const [topic, group] = asked.map((bytes) => bytes.toString('utf8', 8))
    assert.match(topic ?? '', /"code":17,.*"topic":"orders",.*"writeQueueNums":"2",.*"attributes":"\+message\.type=FIFO"/)
    assert.match(group ?? '', /"code":200,.*\{"groupName":"billing",.*"consumeMessageOrderly":true,.*"retryMaxTimes":1,/)
  })

  it('asks a name server for the route of a topic, which it does not have before a broker has come', async () => {
    const knowing = await broker(encodeFrame({ code: 0 }))
    await askNameServer(knowing.address, 'DefaultCluster')
    assert.match(knowing.asked[0]?.toString('utf8', 8) ?? '', /"code":105,.*"topic":"DefaultCluster"/)
    const early = await broker(encodeFrame({ code: 17 }))
    await assert.rejects(askNameServer(early.address, 'DefaultCluster'), /request 105 with code 17/)
  })

  it('fails with the code that the broker answered, and when it answers nothing', async () => {
    const refusing = await broker(encodeFrame({ code: 29 }))
    await assert.rejects(createTopic(refusing.address, 'orders'), /request 17 with code 29: no remark/)
    const silent = await broker(Buffer.alloc(0))
    await assert.rejects(createTopic(silent.address, 'orders'), /without an answer to request 17/)
  })
})
