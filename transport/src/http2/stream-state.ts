import type { ErrorCode } from './protocol.ts'

/**
 * The life of a stream (RFC 9113, 5.1). Streams that do not exist yet are `idle` and have no object; `reserved` does not occur, because nobody pushes here.
 *
 *                 ┌── send END ──▶ half-closed (local) ──┐
 *   idle ──▶ open ┤                                      ├── the other END, or RST either way ──▶ closed
 *                 └── recv END ──▶ half-closed (remote) ─┘
 */
export type StreamState = 'open' | 'half-closed (local)' | 'half-closed (remote)' | 'closed'
export type StreamEvent = 'send end' | 'receive end' | 'send reset' | 'receive reset'

/** Branches, because a table of tables would be searched by text for each end of each call. */
export function nextState(state: StreamState, event: StreamEvent): StreamState {
  if (event === 'send end') {
    if (state === 'open') return 'half-closed (local)'
    return state === 'half-closed (remote)' ? 'closed' : state
  }
  if (event === 'receive end') {
    if (state === 'open') return 'half-closed (remote)'
    return state === 'half-closed (local)' ? 'closed' : state
  }
  return 'closed'
}

/** What the peer gets for DATA or HEADERS in this state; undefined where they are welcome. */
export function refusalOf(state: StreamState): ErrorCode | undefined {
  return state === 'open' || state === 'half-closed (local)' ? undefined : 'STREAM_CLOSED'
}

export const maySend = (state: StreamState): boolean => state === 'open' || state === 'half-closed (remote)'
