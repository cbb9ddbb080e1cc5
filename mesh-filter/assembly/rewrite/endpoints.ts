// Where clients are sent: addresses in routes, assignments and settings are replaced by those that the mesh wants them to dial.
// What a broker really said is remembered by its name, in data that all workers share, and put back into requests that carry it.
import { answerAt, answerCas, answerLength, getSharedAt, setSharedAt } from '../abi/host'
import { Bytes, beginLine, bytesOf, line, lineLength, put, putBytes, sameBytes } from '../abi/text'
import { PatternList } from '../config/settings'
import { OTHER, admit, newRegistry, openRegistry } from '../metrics/registry'
import { matchesAny } from '../policy/pattern'
import { REWRITTEN_ENDPOINTS, note } from './counts'
import { write } from './output'
import { REQUESTED, Rewriting, valueAt, valueLength } from './rewriting'

@unmanaged
export class EndpointRule {
  cluster: PatternList | null
  broker: PatternList | null
  /** 1: to the address that the client asked for; else `content`, an encoded Endpoints. */
  requested: u32
  content: Bytes
}

@unmanaged
export class EndpointRules {
  /** The cluster of Telemetry and other calls of a client as a whole, when it is not the default. */
  clientCalls: Bytes | null
  count: u32
  first: usize
}

const PREFIX = bytesOf('fmq.broker.')
const MOST_BROKERS: u32 = 256
const MOST_CONTENT: usize = 1024
const brokers = newRegistry(bytesOf('fmq.brokers'))

/** Before the first call of a configuration. */
export function openEndpoints(): void {
  openRegistry(brokers)
}

function ruleFor(rules: EndpointRules, rewriting: Rewriting, broker: usize, brokerLength: usize): EndpointRule | null {
  for (let i: u32 = 0; i < rules.count; i++) {
    const rule = changetype<EndpointRule>(rules.first + <usize>i * offsetof<EndpointRule>())
    const clusters = rule.cluster
    if (clusters !== null && (rewriting.clusterLength == 0 || !matchesAny(clusters, rewriting.clusterAt, rewriting.clusterLength))) continue
    const names = rule.broker
    if (names !== null && (brokerLength == 0 || !matchesAny(names, broker, brokerLength))) continue
    return rule
  }
  return null
}

/** Writes what stands in place of these endpoints. False when they stay. */
export function writeEndpoints(rules: EndpointRules, rewriting: Rewriting, broker: usize, brokerLength: usize, at: usize, length: usize): bool {
  const rule = ruleFor(rules, rewriting, broker, brokerLength)
  if (rule === null) return false
  const content = rule.requested != 0 ? valueAt(rewriting, REQUESTED) : rule.content.at
  const contentLength = rule.requested != 0 ? valueLength(rewriting, REQUESTED) : rule.content.length
  if (contentLength == 0 || sameBytes(content, contentLength, at, length)) return false
  if (brokerLength != 0) remember(broker, brokerLength, at, length)
  write(content, contentLength)
  note(REWRITTEN_ENDPOINTS)
  return true
}

function beginKey(broker: usize, brokerLength: usize): void {
  beginLine()
  putBytes(PREFIX)
  put(broker, brokerLength)
}

function remember(broker: usize, brokerLength: usize, at: usize, length: usize): void {
  if (brokerLength > 255 || length > MOST_CONTENT) return
  beginKey(broker, brokerLength)
  if (!getSharedAt(line, lineLength())) return
  if (answerCas() != 0 && sameBytes(answerAt(), answerLength(), at, length)) return
  if (admit(brokers, broker, brokerLength, MOST_BROKERS) == OTHER) return
  beginKey(broker, brokerLength)
  setSharedAt(line, lineLength(), at, length, 0)
}

/** Writes the endpoints that the broker itself has named. False when nobody knows them, or they stand there. */
export function writeEndpointsBack(
  rules: EndpointRules,
  rewriting: Rewriting,
  broker: usize,
  brokerLength: usize,
  at: usize,
  length: usize,
): bool {
  if (brokerLength == 0 || brokerLength > 255 || ruleFor(rules, rewriting, broker, brokerLength) === null) return false
  beginKey(broker, brokerLength)
  if (!getSharedAt(line, lineLength()) || answerLength() == 0 || sameBytes(answerAt(), answerLength(), at, length)) return false
  write(answerAt(), answerLength())
  note(REWRITTEN_ENDPOINTS)
  return true
}
