// What the access log can show: %FILTER_STATE(wasm.fmq.topic:PLAIN)% and its like.
import { setProperty } from '../abi/host'
import { Bytes, beginLine, bytesOf, line, lineLength } from '../abi/text'
import { Settings } from '../config/settings'
import { putCode } from '../metrics/counters'

export const STATE_OP = bytesOf('fmq.op')
export const STATE_TOPIC = bytesOf('fmq.topic')
export const STATE_GROUP = bytesOf('fmq.group')
/** The rule that refused the call: `<section>/<name>`. */
export const STATE_RULE = bytesOf('fmq.rule')
const CODE = bytesOf('fmq.code')

export function publish(settings: Settings, what: Bytes, at: usize, length: usize): void {
  if (settings.filterState != 0) setProperty(what, at, length)
}

export function publishCode(settings: Settings, code: i32): void {
  if (settings.filterState == 0) return
  beginLine()
  putCode(code)
  setProperty(CODE, line, lineLength())
}
