import fc from 'fast-check'
import type { Method, RpcStatus } from '../../../contract.ts'
import { anyStatus, fewFields, manyFields, type Pairs } from './fields.ts'
import { anyMessage, largeMessage, type Message, modestMessage, smallMessage } from './material.ts'

export const kinds = ['unary', 'client-stream', 'server-stream', 'bidi'] as const
export const methodOf = (kind: Method['kind']): Method => ({ path: `/peers.Service/${kind}`, kind })
/** By this header a server finds what it is to do. */
export const PLAN_HEADER = 'x-plan'

/** How one end goes about it. Lists repeat themselves. */
export interface Pace {
  /** After each message that is received: 0 goes on, 1 pauses and resumes at once, n pauses for n - 1 turns. */
  readonly pauses: readonly number[]
  /** Turns to wait after each message that is sent. */
  readonly gaps: readonly number[]
  /** Waits for onDrain where it is told to. */
  readonly polite: boolean
}

/** The client cancels after so many events of one kind, if there are so many. */
export interface Cancellation {
  readonly on: 'start' | 'sent' | 'half-closed' | 'headers' | 'received' | 'turn'
  readonly count: number
}

export interface CallPlan {
  readonly kind: Method['kind']
  readonly headers: Pairs
  readonly requests: readonly Message[]
  readonly responseHeaders: Pairs
  readonly responses: readonly Message[]
  readonly trailers: Pairs
  readonly status: RpcStatus
  /** When the server begins to answer. */
  readonly answersOn: 'start' | 'message' | 'half-close'
  /** The server ends once it has answered, whether the client has half-closed or not. */
  readonly hasty: boolean
  readonly client: Pace
  readonly server: Pace
  readonly cancel: Cancellation | undefined
  /** A server that can breaks the stream off after so many responses. */
  readonly reset: { readonly after: number; readonly code: number } | undefined
  /** Turns before the call starts. */
  readonly delay: number
}

const calm: Pace = { pauses: [], gaps: [], polite: true }
const anyPace: fc.Arbitrary<Pace> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(calm) },
  {
    weight: 2,
    arbitrary: fc.record({
      pauses: fc.array(
        fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(6) }),
        {
          maxLength: 5,
        },
      ),
      gaps: fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }), { maxLength: 4 }),
      polite: fc.boolean(),
    }),
  },
)

/** CANCEL, INTERNAL_ERROR, PROTOCOL_ERROR, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY; a REFUSED_STREAM would make the call come again. */
const resetCodes = fc.constantFrom(8, 2, 1, 11, 12)
const cancellation: fc.Arbitrary<Cancellation> = fc.record({
  on: fc.constantFrom('start', 'sent', 'half-closed', 'headers', 'received', 'turn'),
  count: fc.oneof(fc.nat(3), fc.nat(12)),
})

interface Parts {
  readonly message: fc.Arbitrary<Message>
  readonly mostMessages: number
  readonly fields: fc.Arbitrary<Pairs>
  readonly pace: fc.Arbitrary<Pace>
  readonly breaks: boolean
}

function plan({ message, mostMessages, fields, pace, breaks }: Parts): fc.Arbitrary<CallPlan> {
  const never = fc.constant(undefined)
  const messages = fc.array(message, { maxLength: mostMessages })
  const shape = (kind: Method['kind']): fc.Arbitrary<CallPlan> => {
    const single = kind === 'unary' || kind === 'server-stream'
    const one = message.map((only) => [only])
    return fc.record({
      kind: fc.constant(kind),
      headers: fields,
      requests: single ? one : messages,
      responseHeaders: fields,
      responses:
        kind === 'unary' || kind === 'client-stream' ? fc.oneof({ weight: 4, arbitrary: one }, { weight: 1, arbitrary: fc.constant([]) }) : messages,
      trailers: fields,
      status: anyStatus,
      answersOn: kind === 'unary' ? fc.constant('half-close') : fc.constantFrom('start', 'message', 'half-close'),
      hasty:
        kind === 'unary' ? fc.constant(false) : fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      client: pace,
      server: pace,
      cancel: breaks ? fc.oneof({ weight: 1, arbitrary: never }, { weight: 2, arbitrary: cancellation }) : never,
      reset: breaks ? fc.oneof({ weight: 4, arbitrary: never }, { weight: 1, arbitrary: fc.record({ after: fc.nat(4), code: resetCodes }) }) : never,
      delay: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5) }),
    })
  }
  return fc.oneof(...kinds.map(shape))
}

/** Calls whose headers, trailers and status are what is of interest. */
export const wordyCall: fc.Arbitrary<CallPlan> = plan({
  message: smallMessage,
  mostMessages: 2,
  fields: manyFields,
  pace: fc.constant(calm),
  breaks: false,
})
/** Calls with messages of all sizes. */
export const wideCall: fc.Arbitrary<CallPlan> = plan({ message: anyMessage, mostMessages: 6, fields: fewFields, pace: anyPace, breaks: false })
export const largeCall: fc.Arbitrary<CallPlan> = plan({ message: largeMessage, mostMessages: 2, fields: fewFields, pace: anyPace, breaks: false })
/** Calls that may be broken off at any moment, from either side. */
export const shakyCall: fc.Arbitrary<CallPlan> = plan({ message: modestMessage, mostMessages: 5, fields: fewFields, pace: anyPace, breaks: true })
/** Little enough to be sent byte by byte. */
export const tinyCall: fc.Arbitrary<CallPlan> = plan({ message: smallMessage, mostMessages: 4, fields: fewFields, pace: anyPace, breaks: true })
