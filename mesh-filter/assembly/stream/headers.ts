// Reading the request's headers in one go, and writing the filter's own.
import { MAP_REQUEST_HEADERS } from '../abi/constants'
import { answerAt, answerLength, getHeaderPairs, removeHeader, setHeader } from '../abi/host'
import { Bytes, beginLine, bytesOf, line, lineLength, putPercentEncoded, sameBytes, startsWith } from '../abi/text'
import { OP_BIT, Route, Settings } from '../config/settings'
import { FACT_COUNT, Facts, MESSAGE_GROUP, TAG, factAt, factLength } from '../protocol/facts'
import { METHOD_OTHER, methodOf, opName } from '../protocol/operations'

const PATH = bytesOf(':path')
const OURS = bytesOf('x-fmq-')
const CLUSTER = bytesOf('x-fmq-cluster')
const ROUTE = bytesOf('x-fmq-route')
const OP = bytesOf('x-fmq-op')
const factHeaders: usize = heap.alloc(FACT_COUNT << 2)
const FACT_HEADER_NAMES: StaticArray<string> = ['x-fmq-topic', 'x-fmq-group', 'x-fmq-tag', 'x-fmq-message-group', 'x-fmq-broker']
for (let i: u32 = 0; i < FACT_COUNT; i++) store<usize>(factHeaders + (<usize>i << 2), changetype<usize>(bytesOf(FACT_HEADER_NAMES[i])))

/**
 * Finds the method and removes every x-fmq-* header of the client: nobody but the filter may say where a call goes. Envoy
 * should have removed them already; this is for where that cannot be configured.
 */
export function readRequestHeaders(): u32 {
  if (!getHeaderPairs(MAP_REQUEST_HEADERS)) return METHOD_OTHER
  const pairs = answerAt()
  const end = pairs + answerLength()
  if (answerLength() < 4) return METHOD_OTHER
  const count = <usize>load<u32>(pairs)
  if (count > (answerLength() - 4) >> 3) return METHOD_OTHER
  let at = pairs + 4 + (count << 3)
  let method = METHOD_OTHER
  for (let i: usize = 0; i < count; i++) {
    const sizes = pairs + 4 + (i << 3)
    const nameLength = <usize>load<u32>(sizes)
    const valueLength = <usize>load<u32>(sizes, 4)
    const left = end - at
    if (nameLength > left || valueLength > left || nameLength + valueLength + 2 > left) break
    if (startsWith(at, nameLength, OURS)) removeHeader(MAP_REQUEST_HEADERS, at, nameLength)
    else if (sameBytes(at, nameLength, PATH.at, PATH.length)) method = methodOf(at + nameLength + 1, valueLength)
    at += nameLength + valueLength + 2
  }
  return method
}

export function writeOpHeader(settings: Settings, op: u32): void {
  if ((settings.headers & OP_BIT) == 0) return
  const name = opName(op)
  setHeader(MAP_REQUEST_HEADERS, OP, name.at, name.length)
}

export function writeDecision(settings: Settings, route: Route | null): void {
  if (route === null) {
    setHeader(MAP_REQUEST_HEADERS, CLUSTER, settings.clusterAt, settings.clusterLength)
    return
  }
  setHeader(MAP_REQUEST_HEADERS, CLUSTER, route.clusterAt, route.clusterLength)
  setHeader(MAP_REQUEST_HEADERS, ROUTE, route.nameAt, route.nameLength)
}

/** Topic, group and broker are plain ASCII; tags and message groups may be any text. */
export function writeFactHeaders(settings: Settings, facts: Facts): void {
  for (let fact: u32 = 0; fact < FACT_COUNT; fact++) {
    const length = factLength(facts, fact)
    if ((settings.headers & (1 << fact)) == 0 || length == 0) continue
    const header = changetype<Bytes>(load<usize>(factHeaders + (<usize>fact << 2)))
    if (fact == TAG || fact == MESSAGE_GROUP) {
      beginLine()
      putPercentEncoded(factAt(facts, fact), length)
      setHeader(MAP_REQUEST_HEADERS, header, line, lineLength())
    } else setHeader(MAP_REQUEST_HEADERS, header, factAt(facts, fact), length)
  }
}
