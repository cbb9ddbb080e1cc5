/** Plain values of one message, as an application or a broker has them before any library comes in. */
export interface Sample {
  readonly topic: string
  readonly tag: string
  readonly key: string
  readonly messageId: string
  readonly sha1: string
  readonly properties: readonly (readonly [key: string, value: string])[]
  readonly bornHost: string
  readonly bornAt: { readonly seconds: number; readonly nanos: number }
  readonly body: Uint8Array
  /** What a broker adds when it delivers the message. */
  readonly delivered: {
    readonly storeHost: string
    readonly storedAt: { readonly seconds: number; readonly nanos: number }
    readonly receiptHandle: string
    readonly queueId: number
    readonly queueOffset: number
    readonly invisibleSeconds: number
    readonly attempt: number
  }
}

/** A body of 1 KiB, two properties, tag, key, id, digest and times: what an ordinary producer sends. */
export const sample: Sample = {
  topic: 'bench-topic-orders',
  tag: 'created',
  key: 'order-4711-2291',
  messageId: '01BCD074B21F4A5C3E0A3F5D2700000A11',
  sha1: '2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12',
  properties: [
    ['tenant', 'acme-europe'],
    ['trace-state', 'vendor=opaque-value-123'],
  ],
  bornHost: 'orders-7d9fc6b5c4-x2lq9',
  bornAt: { seconds: 1_780_000_000, nanos: 123_000_000 },
  body: Uint8Array.from({ length: 1024 }, (_, index) => (index * 31 + 7) & 0xff),
  delivered: {
    storeHost: 'broker-a.mq.example:8081',
    storedAt: { seconds: 1_780_000_000, nanos: 125_000_000 },
    receiptHandle: '1 41 billing@orders 1877 93 broker-a 3 88123 9223371 a94a8fe5ccb19ba6',
    queueId: 3,
    queueOffset: 88_123,
    invisibleSeconds: 30,
    attempt: 1,
  },
}
