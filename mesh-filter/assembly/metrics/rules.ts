// What rules did: fmq.rules.section.<section>.outcome.<acted|shadow>.rule.<name>.end, and how many rules may have counters of their own.
import { NO_METRIC, defineCounter, increment } from '../abi/host'
import { Bytes, beginLine, bytesOf, line, lineLength, put, putBytes } from '../abi/text'
import { Rule, SECTION_COUNT, SECTION_NAMES } from '../config/settings'
import { OTHER, admit, newRegistry, openRegistry, setValue, valueOf } from './registry'

const registry = newRegistry(bytesOf('fmq.rules'))
/** For the whole process and all configurations it ever had; rules beyond it are counted under `~other`. */
const MOST: u32 = 2000
const P_SECTION = bytesOf('fmq.rules.section.')
const P_ACTED = bytesOf('.outcome.acted.rule.')
const P_SHADOW = bytesOf('.outcome.shadow.rule.')
const P_END = bytesOf('.end')
const T_OTHER = bytesOf('~other')
const names: usize = heap.alloc(SECTION_COUNT << 2)
for (let i: u32 = 0; i < SECTION_COUNT; i++) store<usize>(names + (<usize>i << 2), changetype<usize>(bytesOf(SECTION_NAMES[i])))
const key: usize = memory.data(256)

export function sectionName(section: u32): Bytes {
  return changetype<Bytes>(load<usize>(names + (<usize>section << 2)))
}

export function openRuleCounters(): void {
  openRegistry(registry)
}

export function countActed(rule: Rule): void {
  if (rule.actedMetric == 0) rule.actedMetric = metricOf(rule, false) + 1
  increment(rule.actedMetric - 1)
}

export function countShadow(rule: Rule): void {
  if (rule.shadowMetric == 0) rule.shadowMetric = metricOf(rule, true) + 1
  increment(rule.shadowMetric - 1)
}

/** The id is kept by name, not by rule: a configuration that is loaded again has the same counters. */
function metricOf(rule: Rule, shadow: bool): u32 {
  const length = min<usize>(rule.nameLength, 200)
  store<u8>(key, <u8>(rule.section * 2 + (shadow ? 1 : 0)))
  memory.copy(key + 1, rule.nameAt, length)
  const index = admit(registry, key, length + 1, MOST)
  if (index != OTHER && valueOf(registry, index) != NO_METRIC) return valueOf(registry, index)
  beginLine()
  putBytes(P_SECTION)
  putBytes(sectionName(rule.section))
  putBytes(shadow ? P_SHADOW : P_ACTED)
  if (index == OTHER) putBytes(T_OTHER)
  else put(rule.nameAt, length)
  putBytes(P_END)
  const metric = defineCounter(line, lineLength())
  if (index != OTHER) setValue(registry, index, metric)
  return metric
}
