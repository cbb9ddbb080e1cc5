/** What stands in the catalogue for one error code. */
export interface ErrorEntry {
  /** One sentence. */
  readonly meaning: string
  /** Whether the same call may succeed later without a change to it. */
  readonly retryable: boolean
  /** What to do next. */
  readonly hint: string
}

/** The codes that the client itself gives. */
export type ClientErrorCode =
  | 'INVALID_OPTION'
  | 'INVALID_MESSAGE'
  | 'CLIENT_CLOSED'
  | 'ALREADY_RUNNING'
  | 'UNREACHABLE'
  | 'NO_ANSWER'
  | 'NOT_A_BROKER'
  | 'TLS_MISMATCH'
  | 'TLS_UNTRUSTED'
  | 'SETTINGS_TIMEOUT'
  | 'SETTINGS_REFUSED'
  | 'GROUP_NOT_ORDERED'
  | 'CREDENTIALS_UNAVAILABLE'
  | 'NO_QUEUE'
  | 'SEND_TIMEOUT'
  | 'SEND_INCOMPLETE'
  | 'EARLIER_SEND_FAILED'
  | 'TRANSACTION_UNRESOLVED'
  | 'LEASE_LOST'
  | 'MESSAGE_SETTLED'
  | 'BODY_CORRUPTED'
  | 'BODY_TOO_LARGE'
  | 'BAD_RESPONSE'
  | 'CALL_FAILED'

/**
 * Every code that the client itself gives to an error. Codes that come from a server are named as the protocol names them (`TOPIC_NOT_FOUND`,
 * `TOO_MANY_REQUESTS`, …); `codeInfo` of `@feathermq/protocol` explains those. Both sets are stable.
 */
export const errorCatalogue: Readonly<Record<ClientErrorCode, ErrorEntry>> = {
  INVALID_OPTION: {
    meaning: 'An option or argument has a value that it cannot have, or a name that does not exist.',
    retryable: false,
    hint: 'Correct the value at the path that the message names.',
  },
  INVALID_MESSAGE: {
    meaning: 'The message to send contradicts itself or lacks what it needs.',
    retryable: false,
    hint: 'Correct the field that the message names.',
  },
  CLIENT_CLOSED: {
    meaning: 'The client, producer or consumer was closed.',
    retryable: false,
    hint: 'Make a new one; closed things stay closed.',
  },
  ALREADY_RUNNING: {
    meaning: 'The consumer is running already.',
    retryable: false,
    hint: 'Use one run() or messages() per consumer at a time; make a second consumer for a second handler.',
  },
  UNREACHABLE: {
    meaning: 'No connection to the endpoint could be made, or it broke before the answer came.',
    retryable: true,
    hint: 'Check that the broker runs and that host and port are right.',
  },
  NO_ANSWER: {
    meaning: 'The endpoint did not answer in time.',
    retryable: true,
    hint: 'Check the load of the broker and the network, or raise requestTimeout.',
  },
  NOT_A_BROKER: {
    meaning: 'Something answers at the endpoint, but it does not speak the RocketMQ gRPC protocol.',
    retryable: false,
    hint: 'Use the gRPC port of the broker or proxy (8081 unless configured otherwise), not its HTTP, console or remoting port.',
  },
  TLS_MISMATCH: {
    meaning: 'One side speaks TLS and the other plaintext.',
    retryable: false,
    hint: 'Use https:// or the tls option for an endpoint with TLS, and http:// or a bare host:port for one without.',
  },
  TLS_UNTRUSTED: {
    meaning: "The endpoint's certificate was not accepted.",
    retryable: false,
    hint: 'Give the signing certificate as tls.ca, the name it was made for as tls.serverName, and a client certificate where one is asked for.',
  },
  SETTINGS_TIMEOUT: {
    meaning: 'The endpoint accepted the telemetry stream but did not answer with settings in time.',
    retryable: true,
    hint: 'Check that whatever stands between client and broker lets bidirectional streams through without buffering.',
  },
  SETTINGS_REFUSED: {
    meaning: "The endpoint refused the client's settings and ended the telemetry stream.",
    retryable: false,
    hint: 'The text of the server says why: most often a group or topic that does not exist, or a name that is not allowed.',
  },
  GROUP_NOT_ORDERED: {
    meaning: 'The consumer asked for ordered delivery, but the consumer group on the server is not ordered.',
    retryable: false,
    hint: 'Make the group ordered on the server, or leave out `ordered`.',
  },
  CREDENTIALS_UNAVAILABLE: {
    meaning: "The application's provider of credentials failed, or gave nothing usable in time, and had given nothing before.",
    retryable: true,
    hint: 'Look at the cause, which the provider threw.',
  },
  NO_QUEUE: {
    meaning: 'The topic has no queue that this client may use.',
    retryable: true,
    hint: 'Check the permissions of the topic and that its brokers are up.',
  },
  SEND_TIMEOUT: {
    meaning: 'The time limit of the send was over before its message was stored.',
    retryable: true,
    hint: 'The message says what it waited for. Send less at a time, raise maxInFlight or timeout, or look at the load of the broker.',
  },
  SEND_INCOMPLETE: {
    meaning: 'Of several messages sent in one call, some were not stored.',
    retryable: false,
    hint: 'Look at `results`, which has the receipt or the error of each message; send again what failed and is worth it.',
  },
  EARLIER_SEND_FAILED: {
    meaning: 'The message was not sent, because an earlier one of its message group failed and would come after it.',
    retryable: true,
    hint: 'Send it again after the one that failed, or without it.',
  },
  TRANSACTION_UNRESOLVED: {
    meaning:
      'The server did not confirm the end of a transaction, so that its message may be kept back until the server has asked what became of it.',
    retryable: false,
    hint: 'Nothing has to be sent again: the server asks, and this producer answers what was decided; after a restart checkTransaction does.',
  },
  LEASE_LOST: {
    meaning: 'The message is no longer leased to this consumer; the server delivers it again.',
    retryable: false,
    hint: 'Stop working on it. Handle messages in less time than their lease, or extend it.',
  },
  MESSAGE_SETTLED: {
    meaning: 'The message was settled in another way before.',
    retryable: false,
    hint: 'Call one of ack, nack and deadLetter, once.',
  },
  BODY_CORRUPTED: {
    meaning: 'The body of a received message does not match its digest, or cannot be decompressed.',
    retryable: false,
    hint: 'Look at how the message was produced; forward it to the dead-letter topic to get it out of the way.',
  },
  BODY_TOO_LARGE: {
    meaning: 'The body of a received message is larger than allowed once decompressed.',
    retryable: false,
    hint: 'Raise maxInflatedBody if such messages are wanted.',
  },
  BAD_RESPONSE: {
    meaning: 'The endpoint gave an answer that the protocol does not allow.',
    retryable: false,
    hint: 'Report it with the request id; compare the versions of client and server.',
  },
  CALL_FAILED: {
    meaning: 'The call ended with a gRPC status that has no meaning of its own in the protocol.',
    retryable: true,
    hint: 'The text of the status says why; a proxy in between may have produced it.',
  },
}
