// What the access log can show: %FILTER_STATE(wasm.fmq.topic:PLAIN)% and its like.
import { setProperty } from '../abi/host'
import { Bytes, beginLine, bytesOf, line, lineLength } from '../abi/text'
import { Settings } from '../config/settings'
import { putCode } from '../metrics/counters'

const OP = bytesOf('fmq.op')
const TOPIC = bytesOf('fmq.topic')
const GROUP = bytesOf('fmq.group')
const CODE = bytesOf('fmq.code')
const RULE = bytesOf('fmq.rule')

export function publishOp(settings: Settings, name: Bytes): void {
  if (settings.filterState != 0) setProperty(OP, name.at, name.length)
}

export function publishTopic(settings: Settings, at: usize, length: usize): void {
  if (settings.filterState != 0) setProperty(TOPIC, at, length)
}

export function publishGroup(settings: Settings, at: usize, length: usize): void {
  if (settings.filterState != 0) setProperty(GROUP, at, length)
}

export function publishCode(settings: Settings, code: i32): void {
  if (settings.filterState == 0) return
  beginLine()
  putCode(code)
  setProperty(CODE, line, lineLength())
}

/** The rule that refused the call: `<section>/<name>`. */
export function publishRule(settings: Settings, at: usize, length: usize): void {
  if (settings.filterState != 0) setProperty(RULE, at, length)
}
