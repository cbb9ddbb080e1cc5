/**
 * What a test asks of a process in which official clients live, and what that process answers. The Node client's process is sent structured clones by IPC;
 * those of other languages are sent JSON lines, with bodies in Base64, and hold several clients: see `json-lines.ts`.
 */

export interface OfficialMessage {
  readonly messageId: string
  readonly topic: string
  readonly body: Uint8Array
  /** `''` when there is none: the client does not tell absent from empty. */
  readonly tag: string
  readonly keys: readonly string[]
  readonly properties: Readonly<Record<string, string>>
  readonly messageGroup: string
  readonly attempt: number
  readonly receiptHandle: string
  readonly corrupted: boolean
  /** Milliseconds since the epoch, by the producer's clock; undefined when the message carries none. */
  readonly deliverAt: number | undefined
}

export interface OfficialSend {
  readonly topic: string
  readonly body: Uint8Array
  readonly tag?: string
  readonly keys?: readonly string[]
  readonly properties?: Readonly<Record<string, string>>
  readonly messageGroup?: string
  /** Milliseconds since the epoch. */
  readonly deliverAt?: number
  readonly priority?: number
  /** Sent in a transaction, and what becomes of that. `check`: nothing, so that it is asked about; the user property `answer` says what is answered. */
  readonly transaction?: 'commit' | 'rollback' | 'check'
}

export interface OfficialReceipt {
  readonly messageId: string
  readonly recallHandle?: string
}

export interface OfficialOptions {
  readonly endpoints: string
  readonly accessKey?: string
  readonly secretKey?: string
  /** Default false, also where it is the client's own default. */
  readonly tls?: boolean
  /** Java alone. */
  readonly namespace?: string
}

export interface ProducerStart extends OfficialOptions {
  readonly role: 'producer'
  /** One only: with more the client's start never settles, because it starts to wait for its settings after they have come. */
  readonly topic: string
}

export interface SimpleStart extends OfficialOptions {
  readonly role: 'simple'
  readonly group: string
  readonly topic: string
  readonly filter: string
  /** How long a receive waits for messages, ms. */
  readonly wait: number
}

export interface PushStart extends OfficialOptions {
  readonly role: 'push'
  readonly group: string
  readonly topic: string
  readonly filter: string
}

export type Start = ProducerStart | SimpleStart | PushStart

export type Ask =
  | { readonly ask: 'start'; readonly start: Start }
  | { readonly ask: 'send'; readonly message: OfficialSend }
  | { readonly ask: 'recall'; readonly topic: string; readonly recallHandle: string }
  | { readonly ask: 'receive'; readonly max: number; readonly invisible: number }
  | { readonly ask: 'ack'; readonly receiptHandle: string }
  | { readonly ask: 'invisible'; readonly receiptHandle: string; readonly duration: number }
  | { readonly ask: 'shutdown' }

export type Request = Ask & { readonly id: number }

/** A push consumer's listener answers with what the test decides. */
export interface Decision {
  readonly decide: number
  readonly success: boolean
}

export type Reply =
  | { readonly reply: number; readonly value: unknown }
  | { readonly reply: number; readonly error: string; readonly code: number | undefined }
  | { readonly arrived: number; readonly message: OfficialMessage }
  | { readonly closing: true }
