import type { Code } from './gen/enums.ts'
import { codeName, codeNumber } from './gen/enums.ts'

/** One status code of the protocol, explained. */
export interface CodeInfo {
  readonly name: Code
  readonly number: number
  /** What it means, one sentence. */
  readonly meaning: string
  /** May the same request succeed a little later? */
  readonly retryable: boolean
  /** What to do about it; empty when there is nothing general to say. */
  readonly hint: string
}

type Row = readonly [meaning: string, retryable: boolean, hint: string]

/** The catalogue: every code of the protocol in the order of its number (definition.proto, Code). */
const CATALOGUE: Readonly<Record<Code, Row>> = {
  CODE_UNSPECIFIED: ['No code was given.', false, ''],
  OK: ['Done.', false, ''],
  MULTIPLE_RESULTS: ['The entries of the request ended differently; each has its own status.', false, 'Look at the status of each entry.'],
  BAD_REQUEST: ['The request makes no sense to the server.', false, 'The status text says which part.'],
  ILLEGAL_ACCESS_POINT: ['The endpoints of the request are not those of this server.', false, 'Check the endpoints of the client.'],
  ILLEGAL_TOPIC: ["The topic's name is not legal.", false, 'Use 1 to 127 letters, digits, "_" and "-"; system topics are off limits.'],
  ILLEGAL_CONSUMER_GROUP: ["The consumer group's name is not legal.", false, 'Use 1 to 120 letters, digits, "_" and "-".'],
  ILLEGAL_MESSAGE_TAG: ['The tag is not legal.', false, 'A tag is not blank and has neither "|" nor control characters.'],
  ILLEGAL_MESSAGE_KEY: ['A message key is not legal.', false, 'A key is not blank and has no control characters.'],
  ILLEGAL_MESSAGE_GROUP: ['The message group is not legal.', false, 'A message group is not blank and has at most 63 bytes.'],
  ILLEGAL_MESSAGE_PROPERTY_KEY: [
    'A user property is not legal.',
    false,
    'Choose a key that RocketMQ does not use itself, without control characters.',
  ],
  INVALID_TRANSACTION_ID: ['The server knows no such transaction.', false, 'It may have been decided or have expired.'],
  ILLEGAL_MESSAGE_ID: ['The message id is not legal.', false, 'An id is not blank.'],
  ILLEGAL_FILTER_EXPRESSION: ['The filter expression cannot be parsed.', false, 'The status text says where.'],
  ILLEGAL_INVISIBLE_TIME: ['The invisible duration is out of range.', false, 'Receive takes 10 s to 12 h, a change takes 0 to 12 h.'],
  ILLEGAL_DELIVERY_TIME: ['The delivery time is too far away.', false, 'The default maximum is one day.'],
  INVALID_RECEIPT_HANDLE: [
    'The receipt handle is not, or no longer, that of a live delivery.',
    false,
    'The lease ended, or another call replaced the handle. The message comes again; make the handler faster, or extend the lease.',
  ],
  MESSAGE_PROPERTY_CONFLICT_WITH_TYPE: [
    'The topic does not take messages of this type.',
    false,
    'Create the topic for this type, or use another topic.',
  ],
  UNRECOGNIZED_CLIENT_TYPE: ['The server does not know this client, or not its type.', true, 'Settings must be sent on Telemetry first.'],
  MESSAGE_CORRUPTED: ['The message cannot be stored as it is.', false, 'The status text says what is wrong.'],
  CLIENT_ID_REQUIRED: ['The call has no client id.', false, 'Send the header x-mq-client-id.'],
  ILLEGAL_POLLING_TIME: ['The deadline of the call leaves no time to wait.', false, 'Give the call at least 5 s.'],
  ILLEGAL_OFFSET: ['The offset is not legal.', false, ''],
  ILLEGAL_LITE_TOPIC: ["The lite topic's name is not legal.", false, 'Use 1 to 64 letters, digits, "_" and "-".'],
  INVALID_CLIENT_PROPERTIES: ['The client properties are not legal.', false, ''],
  UNAUTHORIZED: ['The server does not accept these credentials.', false, 'Check access key and secret key.'],
  PAYMENT_REQUIRED: ['The account is not in order.', false, ''],
  FORBIDDEN: ['This client may not do that.', false, "Ask whoever runs the server for the right, or check the mesh's rules."],
  NOT_FOUND: ['There is no such thing.', false, ''],
  MESSAGE_NOT_FOUND: ['There is no message.', false, ''],
  TOPIC_NOT_FOUND: ['There is no such topic.', false, 'Create it: feathermq topic create NAME; on RocketMQ: mqadmin updateTopic.'],
  CONSUMER_GROUP_NOT_FOUND: [
    'There is no such consumer group.',
    false,
    'Create it: feathermq group create NAME; on RocketMQ: mqadmin updateSubGroup.',
  ],
  OFFSET_NOT_FOUND: ['There is no such offset.', false, ''],
  REQUEST_TIMEOUT: ['The server ran out of time.', true, ''],
  PAYLOAD_TOO_LARGE: ['The request is too large.', false, ''],
  MESSAGE_BODY_TOO_LARGE: ['The body is too large.', false, 'At most 4 MiB; keep large things elsewhere and send a reference.'],
  MESSAGE_BODY_EMPTY: ['The body is empty.', false, 'A body has at least one byte.'],
  PRECONDITION_FAILED: ['A precondition does not hold.', false, ''],
  TOO_MANY_REQUESTS: ['The server has too much to do.', true, 'Wait and try again; the client does so by itself.'],
  LITE_TOPIC_QUOTA_EXCEEDED: ['There are too many lite topics.', false, ''],
  LITE_SUBSCRIPTION_QUOTA_EXCEEDED: ['This client has too many lite subscriptions.', false, ''],
  REQUEST_HEADER_FIELDS_TOO_LARGE: ['The headers are too large.', false, ''],
  MESSAGE_PROPERTIES_TOO_LARGE: [
    'The user properties are too many or too large.',
    false,
    'At most 128 properties and 16 KiB, tag and keys included.',
  ],
  INTERNAL_ERROR: ['The server failed.', true, ''],
  INTERNAL_SERVER_ERROR: ['The server failed.', true, ''],
  HA_NOT_AVAILABLE: ['The server has no replica to write to.', true, ''],
  NOT_IMPLEMENTED: ['The server does not implement this.', false, ''],
  PROXY_TIMEOUT: ['A server behind the server did not answer in time.', true, ''],
  MASTER_PERSISTENCE_TIMEOUT: ['The message could not be written to disk in time.', true, ''],
  SLAVE_PERSISTENCE_TIMEOUT: ['The replica did not write in time.', true, ''],
  UNSUPPORTED: ['The server does not support this.', false, ''],
  VERSION_UNSUPPORTED: ["The server does not support this client's version.", false, ''],
  VERIFY_FIFO_MESSAGE_UNSUPPORTED: ['An ordered message cannot be verified.', false, ''],
  FAILED_TO_CONSUME_MESSAGE: ['The handler failed.', false, ''],
}

/** What is known of a code; undefined for a number that this build does not know. */
export function codeInfo(code: Code | number): CodeInfo | undefined {
  const name = typeof code === 'number' ? codeName(code) : code
  if (typeof name === 'number') return undefined
  const [meaning, retryable, hint] = CATALOGUE[name]
  return { name, number: codeNumber(name), meaning, retryable, hint }
}
