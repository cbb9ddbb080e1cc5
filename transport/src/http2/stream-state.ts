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

const table: Readonly<Record<StreamState, Readonly<Record<StreamEvent, StreamState>>>> = {
  open: { 'send end': 'half-closed (local)', 'receive end': 'half-closed (remote)', 'send reset': 'closed', 'receive reset': 'closed' },
  'half-closed (local)': { 'send end': 'half-closed (local)', 'receive end': 'closed', 'send reset': 'closed', 'receive reset': 'closed' },
  'half-closed (remote)': { 'send end': 'closed', 'receive end': 'half-closed (remote)', 'send reset': 'closed', 'receive reset': 'closed' },
  closed: { 'send end': 'closed', 'receive end': 'closed', 'send reset': 'closed', 'receive reset': 'closed' },
}

export const nextState = (state: StreamState, event: StreamEvent): StreamState => table[state][event]

/** What the peer gets for DATA or HEADERS in this state; undefined where they are welcome. */
export function refusalOf(state: StreamState): ErrorCode | undefined {
  return state === 'open' || state === 'half-closed (local)' ? undefined : 'STREAM_CLOSED'
}

export const maySend = (state: StreamState): boolean => state === 'open' || state === 'half-closed (remote)'
