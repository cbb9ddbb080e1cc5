import { ConnectionError, INITIAL_MAX_FRAME, INITIAL_WINDOW, LARGEST_MAX_FRAME, LARGEST_WINDOW, setting } from './protocol.ts'

/** What the peer told us about itself (RFC 9113, 6.5.2), at first the defaults. */
export interface PeerSettings {
  headerTableSize: number
  maxConcurrentStreams: number
  initialWindowSize: number
  maxFrameSize: number
  maxHeaderListSize: number
}

export const initialPeerSettings = (): PeerSettings => ({
  headerTableSize: 4_096,
  maxConcurrentStreams: Number.POSITIVE_INFINITY,
  initialWindowSize: INITIAL_WINDOW,
  maxFrameSize: INITIAL_MAX_FRAME,
  maxHeaderListSize: Number.POSITIVE_INFINITY,
})

/** Bytes of one setting in a SETTINGS frame. */
export const SETTING_BYTES = 6

/**
 * Reads the payload of a SETTINGS frame into `into`; unknown settings are ignored (RFC 9113, 6.5.2).
 *
 * @param peer A server may not announce that it takes pushes.
 * @throws {ConnectionError} for a value out of its range.
 */
export function readSettings(bytes: Buffer, start: number, end: number, into: PeerSettings, peer: 'client' | 'server'): void {
  for (let at = start; at < end; at += SETTING_BYTES) {
    const value = bytes.readUInt32BE(at + 2)
    switch (bytes.readUInt16BE(at)) {
      case setting.headerTableSize:
        into.headerTableSize = value
        break
      case setting.enablePush:
        if (value > 1 || (value === 1 && peer === 'server')) throw new ConnectionError('PROTOCOL_ERROR', `SETTINGS_ENABLE_PUSH of ${value}`)
        break
      case setting.maxConcurrentStreams:
        into.maxConcurrentStreams = value
        break
      case setting.initialWindowSize:
        if (value > LARGEST_WINDOW) throw new ConnectionError('FLOW_CONTROL_ERROR', `SETTINGS_INITIAL_WINDOW_SIZE of ${value}`)
        into.initialWindowSize = value
        break
      case setting.maxFrameSize:
        if (value < INITIAL_MAX_FRAME || value > LARGEST_MAX_FRAME) throw new ConnectionError('PROTOCOL_ERROR', `SETTINGS_MAX_FRAME_SIZE of ${value}`)
        into.maxFrameSize = value
        break
      case setting.maxHeaderListSize:
        into.maxHeaderListSize = value
        break
      default:
    }
  }
}
