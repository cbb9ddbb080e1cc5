/** Request headers of the protocol, lower case as HTTP/2 wants them. */
export const headerNames = {
  /** Who calls; the only one that every call must have (else CLIENT_ID_REQUIRED). */
  clientId: 'x-mq-client-id',
  language: 'x-mq-language',
  clientVersion: 'x-mq-client-version',
  /** Always `v2`. C++, C# and Rust clients say {@link protocolVersion} instead. */
  protocol: 'x-mq-protocol',
  protocolVersion: 'x-mq-protocol-version',
  namespace: 'x-mq-namespace',
  requestId: 'x-mq-request-id',
  /** The text that is signed. */
  dateTime: 'x-mq-date-time',
  sessionToken: 'x-mq-session-token',
  authorization: 'authorization',
} as const
