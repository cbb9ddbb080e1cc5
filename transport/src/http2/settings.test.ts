import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { ConnectionError, type ErrorCode, setting } from './protocol.ts'
import { initialPeerSettings, type PeerSettings, readSettings } from './settings.ts'
import { settingsFrame } from './test-kit/frames.ts'

function read(settings: readonly (readonly [number, number])[], peer: 'client' | 'server' = 'client'): PeerSettings {
  const into = initialPeerSettings()
  const frame = settingsFrame(settings)
  readSettings(frame, 9, frame.length, into, peer)
  return into
}

describe('readSettings', () => {
  it('begins with what RFC 9113 says holds before the first SETTINGS', () => {
    assert.deepEqual(read([]), {
      headerTableSize: 4_096,
      maxConcurrentStreams: Number.POSITIVE_INFINITY,
      initialWindowSize: 65_535,
      maxFrameSize: 16_384,
      maxHeaderListSize: Number.POSITIVE_INFINITY,
    })
  })

  it('reads every setting, up to the largest value each may have', () => {
    assert.deepEqual(
      read([
        [setting.headerTableSize, 0xffff_ffff],
        [setting.enablePush, 1],
        [setting.maxConcurrentStreams, 0xffff_ffff],
        [setting.initialWindowSize, 0x7fff_ffff],
        [setting.maxFrameSize, 0xff_ffff],
        [setting.maxHeaderListSize, 0xffff_ffff],
      ]),
      {
        headerTableSize: 0xffff_ffff,
        maxConcurrentStreams: 0xffff_ffff,
        initialWindowSize: 0x7fff_ffff,
        maxFrameSize: 0xff_ffff,
        maxHeaderListSize: 0xffff_ffff,
      },
    )
  })

  it('lets the last of several values count', () => {
    const { maxConcurrentStreams } = read([
      [setting.maxConcurrentStreams, 1],
      [setting.maxConcurrentStreams, 0],
    ])
    assert.equal(maxConcurrentStreams, 0)
  })

  it('ignores settings that nobody knows', () => {
    assert.deepEqual(
      read([
        [0, 1],
        [7, 1],
        [0x1a1a, 0xffff_ffff],
      ]),
      initialPeerSettings(),
    )
  })

  const wrong: readonly (readonly [title: string, id: number, value: number, code: ErrorCode, peer?: 'client' | 'server'])[] = [
    ['a window above 2^31-1', setting.initialWindowSize, 0x8000_0000, 'FLOW_CONTROL_ERROR'],
    ['frames below 16,384', setting.maxFrameSize, 16_383, 'PROTOCOL_ERROR'],
    ['frames above 2^24-1', setting.maxFrameSize, 0x100_0000, 'PROTOCOL_ERROR'],
    ['a push setting of 2', setting.enablePush, 2, 'PROTOCOL_ERROR'],
    ['a server that allows pushes', setting.enablePush, 1, 'PROTOCOL_ERROR', 'server'],
  ]
  for (const [title, id, value, code, peer] of wrong) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => read([[id, value]], peer),
        (error) => error instanceof ConnectionError && error.code === code,
      )
    })
  }
})
