// The filter behind Envoy's router, where requests carry the context of Envoy's own span: there it writes contexts into messages and
// does nothing else, since the filter before the router has judged and counted the call. The generator gives it this root_id.
import { ACTION_CONTINUE, MAP_REQUEST_HEADERS } from '../abi/constants'
import { answerAt, answerLength, getHeader, getPropertyBytes } from '../abi/host'
import { bytesOf, sameBytes } from '../abi/text'
import { beginInjection } from '../policy/rewrite'
import { methodOf, opOf } from '../protocol/operations'
import { PHASE_READ, Stream } from './stream'

const PATH = bytesOf(':path')
const ROOT_ID = bytesOf('plugin_root_id')
const UPSTREAM = bytesOf('feathermq-upstream')

export function isUpstream(): bool {
  return getPropertyBytes(ROOT_ID) && sameBytes(answerAt(), answerLength(), UPSTREAM.at, UPSTREAM.length)
}

export function onUpstreamHeaders(stream: Stream, end: bool): u32 {
  stream.phase = PHASE_READ
  if (!end && getHeader(MAP_REQUEST_HEADERS, PATH)) {
    stream.op = opOf(methodOf(answerAt(), answerLength()))
    beginInjection(stream)
  }
  return ACTION_CONTINUE
}
