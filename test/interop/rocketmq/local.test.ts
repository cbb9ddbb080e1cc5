import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { rocketmqCases } from './cases.ts'
import { rocketmqVersion } from './jars.ts'
import { sendingCases } from './sending-cases.ts'
import { overEachTransportToRocketmq } from './stage.ts'

describe(`our SDK with a stock RocketMQ ${rocketmqVersion}, its broker in the proxy`, function () {
  // A message that failed comes back two to four seconds later than asked for, and a receive waits 20 s.
  this.timeout(60_000)

  overEachTransportToRocketmq('local', (stage) => {
    rocketmqCases(stage)
    sendingCases(stage)

    it("hears the server's own words when a consumer group does not exist", async () => {
      const [topic, mq] = [await stage.topic(), stage.client()]
      await assert.rejects(
        mq.consumer({ group: 'no-such-group', subscribe: { [topic]: '*' } }).run(() => {}),
        { code: 'SETTINGS_REFUSED', group: 'no-such-group', message: /group not found: no-such-group/ },
      )
    })
  })
})
