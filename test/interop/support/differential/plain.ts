import type { Message, SendMessageRequest } from '@feathermq/protocol'

/** A value of the wire as plain data: maps as objects, bytes as text, big integers as numbers, what is absent left out. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (value instanceof Map) return Object.fromEntries([...value].sort().map(([key, inner]) => [String(key), plain(inner)]))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, plain(inner)]),
  )
}

/** Fields that differ from call to call, as what they look like: two clients then send the same or they do not. */
const shapes: Readonly<Record<string, readonly (readonly [pattern: RegExp, shape: string])[]>> = {
  'x-mq-request-id': [[/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '<uuid>']],
  'x-mq-client-id': [[/^[^@]+@\d+@\d+@[0-9a-z]+$/, '<host>@<pid>@<index>@<base 36>']],
  'x-mq-date-time': [[/^\d{8}T\d{6}Z$/, '<yyyyMMddTHHmmssZ>']],
  'x-mq-client-version': [[/^\d+\.\d+\.\d+/, '<version>']],
  'x-mq-language': [[/^(JAVA|NODE_JS)$/, '<language>']],
  attemptId: [[/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '<uuid>']],
  messageId: [[/^01[0-9A-F]{32}$/, '<id of version 1>']],
}

function shapeOf(name: string, value: string): string {
  return shapes[name]?.find(([pattern]) => pattern.test(value))?.[1] ?? value
}

export function headersOf(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const ours = Object.entries(headers).filter(([name]) => name.startsWith('x-mq-') || name === 'authorization')
  return Object.fromEntries(ours.sort().map(([name, value]) => [name, shapeOf(name, value)]))
}

/** A message without what is by nature another for each client and moment; its queue is looked at apart. */
export function messageOf(message: Message): unknown {
  const { systemProperties: system, ...rest } = message
  const { messageId = '', bornTimestamp: _born, queueId: _queue, ...same } = system ?? {}
  return plain({ ...rest, systemProperties: { ...same, messageId: shapeOf('messageId', messageId) } })
}

/** A request with its ids as shapes. */
export function requestOf(request: unknown): unknown {
  const shaped = Object.entries(plain(request) as Record<string, unknown>).map(([name, value]) => [
    name,
    typeof value === 'string' ? shapeOf(name, value) : value,
  ])
  return Object.fromEntries(shaped)
}

export function messagesOf(request: unknown): readonly Message[] {
  return (request as SendMessageRequest).messages
}
