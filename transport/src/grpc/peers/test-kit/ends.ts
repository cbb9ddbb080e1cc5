import type { CallOptions, ClientCall, ClientCallHandler, HeaderReader, MessageBytes, Method, RpcStatus } from '../../../contract.ts'

/** The part of a channel that a script needs. */
export interface ClientEnd {
  start(method: Method, handler: ClientCallHandler, options: CallOptions): ClientCall
  close(): void
}

/** The part of a server's call that a script needs. */
export interface Answering {
  readonly method: Method
  readonly headers: HeaderReader
  send(message: MessageBytes): boolean
  setHeader(name: string, value: string): void
  setTrailer(name: string, value: string): void
  end(status: RpcStatus): void
  pause(): void
  resume(): void
  /** Breaks the stream off with a code of HTTP/2, where the server can. */
  reset?(code: number): void
}

export interface AnsweringHandler {
  onStart(call: Answering): void
  onMessage(call: Answering, message: Uint8Array): void
  onHalfClose(call: Answering): void
  onCancel(call: Answering): void
  onDrain(call: Answering): void
}

/** The part of a server that a bench needs. */
export interface ServerEnd {
  handle(method: Method, handler: AnsweringHandler): void
  listen(host: string, port: number): Promise<{ readonly port: number }>
  /** Waits for open calls. */
  close(grace: number): Promise<void>
}
