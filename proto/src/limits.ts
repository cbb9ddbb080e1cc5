/**
 * Limits of a stock RocketMQ 5 server, which clients check before they send and our broker enforces. Sizes are bytes, times milliseconds.
 * Where the stock server's documents and code differ, the code counts.
 */
export const limits = {
  /** Characters of a topic's name; retry and dead-letter topics may have {@link derivedTopicLength}. */
  topicLength: 127,
  derivedTopicLength: 255,
  /** Characters of a consumer group's name. */
  groupLength: 120,
  /** Body as sent, compressed or not. */
  bodyBytes: 4_194_304,
  /** User properties of one message. */
  properties: 128,
  /** UTF-8 bytes of all user properties (keys and values), the tag and the keys together. */
  propertyBytes: 16_384,
  /** UTF-8 bytes of a message group; it must be shorter than this plus one: 63 pass, 64 pass not. */
  messageGroupBytes: 63,
  liteTopicLength: 64,
  /** Farthest delivery time from now, at the front of a stock cluster. */
  delay: 86_400_000,
  transactionRecovery: 3_600_000,
  /** Shortest invisible duration of a receive that does not ask for auto-renew. */
  minInvisible: 10_000,
  maxInvisible: 43_200_000,
  minPolling: 5_000,
  maxPolling: 20_000,
  /** Messages of one receive. */
  receiveBatch: 32,
} as const
