import type { RpcCode } from '@feathermq/transport'

// What goes over the wire is the same for all variants.

export const paths = {
  unary: '/bench.Bench/Unary',
  serverStream: '/bench.Bench/ServerStream',
  echo: '/bench.Bench/Echo',
} as const

/** A SendMessage with a body of 1 KiB, and its answer. */
export const request: Buffer = Buffer.alloc(1_229, 7)
export const response: Buffer = Buffer.alloc(100, 7)
/** A ReceiveMessage, and what it brings: 32 messages with a body of 1 KiB each. */
export const streamRequest: Buffer = Buffer.alloc(200, 7)
export const streamMessage: Buffer = Buffer.alloc(1_331, 7)
export const STREAM_MESSAGES = 32
/** What an echoing stream is sent: a settings command has about this size. */
export const echoed: Buffer = Buffer.alloc(200, 7)

/** More than grpc-js needs for calls that it starves when there are 256 of them. */
export const TIMEOUT = 30_000

/** What every RocketMQ client sends with a call: five headers that stay the same and two that do not. */
export const constantHeaders = [
  ['x-mq-language', 'NODE_JS'],
  ['x-mq-protocol', 'v2'],
  ['x-mq-client-version', '0.1.0'],
  ['x-mq-client-id', 'host@1234@1@abcdefgh'],
  ['x-mq-namespace', ''],
] as const

let calls = 0

export function changingHeaders(): [name: string, value: string][] {
  calls += 1
  return [
    ['x-mq-request-id', `0f8fad5b-d9cb-469f-a165-${calls.toString(16).padStart(12, '0')}`],
    ['x-mq-date-time', '20261127T120000Z'],
  ]
}

/** What a client says of a call that brought so many messages, of so many bytes together; undefined when it was right. */
export function problemOf(messages: number, bytes: number, expected: number, each: Buffer): Error | undefined {
  if (messages === expected && bytes === expected * each.length) return undefined
  return new Error(`${messages} messages of ${bytes} bytes came, ${expected} of ${each.length} each were to come`)
}

export const failed = (code: RpcCode | number | string, message: string): Error => new Error(`the call ended with ${code}: ${message}`)
