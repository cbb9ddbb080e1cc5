// `trace`: writing the W3C trace context of calls into messages.
import { CARRIER_PROPERTIES, CARRIER_TRACE_CONTEXT, Trace } from '../../rewrite/trace'
import { DEFAULT_MAX_BUFFER } from '../../rewrite/frames'
import { checkKeys, choice, integer, object, texts } from '../checks'
import { Draft } from '../draft'
import { indexPath } from '../problems'

const KEYS: StaticArray<string> = ['placement', 'inject', 'carriers', 'maxBufferBytes']
const PLACEMENTS: StaticArray<string> = ['downstream', 'upstream']
const INJECT: StaticArray<string> = ['absent', 'never']
const CARRIERS: StaticArray<string> = ['user-properties', 'trace-context']
/** Half of the window that the generator gives a stream: Envoy refuses what it would have to buffer beyond that. */
const MOST_BUFFER: f64 = 524288

export function readTrace(draft: Draft): void {
  const json = object(draft.root, 'trace', '$', draft.problems)
  if (json === null) return
  const path = '$.trace'
  checkKeys(json, path, KEYS, draft.problems)
  const trace = changetype<Trace>(draft.alloc(offsetof<Trace>()))
  draft.settings.trace = changetype<usize>(trace)
  trace.upstream = choice(json, 'placement', path, PLACEMENTS, 0, draft.problems)
  trace.never = choice(json, 'inject', path, INJECT, 0, draft.problems)
  trace.maxBufferBytes = integer(json, 'maxBufferBytes', path, 1024, MOST_BUFFER, DEFAULT_MAX_BUFFER, draft.problems)
  trace.carriers = CARRIER_PROPERTIES | CARRIER_TRACE_CONTEXT
  const carriers = texts(json, 'carriers', path, false, draft.problems)
  if (carriers === null) return
  trace.carriers = 0
  for (let i = 0; i < carriers.length; i++) {
    if (carriers[i].length == 0) continue
    const at = CARRIERS.indexOf(carriers[i])
    if (at < 0) draft.add(indexPath('$.trace.carriers', i), '"' + carriers[i] + '" is none of ' + CARRIERS.join(', '))
    else trace.carriers |= at == 0 ? CARRIER_PROPERTIES : CARRIER_TRACE_CONTEXT
  }
}
