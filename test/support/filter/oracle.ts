import { join } from 'node:path'
import protobuf from 'protobufjs'
import { root } from '../repository.ts'

const schema = new protobuf.Root()
schema.resolvePath = (_origin, target) =>
  target.startsWith('google/protobuf/') ? target : join(root, 'proto', target.replace(/^.*?rocketmq\/v2\//, 'rocketmq/v2/'))
schema.loadSync(['rocketmq/v2/service.proto'])

/** What a call is about, as protobufjs reads it; an empty string is an absent fact. */
export interface OracleFacts {
  readonly topic: string
  readonly topicNamespace: string
  readonly group: string
  readonly tag: string
  readonly messageGroup: string
  readonly broker: string
}

function string(value: unknown, ...steps: (string | number)[]): string {
  const found = steps.reduce<unknown>((part, step) => (typeof part === 'object' && part !== null ? Reflect.get(part, step) : undefined), value)
  return typeof found === 'string' ? found : ''
}

/** The sixth word of a receipt handle, which names the broker, where the text is a handle at all. */
function brokerOf(handle: string): string {
  const words = handle.split(' ')
  return words.length >= 8 && words.every((word) => word !== '') ? (words[5] ?? '') : ''
}

const topicOf = (value: unknown, ...steps: (string | number)[]) => ({
  topic: string(value, ...steps, 'topic', 'name'),
  topicNamespace: string(value, ...steps, 'topic', 'resourceNamespace'),
})

const readers: Readonly<Record<string, (request: unknown) => Partial<OracleFacts>>> = {
  SendMessage: (request) => ({
    ...topicOf(request, 'messages', 0),
    tag: string(request, 'messages', 0, 'systemProperties', 'tag'),
    messageGroup: string(request, 'messages', 0, 'systemProperties', 'messageGroup'),
  }),
  ReceiveMessage: (request) => ({
    ...topicOf(request, 'messageQueue'),
    group: string(request, 'group', 'name'),
    broker: string(request, 'messageQueue', 'broker', 'name'),
  }),
  AckMessage: (request) => ({
    ...topicOf(request),
    group: string(request, 'group', 'name'),
    broker: brokerOf(string(request, 'entries', 0, 'receiptHandle')),
  }),
  QueryRoute: (request) => topicOf(request),
}

/** The names by which rules know a topic. */
export function topicNames({ topic, topicNamespace }: OracleFacts): readonly string[] {
  return topic === '' || topicNamespace === '' ? [topic] : [topic, `${topicNamespace}%${topic}`]
}

/** A broker with an odd name is no broker to the filter: it says nothing rather than something that cannot be a header. */
function brokerName(name: string): string {
  return /^[\w%|.-]{1,255}$/.test(name) ? name : ''
}

/** What protobufjs reads in a framed request, or undefined when it cannot read it. */
function read(method: string, framed: Buffer): unknown {
  if (framed.length < 5 || framed[0] !== 0 || framed.readUInt32BE(1) !== framed.length - 5) return undefined
  const type = schema.lookupType(`apache.rocketmq.v2.${method}Request`)
  try {
    return type.toObject(type.decode(framed.subarray(5)), { longs: String, enums: String, arrays: true })
  } catch {
    return undefined
  }
}

/** Topic and tag of every message of a batch; undefined when protobufjs cannot read it. */
export function oracleMessages(framed: Buffer): { readonly topic: string; readonly tag: string; readonly bodyBytes: number }[] | undefined {
  const request = read('SendMessage', framed)
  if (typeof request !== 'object' || request === null) return undefined
  const messages: unknown = Reflect.get(request, 'messages')
  return (Array.isArray(messages) ? messages : []).map((message: unknown) => {
    const body: unknown = typeof message === 'object' && message !== null ? Reflect.get(message, 'body') : undefined
    return {
      topic: string(message, 'topic', 'name'),
      tag: string(message, 'systemProperties', 'tag'),
      bodyBytes: body instanceof Uint8Array ? body.length : 0,
    }
  })
}

/** The facts of a framed request, or undefined when protobufjs cannot read it. */
export function oracleFacts(method: string, framed: Buffer): OracleFacts | undefined {
  const reader = readers[method]
  if (reader === undefined) throw new Error(`the oracle does not know ${method}`)
  const request = read(method, framed)
  if (request === undefined) return undefined
  const { broker = '', ...facts } = reader(request)
  return { topic: '', topicNamespace: '', group: '', tag: '', messageGroup: '', ...facts, broker: brokerName(broker) }
}
