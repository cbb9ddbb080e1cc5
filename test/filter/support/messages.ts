import assert from 'node:assert/strict'
import type { FilterStream, Plugin } from '@feathermq/mesh-filter/host'
import { frame } from '../../support/filter/frames.ts'
import { delimited } from '../../support/filter/wire.ts'
import { callHeaders } from './filter.ts'

export const ok = [':status', '200'] as const
export const handle = (broker: string) => `0 1700000000000 30000 0 0 ${broker} 2 33 44`
export const text = (number: number, value: string) => delimited(number, Buffer.from(value))

/** A call of a client with this id. */
export function callOf(plugin: Plugin, client: string, method: string, bytes: Buffer): FilterStream {
  const stream = plugin.request({ headers: callHeaders(method, [['x-mq-client-id', client]]) })
  stream.body(bytes, true)
  return stream
}

export function sendFrame(...messages: (readonly number[])[]): Buffer {
  return frame(Uint8Array.from(messages.flatMap((message) => delimited(1, message))))
}

export function message({ topic = 'orders', tag, properties = [], body = 10, odd = [] }: MessageParts): number[] {
  return [
    ...delimited(1, text(2, topic)),
    ...properties.flatMap((name) => delimited(2, [...text(1, name), ...text(2, 'v')])),
    ...delimited(3, tag === undefined ? [] : text(1, tag)),
    ...delimited(4, Buffer.alloc(body, 'b')),
    ...odd,
  ]
}
export interface MessageParts {
  readonly topic?: string
  readonly tag?: string
  readonly properties?: readonly string[]
  readonly body?: number
  /** Fields behind the body. */
  readonly odd?: readonly number[]
}

export function refusedLate(stream: FilterStream, rule: string): void {
  assert.equal(stream.state, 'answered')
  assert.equal(stream.filterState.get('fmq.rule'), rule)
  assert.ok(stream.upstream.headers !== undefined && !stream.upstream.ended, 'the broker never has all of it')
}
