import { once } from 'node:events'
import { connect } from 'node:net'

/** The only door by which a stock broker makes topics and groups: its remoting protocol. The numbers are those of RequestCode.java. */
const GET_ROUTEINFO_BY_TOPIC = 105
const UPDATE_AND_CREATE_TOPIC = 17
const UPDATE_AND_CREATE_SUBSCRIPTIONGROUP = 200
/** Readable and writable, as PermName.java counts. */
const READ_WRITE = 6

export interface TopicOptions {
  /** What the topic takes. Default NORMAL. */
  readonly type?: 'NORMAL' | 'FIFO' | 'DELAY' | 'TRANSACTION' | 'PRIORITY' | undefined
  /** Default 4. */
  readonly queues?: number | undefined
}

export interface GroupOptions {
  /** Default false. */
  readonly ordered?: boolean | undefined
  /** Deliveries after the first. Default 16. */
  readonly maxRetries?: number | undefined
}

interface Request {
  readonly code: number
  readonly fields?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export function createTopic(address: string, name: string, { type = 'NORMAL', queues = 4 }: TopicOptions = {}): Promise<void> {
  const fields = {
    topic: name,
    defaultTopic: 'TBW102',
    readQueueNums: `${queues}`,
    writeQueueNums: `${queues}`,
    perm: `${READ_WRITE}`,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: '0',
    order: 'false',
    // The plus adds the attribute; without it the broker takes the text for an alteration of one that is not there.
    attributes: `+message.type=${type}`,
  }
  return ask(address, { code: UPDATE_AND_CREATE_TOPIC, fields })
}

export function createGroup(address: string, name: string, { ordered = false, maxRetries = 16 }: GroupOptions = {}): Promise<void> {
  const body = {
    groupName: name,
    consumeEnable: true,
    consumeFromMinEnable: true,
    consumeBroadcastEnable: true,
    consumeMessageOrderly: ordered,
    retryQueueNums: 1,
    retryMaxTimes: maxRetries,
    brokerId: 0,
    whichBrokerWhenConsumeSlowly: 1,
    notifyConsumerIdsChangedEnable: true,
  }
  return ask(address, { code: UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, body })
}

/**
 * Resolves when a name server knows a topic. It knows one named like a cluster once a broker of that cluster has come to it, which is some time after the
 * broker listens, and before which a proxy of the cluster ends instead of waiting.
 */
export function askNameServer(address: string, topic: string): Promise<void> {
  return ask(address, { code: GET_ROUTEINFO_BY_TOPIC, fields: { topic } })
}

/** A frame: its length without these four bytes, how its header is written (0: JSON) and how long that is, the header, the body. */
export function encodeFrame({ code, fields = {}, body }: Request): Buffer {
  const header = { code, extFields: fields, flag: 0, language: 'JAVA', opaque: 1, serializeTypeCurrentRPC: 'JSON', version: 413 }
  const head = Buffer.from(JSON.stringify(header))
  const rest = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body))
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32BE(4 + head.length + rest.length, 0)
  lengths.writeUInt32BE(head.length, 4)
  return Buffer.concat([lengths, head, rest])
}

/** The header of the frame that `bytes` begin with; undefined until it is complete. */
export function decodeHeader(bytes: Buffer): { readonly code: number; readonly remark?: string } | undefined {
  if (bytes.length < 8 || bytes.length < 4 + bytes.readUInt32BE(0)) return undefined
  const length = bytes.readUInt32BE(4) & 0xff_ffff
  return JSON.parse(bytes.toString('utf8', 8, 8 + length))
}

/** @throws an Error of the network as Node gives it, or one with the broker's own words. */
async function ask(address: string, request: Request): Promise<void> {
  const { hostname, port } = new URL(`tcp://${address}`)
  const socket = connect({ host: hostname, port: Number(port) })
  try {
    await once(socket, 'connect')
    socket.write(encodeFrame(request))
    let received: Buffer = Buffer.alloc(0)
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk])
      const answer = decodeHeader(received)
      if (answer === undefined) continue
      if (answer.code === 0) return
      throw new Error(`The server at ${address} answered request ${request.code} with code ${answer.code}: ${answer.remark ?? 'no remark'}`)
    }
    throw new Error(`The server at ${address} ended the connection without an answer to request ${request.code}`)
  } finally {
    socket.destroy()
  }
}
