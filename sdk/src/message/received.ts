/** Where the id and the receipt handle of a message are in memory, as its server wrote them. */
export interface WireIds {
  readonly view: DataView
  readonly idStart: number
  readonly idEnd: number
  readonly handleStart: number
  readonly handleEnd: number
}

/** A received message as it left the wire, before it is anybody's. Times are ms since the epoch. */
export interface ReceivedFields {
  readonly topic: string
  readonly messageId: string
  readonly receiptHandle: string
  /** Id and handle as they came, where they are still in memory. */
  readonly wire?: WireIds | undefined
  readonly tag: string | undefined
  readonly keys: readonly string[]
  readonly properties: ReadonlyMap<string, string>
  readonly messageGroup: string | undefined
  /** Deliveries including this one. */
  readonly attempt: number
  readonly bornAt: number | undefined
  readonly bornHost: string
  readonly storedAt: number | undefined
  readonly deliveryAt: number | undefined
  readonly queueId: number
  readonly offset: bigint
  /** Lease in ms where the server tells it. */
  readonly invisible: number | undefined
  readonly traceContext: string | undefined
  /** Where a dead letter came from. */
  readonly origin: { readonly topic: string; readonly messageId: string } | undefined
  readonly kind: string
  /** As it came, compressed or not. Owned by the message, no view of a transport's buffer. */
  readonly body: Uint8Array
  readonly encoding: 'identity' | 'compressed'
  readonly intact: boolean
  /** What it takes in memory, roughly: the bytes it came in. */
  readonly bytes: number
}
