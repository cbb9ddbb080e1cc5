import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { rocketmqCases } from './cases.ts'
import { rocketmqVersion } from './jars.ts'
import { sendingCases } from './sending-cases.ts'
import { overEachTransportToRocketmq } from './stage.ts'

// As the broker in the proxy, but for some answers; not worth another minute of every run. A skip would be counted as something that is missing.
if (process.env['FEATHERMQ_LONG'] === '1') {
  describe(`our SDK with a stock RocketMQ ${rocketmqVersion}, its broker and its proxy apart`, function () {
    this.timeout(60_000)

    overEachTransportToRocketmq('cluster', (stage) => {
      rocketmqCases(stage)
      sendingCases(stage)

      it('has consumer groups made on first use', async () => {
        const [topic, mq] = [await stage.topic(), stage.client()]
        await mq.producer().send({ topic, body: 'x' })
        const consumer = mq.simpleConsumer({ group: `new-group-of-${topic}`, subscribe: { [topic]: '*' } })
        const [message] = await consumer.receive({ max: 1, wait: '20s', invisible: '60s' })
        assert.equal(message?.text(), 'x')
        await message.ack()
      })
    })
  })
}
