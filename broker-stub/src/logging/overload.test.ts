import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import type { VirtualClock } from '../testing/virtual-clock.ts'
import { Overload } from './overload.ts'
import { RecordingLogger } from './test-kit/recording-logger.ts'

describe('an overload', () => {
  let clock: VirtualClock
  let logger: RecordingLogger
  let overload: Overload
  beforeEach(() => {
    clock = fixedClock()
    logger = new RecordingLogger()
    overload = new Overload(clock, logger)
  })
  afterEach(() => overload.close())

  it('begins with the first refusal and ends when there was none for ten seconds, and is told twice', async () => {
    overload.refused('SendMessage', 'TOO_MANY_REQUESTS')
    await clock.advance('4s')
    overload.refused('SendMessage', 'TOO_MANY_REQUESTS')
    await clock.advance('8s')
    overload.refused('ReceiveMessage', 'TOO_MANY_REQUESTS')
    await clock.advance('9999ms')
    assert.deepEqual(logger.events, ['overload-began'])
    await clock.advance('1ms')
    assert.deepEqual(logger.lines, [
      {
        level: 'warn',
        event: 'overload-began',
        rpc: 'SendMessage',
        code: 'TOO_MANY_REQUESTS',
        msg: 'more comes than the broker takes: calls are refused',
      },
      {
        level: 'info',
        event: 'overload-ended',
        code: 'TOO_MANY_REQUESTS',
        refused: 3,
        durationMs: 12_000,
        msg: 'nothing was refused for ten seconds',
      },
    ])
    overload.refused('SendMessage', 'TOO_MANY_REQUESTS')
    assert.equal(logger.events.length, 3)
  })

  it('is another one than a disk that takes nothing', async () => {
    overload.refused('SendMessage', 'TOO_MANY_REQUESTS')
    overload.refused('SendMessage', 'MASTER_PERSISTENCE_TIMEOUT')
    assert.deepEqual(logger.events, ['overload-began', 'storage-failing'])
    await clock.advance('10s')
    assert.deepEqual(logger.events.slice(2).sort(), ['overload-ended', 'storage-recovered'])
  })

  it('is not any other refusal', () => {
    overload.refused('SendMessage', 'FORBIDDEN')
    assert.deepEqual(logger.events, [])
  })
})
