/** The numbers of HTTP/2 (RFC 9113, sections 6, 6.5.2 and 7). */

export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const

export const setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const

/** Error codes in the order of their numbers (RFC 9113, 7). */
export const errorCodes = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const
export type ErrorCode = (typeof errorCodes)[number]

export const errorNumber = (code: ErrorCode): number => errorCodes.indexOf(code)
/** A number that nobody defined counts as INTERNAL_ERROR (RFC 9113, 7). */
export const errorName = (number: number): ErrorCode => errorCodes[number] ?? 'INTERNAL_ERROR'

export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

export const FRAME_HEAD = 9
/** What both sides start with (RFC 9113, 6.5.2 and 6.9.2). */
export const INITIAL_WINDOW = 65_535
export const INITIAL_MAX_FRAME = 16_384
export const LARGEST_MAX_FRAME: number = 2 ** 24 - 1
export const LARGEST_WINDOW: number = 2 ** 31 - 1
export const LAST_STREAM_ID: number = 2 ** 31 - 1

/** What the peer did that ends the whole connection (RFC 9113, 5.4.1). */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
