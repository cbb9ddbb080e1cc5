// Reading the request's headers in one go, and writing the filter's own.
import { MAP_REQUEST_HEADERS } from '../abi/constants'
import { answerAt, answerLength, getHeaderPairs, getProperty, removeHeader, setHeader } from '../abi/host'
import { Bytes, beginLine, bytesOf, line, lineLength, putNumber, putPercentEncoded, sameBytes } from '../abi/text'
import { Route, SubsetKey } from '../config/sections/routes'
import { OP_BIT, Settings } from '../config/settings'
import { CLIENT, CLIENT_BIT, FACT_COUNT, Facts, MESSAGE_GROUP, PEER, PEER_BIT, TAG, factAt, factLength, setFact } from '../protocol/facts'
import { METHOD_OTHER, isClientCall, methodOf, opName, opOf } from '../protocol/operations'
import { Stream, factsOf } from './stream'

// Every header of every call is compared with these, so they are numbers: `x-fmq-` and `:path`.
const X_FM: u32 = 0x6d662d78
const Q_: u16 = 0x2d71
const PATH: u32 = 0x7461703a
const H: u8 = 0x68
const CLIENT_ID = bytesOf('x-mq-client-id')
const CLUSTER = bytesOf('x-fmq-cluster')
const ROUTE = bytesOf('x-fmq-route')
const HASH = bytesOf('x-fmq-hash')
const DELAY = bytesOf('x-envoy-fault-delay-request')
const OP = bytesOf('x-fmq-op')
const PEER_PATH = bytesOf('connection\0uri_san_peer_certificate')
const factHeaders: usize = heap.alloc(FACT_COUNT << 2)
const FACT_HEADER_NAMES: StaticArray<string> = [
  'x-fmq-topic',
  'x-fmq-group',
  'x-fmq-tag',
  'x-fmq-message-group',
  'x-fmq-broker',
  'x-fmq-peer',
  'x-fmq-client',
  'x-fmq-lane',
]
for (let i: u32 = 0; i < FACT_COUNT; i++) store<usize>(factHeaders + (<usize>i << 2), changetype<usize>(bytesOf(FACT_HEADER_NAMES[i])))

/**
 * Finds method and client, and removes every x-fmq-* header of the client, but for a cluster that another will take the place of: nobody but
 * the filter may say where a call goes. Envoy should have removed them already; this is for where that cannot be configured.
 */
export function readRequestHeaders(stream: Stream): void {
  if (!getHeaderPairs(MAP_REQUEST_HEADERS)) return
  const pairs = answerAt()
  const end = pairs + answerLength()
  if (answerLength() < 4) return
  const count = <usize>load<u32>(pairs)
  if (count > (answerLength() - 4) >> 3) return
  const wantsClient = (stream.settings.wanted & CLIENT_BIT) != 0
  const texts = pairs + 4 + (count << 3)
  let at = texts
  let hasCluster = false
  stream.method = METHOD_OTHER
  for (let sizes = pairs + 4; sizes < texts; sizes += 8) {
    const nameLength = load<u32>(sizes)
    const valueLength = load<u32>(sizes, 4)
    // Each text has a zero behind it.
    if (<u64>nameLength + <u64>valueLength + 2 > <u64>(end - at)) break
    const value = at + nameLength + 1
    const begins = load<u32>(at)
    if (begins == X_FM && nameLength >= 6 && load<u16>(at, 4) == Q_) {
      if (!hasCluster && sameBytes(at, nameLength, CLUSTER.at, CLUSTER.length)) hasCluster = true
      else removeHeader(MAP_REQUEST_HEADERS, at, nameLength)
    } else if (begins == PATH && nameLength == 5 && load<u8>(at, 4) == H) stream.method = methodOf(value, valueLength)
    else if (wantsClient && sameBytes(at, nameLength, CLIENT_ID.at, CLIENT_ID.length)) setFact(factsOf(stream), CLIENT, value, valueLength)
    at = value + valueLength + 1
  }
  // That of the filter before this one, mostly. What is routed gets another in its place.
  if (hasCluster && (stream.settings.routing == 0 || isClientCall(opOf(stream.method)))) removeCluster()
}

export function removeCluster(): void {
  removeHeader(MAP_REQUEST_HEADERS, CLUSTER.at, CLUSTER.length)
}

/** Who the certificate of the connection says the caller is: its first URI, for workloads a SPIFFE id. */
export function readPeer(stream: Stream): void {
  if ((stream.settings.wanted & PEER_BIT) == 0) return
  if (getProperty(PEER_PATH) && answerLength() != 0) setFact(factsOf(stream), PEER, answerAt(), answerLength())
}

export function writeOpHeader(settings: Settings, op: u32): void {
  if ((settings.headers & OP_BIT) == 0) return
  const name = opName(op)
  setHeader(MAP_REQUEST_HEADERS, OP, name.at, name.length)
}

export function writeCluster(at: usize, length: usize): void {
  setHeader(MAP_REQUEST_HEADERS, CLUSTER, at, length)
}

export function writeDefaultCluster(settings: Settings): void {
  writeCluster(settings.clusterAt, settings.clusterLength)
}

/** What a route says beside the cluster. */
export function writeRoute(settings: Settings, route: Route): void {
  if (settings.routeHeader != 0) setHeader(MAP_REQUEST_HEADERS, ROUTE, route.nameAt, route.nameLength)
  for (let i: u32 = 0; i < route.subsetCount; i++) {
    const entry = changetype<SubsetKey>(route.subset + <usize>i * offsetof<SubsetKey>())
    setHeader(MAP_REQUEST_HEADERS, entry.header, entry.value.at, entry.value.length)
  }
}

/** The fact by which Envoy chooses one host of the cluster. */
export function writeHash(facts: Facts, fact: u32): void {
  const length = factLength(facts, fact)
  if (length == 0) return
  beginLine()
  putPercentEncoded(factAt(facts, fact), length)
  setHeader(MAP_REQUEST_HEADERS, HASH, line, lineLength())
}

/** For Envoy's own fault filter, which stands behind this one and delays without holding bytes back in memory. */
export function writeDelay(ms: u32): void {
  beginLine()
  putNumber(ms)
  setHeader(MAP_REQUEST_HEADERS, DELAY, line, lineLength())
}

/** Topic, group and broker are plain ASCII; the others may be any text. */
export function writeFactHeaders(settings: Settings, facts: Facts): void {
  for (let left = settings.headers & ~OP_BIT; left != 0; left &= left - 1) {
    const fact = ctz(left)
    const length = factLength(facts, fact)
    if (length == 0) continue
    const header = changetype<Bytes>(load<usize>(factHeaders + (<usize>fact << 2)))
    if (fact == TAG || fact == MESSAGE_GROUP || fact > PEER) {
      beginLine()
      putPercentEncoded(factAt(facts, fact), length)
      setHeader(MAP_REQUEST_HEADERS, header, line, lineLength())
    } else setHeader(MAP_REQUEST_HEADERS, header, factAt(facts, fact), length)
  }
}
