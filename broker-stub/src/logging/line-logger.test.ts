import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { jsonLogger, type LogLevel, logLevels, textLogger } from './line-logger.ts'

/** Control characters among them. */
const anything = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xa0 }), fc.integer({ min: 0x2000, max: 0x2100 })))
  .map((codes) => String.fromCharCode(...codes, 97))

const clock = { now: () => Date.UTC(2026, 10, 27, 16, 6, 1, 123) }

function written(make: typeof textLogger, level: LogLevel | 'silent' = 'debug') {
  const lines: string[] = []
  return { lines, logger: make({ write: (line) => lines.push(line), level, clock }) }
}

describe('log lines for people', () => {
  it('have the time, the level, the text and the fields, but for the event and what is not there', () => {
    const { lines, logger } = written(textLogger)
    logger.info({ event: 'topic-created', topic: 'orders', types: ['NORMAL'], queues: 4, group: undefined }, 'the topic orders was made')
    logger.warn({ event: 'stopping' }, 'going')
    assert.deepEqual(lines, [
      '16:06:01.123 INFO  the topic orders was made  topic=orders types="[\\"NORMAL\\"]" queues=4\n',
      '16:06:01.123 WARN  going\n',
    ])
  })

  it('tell an error with what caused it', () => {
    const { lines, logger } = written(textLogger)
    logger.error({ err: new Error('cannot write', { cause: new TypeError('no disk') }) }, 'failed')
    assert.deepEqual(lines, ['16:06:01.123 ERROR failed  err="Error: cannot write <- TypeError: no disk"\n'])
  })

  it('are one line each that moves no cursor, whatever clients call themselves', () => {
    fc.assert(
      fc.property(anything, anything, (value, message) => {
        const { lines, logger } = written(textLogger)
        logger.info({ clientId: value }, message)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: those must not be there
        assert.match(lines[0] ?? '', /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+\n$/)
      }),
    )
  })
})

describe('log lines for machines', () => {
  it('are a JSON object each', () => {
    const { lines, logger } = written(jsonLogger)
    logger.info({ event: 'topic-created', topic: 'orders', queues: 4, group: undefined, offset: 5n }, 'the topic\norders was made')
    assert.deepEqual(lines, [
      '{"time":"2026-11-27T16:06:01.123Z","level":"info","event":"topic-created","msg":"the topic\\norders was made","topic":"orders","queues":4,"offset":"5"}\n',
    ])
  })

  it('tell of an error what JSON would leave out', () => {
    const { lines, logger } = written(jsonLogger)
    logger.error({ event: 'fault', err: Object.assign(new Error('cannot write', { cause: new TypeError('no disk') }), { code: 'EIO' }) }, 'failed')
    const { err } = JSON.parse(lines[0] ?? '') as { err: Record<string, unknown> }
    const { stack, cause, ...rest } = err
    assert.deepEqual(rest, { name: 'Error', message: 'cannot write', code: 'EIO' })
    assert.match(String(stack), /line-logger\.test/)
    assert.equal((cause as { message: string }).message, 'no disk')
  })
})

describe('the level of a log', () => {
  for (const [index, level] of logLevels.entries()) {
    it(`${level} leaves out what is below it`, () => {
      const { lines, logger } = written(jsonLogger, level)
      for (const method of ['debug', 'info', 'warn', 'error'] as const) logger[method]({}, 'x')
      assert.deepEqual(
        lines.map((line) => (JSON.parse(line) as { level: string }).level),
        logLevels.slice(index, 4),
      )
    })
  }
})
