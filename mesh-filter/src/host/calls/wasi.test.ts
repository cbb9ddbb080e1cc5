import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { cell } from '../test-kit/puppet.ts'
import { stage } from '../test-kit/puppet-plugin.ts'
import { callHeaders } from '../test-kit/requests.ts'

const frame = { headers: callHeaders('SendMessage'), endStream: true }
const outside = 0xffff_fff0

describe('WASI calls', () => {
  it('write stdout to the log as info and stderr as error, without the last line break', async () => {
    const { plugin, host, answers } = await stage((script) => {
      const [at, length] = script.text('hello\n')
      script
        .on('request_headers', 'store', cell, at)
        .on('request_headers', 'store', cell + 4, 3)
        .on('request_headers', 'store', cell + 8, at + 3)
        .on('request_headers', 'store', cell + 12, length - 3)
        .on('request_headers', 'fd_write', 1, cell, 2, cell + 16)
        .on('request_headers', 'fd_write', 2, cell, 1, cell + 16)
        .on('request_headers', 'fd_write', 3, cell, 1, cell + 16)
        .on('request_headers', 'fd_write', 1, outside, 1, cell + 16)
    })
    plugin.request(frame)
    const written = host.log.filter(({ level }) => level !== 'debug')
    assert.deepEqual(
      written.map(({ level, message }) => [level, message]),
      [
        ['info', 'hello'],
        ['error', 'hel'],
      ],
    )
    assert.deepEqual(answers(), [0, 0, 8, 21])
  })

  it('tell the environment, and no arguments', async () => {
    const { plugin, texts, answers } = await stage(
      (script) =>
        script
          .on('request_headers', 'environ_sizes_get', cell + 16, cell + 4)
          .on('request_headers', 'environ_get', cell + 32, cell + 128)
          .on('request_headers', 'store', cell, cell + 128)
          .on('request_headers', 'log_answer')
          .on('request_headers', 'args_sizes_get', cell + 16, cell + 4)
          .on('request_headers', 'log_answer'),
      { environment: { A: '1', B: 'zwei' } },
    )
    plugin.request(frame)
    assert.deepEqual(texts(), ['A=1\0B=zwei\0', ''])
    assert.deepEqual(answers(), [0, 0, 0])
  })

  it('know no files, and no clock of processes', async () => {
    const { plugin, answers, host } = await stage((script) =>
      script
        .on('request_headers', 'fd_read', 0, cell, 1, cell)
        .on('request_headers', 'fd_fdstat_get', 1, cell + 16)
        .on('request_headers', 'fd_fdstat_get', 5, cell + 16)
        .on('request_headers', 'clock_time_get', 2, cell)
        .on('request_headers', 'random_get', cell + 16, 8),
    )
    plugin.request(frame)
    assert.deepEqual(answers(), [52, 0, 8, 58, 0])
    assert.deepEqual(host.faults, [])
  })

  it('do not end a filter that wants to exit, but it is a fault', async () => {
    const { plugin, vm, faultKinds } = await stage((script) => script.on('request_headers', 'proc_exit', 1))
    assert.equal(plugin.request(frame).state, 'open')
    assert.equal(vm.failure, undefined)
    assert.deepEqual(faultKinds(), ['order'])
  })
})
