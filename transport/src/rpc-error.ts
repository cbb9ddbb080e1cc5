import type { HeaderReader, RpcCode, RpcStatus } from './contract.ts'

/** The codes in the order of their numbers, 0 to 16 (gRPC, status codes). */
export const rpcCodes: readonly RpcCode[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]

const numbers: ReadonlyMap<string, number> = new Map(rpcCodes.map((code, number) => [code, number]))

/** The number that stands for the code in `grpc-status`. */
export function rpcCodeNumber(code: RpcCode): number {
  return numbers.get(code) ?? 2
}

/** The code of a `grpc-status` number; a number nobody defined reads as UNKNOWN, as gRPC asks. */
export function rpcCodeName(number: number): RpcCode {
  return rpcCodes[number] ?? 'UNKNOWN'
}

export interface RpcErrorOptions {
  readonly cause?: unknown
  /** What the error's message starts with, e.g. the method and the address. Stays out of {@link RpcError.details}. */
  readonly context?: string | undefined
  /** The trailers that came with the status; undefined on errors that were made here. */
  readonly trailers?: HeaderReader | undefined
}

/**
 * A call that did not end with OK. Thrown by a handler it becomes the status of the call; a caller gets it from {@link ./unary.ts}.
 *
 * `details` is the text of the status as it stands on the wire; `message` is `<context>: <code>: <details>` for logs.
 */
export class RpcError extends Error {
  override readonly name: string = 'RpcError'
  readonly code: RpcCode
  readonly details: string
  readonly trailers: HeaderReader | undefined

  constructor(code: RpcCode, details = '', options: RpcErrorOptions = {}) {
    const parts = [options.context, code, details].filter((part) => part !== undefined && part !== '')
    super(parts.join(': '), options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = details
    this.trailers = options.trailers
  }

  status(): RpcStatus {
    return { code: this.code, message: this.details }
  }
}
