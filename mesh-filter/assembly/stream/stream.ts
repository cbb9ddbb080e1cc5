// Live calls. They stand in blocks that are never moved or given back, so that their number at the busiest moment is all
// the memory they ever take; a free list and a hash by context id make creating, finding and deleting one constant work.
import { Rule, Settings, releaseSettings } from '../config/settings'
import { Facts, giveFactsBack, takeFacts } from '../protocol/facts'
import { METHOD_OTHER, OP_OTHER } from '../protocol/operations'
import { OPAQUE_NONE, Scan, giveScanBack, noScan } from '../protocol/scan'
import { CODE_NONE, LABEL_NONE } from '../metrics/counters'
import { Reply, giveReplyBack } from '../reject/reply'
import { Rewriting, giveRewritingBack } from '../rewrite/rewriting'
import { Root, freeIfUnused } from './root'

// The request's phases; request.ts holds the transitions.
/** Headers not seen yet, or a call that the filter has nothing to do with. */
export const PHASE_IDLE: u32 = 0
/** Headers and body wait in Envoy until the facts are known. */
export const PHASE_HELD: u32 = 1
/** Passing; still read, for metrics and to notice a second, different topic. */
export const PHASE_PASSING: u32 = 2
/** Nothing more to be read from the request. */
export const PHASE_READ: u32 = 3
/** Answered by the filter itself. */
export const PHASE_DENIED: u32 = 4
/** On the way to the reject listener; the filter makes an answer of what comes back. */
export const PHASE_REJECTED: u32 = 5

@unmanaged
export class Stream {
  id: u32
  /** Next in the hash chain or in the free list. */
  next: usize
  root: Root
  settings: Settings
  /** From a pool, only while the request is being read. */
  facts: Facts | null
  requestScan: Scan
  /** Likewise, of the response. */
  responseScan: Scan
  phase: u32
  /** Its way is this filter's decision, so a call that turns out to be unreadable is refused even after it was let go. */
  routed: u32
  method: u32
  op: u32
  opaque: u32
  /** policy/pipeline.ts has judged it as a whole. */
  decided: u32
  /** Shadow rules that were counted for it, by their numbers. */
  shadowed: u64
  /** The first message's topic, to notice another one. */
  topicHash: u32
  /** The BrokerHome it was sent to, or 0. */
  home: usize
  /** By a fault. */
  delayMs: u32
  /** The rule that refused it. */
  rule: Rule | null
  /** Its facts are filter state and labels. */
  published: u32
  codeWritten: u32
  /** Headers of the response wait for the code in the body. */
  responseHeld: u32
  /** Bytes of request body that were handed on: where the next chunk begins. */
  passed: u64
  responsePassed: u64
  /** Of those the ones that Envoy's buffer shows again with the next chunk. */
  requestKept: u32
  responseKept: u32
  responseReading: u32
  topic: u32
  group: u32
  code: i32
  /** Of the request's first gRPC message, once it was read. */
  frameLength: u32
  /** ms, only where latencies are recorded. */
  startedAt: u64
  /** Chain of held calls without a body, for the detection of the missing flag. */
  waits: u32
  waitNext: usize
  waitPrevious: usize
  heldSince: u64
  /** Answer of the filter's own that waits for the reject listener's, see reject/native.ts. */
  reply: Reply | null
  /** Only of calls that lanes, endpoints or trace may change. */
  rewriting: Rewriting | null
}

const SIZE: usize = (offsetof<Stream>() + 7) & ~7
const PER_BLOCK: usize = 64
const BUCKETS: u32 = 4096

const buckets: usize = heap.alloc(BUCKETS << 2)
memory.fill(buckets, 0, BUCKETS << 2)
let free: usize = 0

// @ts-ignore: decorator
@inline
function bucketOf(id: u32): usize {
  return buckets + <usize>((id & (BUCKETS - 1)) << 2)
}

function addBlock(): void {
  const block = heap.alloc(PER_BLOCK * SIZE)
  for (let i: usize = 0; i < PER_BLOCK; i++) {
    const at = block + i * SIZE
    changetype<Stream>(at).next = free
    free = at
  }
}

export function createStream(id: u32, root: Root, settings: Settings): void {
  if (findStream(id) !== null) return
  if (free == 0) addBlock()
  const stream = changetype<Stream>(free)
  free = stream.next
  memory.fill(changetype<usize>(stream), 0, SIZE)
  stream.id = id
  stream.root = root
  stream.settings = settings
  stream.requestScan = noScan
  stream.responseScan = noScan
  stream.method = METHOD_OTHER
  stream.op = OP_OTHER
  stream.opaque = OPAQUE_NONE
  stream.topic = LABEL_NONE
  stream.group = LABEL_NONE
  stream.code = CODE_NONE
  root.streams++
  settings.users++
  const bucket = bucketOf(id)
  stream.next = load<usize>(bucket)
  store<usize>(bucket, changetype<usize>(stream))
}

export function findStream(id: u32): Stream | null {
  let at = load<usize>(bucketOf(id))
  while (at != 0) {
    const stream = changetype<Stream>(at)
    if (stream.id == id) return stream
    at = stream.next
  }
  return null
}

export function factsOf(stream: Stream): Facts {
  let facts = stream.facts
  if (facts !== null) return facts
  facts = takeFacts()
  stream.facts = facts
  return facts
}

export function dropFacts(stream: Stream): void {
  const facts = stream.facts
  if (facts === null) return
  giveFactsBack(facts)
  stream.facts = null
}

export function dropRequestScan(stream: Stream): void {
  const scan = stream.requestScan
  if (scan === noScan) return
  stream.frameLength = scan.frameLength
  stream.requestScan = noScan
  giveScanBack(scan)
}

export function dropResponseScan(stream: Stream): void {
  const scan = stream.responseScan
  if (scan === noScan) return
  stream.responseScan = noScan
  giveScanBack(scan)
}

export function dropReply(stream: Stream): void {
  const reply = stream.reply
  if (reply === null) return
  giveReplyBack(reply)
  stream.reply = null
}

export function deleteStream(stream: Stream): void {
  const target = changetype<usize>(stream)
  const bucket = bucketOf(stream.id)
  let previous: usize = 0
  let at = load<usize>(bucket)
  while (at != 0 && at != target) {
    previous = at
    at = changetype<Stream>(at).next
  }
  if (at == 0) return
  if (previous == 0) store<usize>(bucket, stream.next)
  else changetype<Stream>(previous).next = stream.next
  dropFacts(stream)
  dropRequestScan(stream)
  dropResponseScan(stream)
  dropReply(stream)
  const rewriting = stream.rewriting
  if (rewriting !== null) giveRewritingBack(rewriting)
  stream.rewriting = null
  releaseSettings(stream.settings)
  stream.root.streams--
  freeIfUnused(stream.root)
  stream.next = free
  free = target
}
