// The decision about a call: acl → policy → limits → faults → affinity → routes → rewriting.
//
// The contract of a step
// - It sees the call as `Stream`: op, facts (null when nothing of the body is known), settings. Facts are the names that the
//   application used; an absent one has length 0. A step allocates nothing and never traps.
// - A step that refuses calls `objectTo(stream, rule, code, reason, number)` of verdict.ts and returns what that returns: false means
//   refused, and the pipeline stops. Shadow rules and mode observe are dealt with there: they count, and the call goes on.
//   So a step goes on to its next rule when `objectTo` said true.
// - `decide` runs once per call, when the facts which its rules need (config/sections/index.ts, neededFacts) are known: for a held
//   call while nothing has left Envoy yet. Only there can headers be written and a refusal be native.
// - `confirm` runs when a message of a batch (or an entry of an acknowledgement, or a topic of a client's settings) has been
//   read to its end, the first one included, with that message's facts. What it refuses is reset before the broker has all of it.
// - `charge` (limits) is all or nothing: it comes after acl and policy so that what they refuse costs nobody anything.
// - Rewriting begins after the decision: rewrite.onDecided is called by stream/request.ts with the body still in the buffer.
import { OP_SEND, isClientCall } from '../protocol/operations'
import { Stream } from '../stream/stream'
import { isAllowed } from './acl'
import { strikes } from './faults'
import { charge, chargeFurther } from './limits'
import { keepsToOneHome } from './affinity'
import { meetsPolicy } from './messages'

/** False: refused, and `verdict` says by what. Where it goes is asked afterwards (routes.ts, affinity.ts). */
export function decide(stream: Stream): bool {
  stream.decided = 1
  if (!isAllowed(stream)) return false
  if (isClientCall(stream.op)) return true
  return meetsPolicy(stream) && charge(stream) && strikes(stream)
}

export function confirm(stream: Stream): bool {
  if (isClientCall(stream.op)) return isAllowed(stream)
  // Of the first one only what may come behind the decision is new: its properties and keys, and how long its body is.
  const further = stream.requestScan.items > 1
  if (further && !isAllowed(stream)) return false
  return meetsPolicy(stream) && keepsToOneHome(stream) && (!further || stream.op != OP_SEND || chargeFurther(stream))
}
