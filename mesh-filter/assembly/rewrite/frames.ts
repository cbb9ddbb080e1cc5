// Rewriting a body frame by frame while it passes. What a callback sees begins where the last one that let bytes go has ended,
// so a frame that is not there as a whole (or of which not enough is there to know what it needs) waits in Envoy's buffer.
//
// A message is not waited for when its body is its last field and it is the only one of its frame, which is how all encoders
// write it: the lengths that enclose it can be enlarged as soon as its head is known, and the body passes on its own.
import { ACTION_CONTINUE, ACTION_PAUSE, BUFFER_REQUEST_BODY, BUFFER_RESPONSE_BODY } from '../abi/constants'
import { answerAt, answerLength, getBuffer, replaceBuffer } from '../abi/host'
import * as field from '../gen/fields'
import { NOT_OVERSIZE, NOT_READABLE, countNotes, forgetCounts, forgetNotes, keepNotes, note } from './counts'
import { RECEIVED_MESSAGE, REQUEST_SEND, RESPONSE_RECEIVE, SENT_MESSAGE } from './nodes'
import { beginOutput, closeLength, cutOutput, openLength, outputAt, outputLength, setFrameLength, write, writeFrameHead, writeTag } from './output'
import { Rewriting } from './rewriting'
import { Trace } from './trace'
import { CHANGED, UNREADABLE, forgetBroker, transform } from './transform'
import { FIELD_BAD, FIELD_CUT, FIELD_NONE, contentAt, fieldEnd, fieldNumber, fieldWire, nextField } from './walk'

const HEAD: usize = 5
export const DEFAULT_MAX_BUFFER: u32 = 65536

// What becomes of a frame.
const FRAME_PASSES: u32 = 0
const FRAME_CHANGED: u32 = 1
const FRAME_WAITS: u32 = 2
/** All of it has to be there before it can be changed. */
const FRAME_AS_A_WHOLE: u32 = 3

const START_DONE: u32 = 0
const START_WAITS: u32 = 1
const START_TOO_SHORT: u32 = 2
const WINDOW: u64 = 4096
/** Beyond this no message of RocketMQ goes, and addresses stay addresses. */
const MOST_FRAME: usize = 0x3fffffff

/** Bytes of the frame that the output stands for; the rest of it follows on its own. */
let taken: usize = 0

function maxBuffer(rewriting: Rewriting): usize {
  const trace = rewriting.settings.trace
  return trace == 0 ? <usize>DEFAULT_MAX_BUFFER : <usize>changetype<Trace>(trace).maxBufferBytes
}

export function rewriteRequestBody(rewriting: Rewriting, size: u32, end: bool): u32 {
  return rewriteBody(rewriting, BUFFER_REQUEST_BODY, rewriting.requestNode, size, end)
}

export function rewriteResponseBody(rewriting: Rewriting, size: u32, end: bool): u32 {
  return rewriteBody(rewriting, BUFFER_RESPONSE_BODY, rewriting.responseNode, size, end)
}

// @ts-ignore: decorator
@inline
function skipOf(rewriting: Rewriting, buffer: u32): u64 {
  return buffer == BUFFER_REQUEST_BODY ? rewriting.requestSkip : rewriting.responseSkip
}

// @ts-ignore: decorator
@inline
function setSkip(rewriting: Rewriting, buffer: u32, skip: u64): void {
  if (buffer == BUFFER_REQUEST_BODY) rewriting.requestSkip = skip
  else rewriting.responseSkip = skip
}

function rewriteBody(rewriting: Rewriting, buffer: u32, node: u32, size: u32, end: bool): u32 {
  const skip = skipOf(rewriting, buffer)
  if (skip >= <u64>size) {
    setSkip(rewriting, buffer, skip - size)
    return ACTION_CONTINUE
  }
  // The head of a message is short as a rule; the rest is fetched only when it turns out to matter.
  const first = min<u64>(<u64>size, skip + WINDOW)
  let outcome = rewriteStart(rewriting, buffer, node, <u32>first, size, end)
  if (outcome == START_TOO_SHORT) outcome = rewriteStart(rewriting, buffer, node, size, size, end)
  return outcome == START_WAITS ? ACTION_PAUSE : ACTION_CONTINUE
}

/** Goes through the frames that begin in the first `window` bytes of the buffer, which is `size` long. */
function rewriteStart(rewriting: Rewriting, buffer: u32, node: u32, window: u32, size: u32, end: bool): u32 {
  if (!getBuffer(buffer, 0, window) || answerLength() != window) return START_DONE
  const skip = <usize>skipOf(rewriting, buffer)
  const start = answerAt()
  const stop = start + <usize>window
  const isAll = window == size
  let at = start + skip
  let rest: u64 = 0
  let isChanged = false
  beginOutput()
  forgetCounts()
  write(start, skip)
  while (at < stop) {
    const mark = outputLength()
    forgetNotes()
    const outcome = rewriteFrame(rewriting, node, at, stop)
    if (outcome == FRAME_WAITS && !isAll) return START_TOO_SHORT
    if (outcome == FRAME_WAITS && !end) return START_WAITS
    const hasHead = <usize>(stop - at) >= HEAD
    const frame = hasHead ? <u64>HEAD + <u64>frameLength(at) : <u64>(stop - at)
    if (outcome != FRAME_CHANGED) {
      cutOutput(mark)
      taken = 0
    } else isChanged = true
    // What is left of the frame goes on as it is, here or behind the window.
    const left = frame - <u64>taken
    const here = <usize>min<u64>(left, <u64>(stop - at - taken))
    write(at + taken, here)
    at += taken + here
    rest = left - <u64>here
    if (!isAll && at == stop && <u64>window + rest < <u64>size) return START_TOO_SHORT
    keepNotes()
  }
  countNotes()
  setSkip(rewriting, buffer, <u64>window + rest - <u64>size)
  if (isChanged) replaceBuffer(buffer, window, outputAt(), outputLength())
  return START_DONE
}

// @ts-ignore: decorator
@inline
function frameLength(at: usize): usize {
  return <usize>bswap(load<u32>(at + 1))
}

function rewriteFrame(rewriting: Rewriting, node: u32, at: usize, stop: usize): u32 {
  if (<usize>(stop - at) < HEAD) return FRAME_WAITS
  // What is compressed cannot be read, and what is no flag is the peers' affair.
  if (load<u8>(at) != 0) return FRAME_PASSES
  const length = frameLength(at)
  if (length > MOST_FRAME) return FRAME_PASSES
  const content = at + HEAD
  const there = min<usize>(stop - content, length)
  forgetBroker()
  let outcome = FRAME_AS_A_WHOLE
  if (node == REQUEST_SEND) outcome = rewriteHead(rewriting, field.SEND_MESSAGE_REQUEST_MESSAGES, SENT_MESSAGE, content, length, there)
  else if (node == RESPONSE_RECEIVE) outcome = rewriteHead(rewriting, field.RECEIVE_MESSAGE_RESPONSE_MESSAGE, RECEIVED_MESSAGE, content, length, there)
  const most = maxBuffer(rewriting)
  if (outcome == FRAME_WAITS) {
    if (there < most) return FRAME_WAITS
    note(NOT_OVERSIZE)
    return FRAME_PASSES
  }
  if (outcome != FRAME_AS_A_WHOLE) return outcome
  if (length + HEAD > most) {
    note(NOT_OVERSIZE)
    return FRAME_PASSES
  }
  if (there < length) return FRAME_WAITS
  return rewriteWhole(rewriting, node, content, length)
}

function rewriteWhole(rewriting: Rewriting, node: u32, content: usize, length: usize): u32 {
  const head = outputLength()
  writeFrameHead(0)
  const outcome = transform(node, rewriting, content, content + length)
  if (outcome != CHANGED) return passes(outcome)
  setFrameLength(outputAt() + head, <u32>(outputLength() - head - HEAD))
  taken = HEAD + length
  return FRAME_CHANGED
}

function passes(outcome: u32): u32 {
  if (outcome == UNREADABLE) {
    forgetNotes()
    note(NOT_READABLE)
  }
  return FRAME_PASSES
}

/** A frame of one message whose body comes last. */
function rewriteHead(rewriting: Rewriting, number: u32, node: u32, content: usize, length: usize, there: usize): u32 {
  const stop = content + there
  const outcome = nextField(content, stop)
  if (outcome == FIELD_BAD) return passes(UNREADABLE)
  if (outcome == FIELD_NONE) return length == 0 ? FRAME_PASSES : FRAME_WAITS
  if (outcome == FIELD_CUT && fieldNumber == 0) return there == length ? passes(UNREADABLE) : FRAME_WAITS
  if (fieldNumber != number || fieldWire != 2) return node == RECEIVED_MESSAGE ? FRAME_PASSES : FRAME_AS_A_WHOLE
  if (fieldEnd != content + length) return fieldEnd > content + length ? passes(UNREADABLE) : FRAME_AS_A_WHOLE
  const message = contentAt
  const messageEnd = fieldEnd
  let at = message
  while (at < messageEnd) {
    const found = nextField(at, min(stop, messageEnd))
    if (found == FIELD_BAD) return passes(UNREADABLE)
    if (found == FIELD_NONE) return FRAME_WAITS
    if (fieldNumber == field.MESSAGE_BODY && fieldWire == 2) {
      if (fieldEnd != messageEnd) return fieldEnd > messageEnd ? passes(UNREADABLE) : FRAME_AS_A_WHOLE
      break
    }
    if (found == FIELD_CUT) return there == length ? passes(UNREADABLE) : FRAME_WAITS
    at = fieldEnd
  }
  const head = outputLength()
  writeFrameHead(0)
  writeTag(number)
  const place = openLength()
  const changed = transform(node, rewriting, message, at)
  if (changed != CHANGED) return passes(changed)
  const beyond = messageEnd - at
  closeLength(place, beyond)
  setFrameLength(outputAt() + head, <u32>(outputLength() - head - HEAD + beyond))
  taken = HEAD + (at - content)
  return FRAME_CHANGED
}
