// What the access log can show: %FILTER_STATE(wasm.fmq.topic:PLAIN)% and its like.
import { setProperty } from '../abi/host'
import { Bytes, beginLine, bytesOf, line, lineLength } from '../abi/text'
import { putCode } from '../metrics/counters'

const OP = bytesOf('fmq.op')
const TOPIC = bytesOf('fmq.topic')
const GROUP = bytesOf('fmq.group')
const CODE = bytesOf('fmq.code')
const RULE = bytesOf('fmq.rule')

export function publishOp(name: Bytes): void {
  setProperty(OP, name.at, name.length)
}

export function publishTopic(at: usize, length: usize): void {
  setProperty(TOPIC, at, length)
}

export function publishGroup(at: usize, length: usize): void {
  setProperty(GROUP, at, length)
}

export function publishCode(code: i32): void {
  beginLine()
  putCode(code)
  setProperty(CODE, line, lineLength())
}

/** The rule that refused the call: `<section>/<name>`. */
export function publishRule(at: usize, length: usize): void {
  setProperty(RULE, at, length)
}
