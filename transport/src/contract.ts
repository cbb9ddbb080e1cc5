/**
 * What a gRPC transport offers, whatever carries it.
 *
 * Messages are bytes: the contract knows no message library. Received bytes are borrowed, valid until the callback returns: who keeps them copies.
 * A message to send may be given in parts, which go to the wire in order without being joined; they belong to the transport until written, so whoever
 * sends them never writes into them again.
 * Nothing is created per call that the call does not use: one handler object serves all calls of a method, and promises are a layer above
 * ({@link ./unary.ts}).
 */

export type MessageBytes = Uint8Array | readonly Uint8Array[]

/** One RPC method, e.g. `{ path: '/apache.rocketmq.v2.MessagingService/SendMessage', kind: 'unary' }`. */
export interface Method {
  readonly path: string
  readonly kind: 'unary' | 'client-stream' | 'server-stream' | 'bidi'
}

/** Read access to received headers or trailers. Names are lower case. */
export interface HeaderReader {
  /** The first value of that name; undefined when absent, `''` when present and empty; base64 for a `-bin` name. */
  get(name: string): string | undefined
  /** The first value of a `-bin` name, decoded. */
  binary(name: string): Uint8Array | undefined
  entries(): IterableIterator<readonly [name: string, value: string]>
}

/** The other end of a connection. */
export interface Peer {
  /** `host:port`, IPv6 in brackets; the server's own `unix:/path` for a local one; the name of the pair for an in-memory connection. */
  readonly address: string
  readonly encrypted: boolean
  /** Equal for all calls that came over one connection, where the transport can tell; else equal to {@link address}. */
  readonly connection: string
}

/** OK and the sixteen gRPC error codes by name (gRPC, status codes). */
export type RpcCode =
  | 'OK'
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED'

/** How a call ended. */
export interface RpcStatus {
  readonly code: RpcCode
  /** Text for people; on the wire percent-encoded UTF-8. Empty when the peer gave none. */
  readonly message: string
}

/** One call as its handler sees it. */
export interface ServerCall<State> {
  readonly method: Method
  readonly headers: HeaderReader
  readonly peer: Peer
  /** Milliseconds that were left of `grpc-timeout` when the call arrived; undefined when the client set none. At most 2^31-1. */
  readonly remaining: number | undefined
  /** True once the client cancelled, the deadline passed or the connection died; never true after {@link end}. */
  readonly cancelled: boolean
  /** What the handler keeps for this call. */
  state: State | undefined
  /** Queues one message. False: the peer reads slowly, wait for {@link MethodHandler.onDrain}. Throws after the end; does nothing once cancelled. */
  send(message: MessageBytes): boolean
  /** {@link send} of bytes that belong to whoever sends them again when it returns: what does not go at once is copied. */
  sendLent(message: MessageBytes): boolean
  /**
   * Adds a header of the response; they go out with the first message, or with the end. @throws {TypeError} for what gRPC cannot carry, see
   * {@link CallOptions.headers}; an Error once a message was sent.
   */
  setHeader(name: string, value: string): void
  /** Adds a trailer; too late after the end. @throws {TypeError} for what gRPC cannot carry, see {@link CallOptions.headers}. */
  setTrailer(name: string, value: string): void
  /** Ends the call; OK unless a status is given. Does nothing once ended or cancelled. */
  end(status?: RpcStatus): void
  /**
   * Ends the call as if its handler had thrown `error`: an {@link RpcError} with its status, anything else with INTERNAL, telling the server's `onError`
   * (also when the call was cancelled meanwhile). For handlers that work asynchronously.
   */
  fail(error: unknown): void
  /** Stops and restarts the reading of request messages. */
  pause(): void
  resume(): void
}

/**
 * Serves one method. For `unary` and `server-stream` methods {@link onMessage} runs once, and only after the client's END_STREAM: a call that was reset
 * before never happened, and {@link onHalfClose} is not called for them. A client that half-closes them without a message, or sends two, gets INTERNAL
 * from the transport (gRPC, HTTP/2 mapping).
 */
export interface MethodHandler<State = undefined> {
  /** The call has arrived. Streams may {@link ServerCall.send} before the first message comes. */
  onStart?(call: ServerCall<State>): void
  /** @throws {RpcError} to end the call with its status; anything else ends it with INTERNAL and reaches the server's `onError`. */
  onMessage(call: ServerCall<State>, message: Uint8Array): void
  onHalfClose?(call: ServerCall<State>): void
  /** The client cancelled, the deadline passed or the connection died. Called once, never after {@link ServerCall.end}. */
  onCancel?(call: ServerCall<State>): void
  onDrain?(call: ServerCall<State>): void
}

/** TLS material as PEM text. */
export interface ServerTls {
  readonly certificate: string | Uint8Array
  readonly key: string | Uint8Array
  /** Client certificates are required and verified against this CA when given. */
  readonly clientCa?: string | Uint8Array | undefined
  /** Takes plaintext on the same port, where the transport can tell them apart by their first byte. Default false. */
  readonly alsoPlaintext?: boolean | undefined
}

/** Something about a connection that is worth counting, or writing down. */
export interface ConnectionEvent {
  /**
   * - `connection-refused`: a connection was not taken, or was given up for what its client did or did not do.
   * - `stream-refused`: a single call was reset for what its client did; the connection goes on.
   * - `goaway`: the client announced that it will leave, and why.
   */
  readonly name: 'connection-refused' | 'stream-refused' | 'goaway'
  /**
   * The name of an error of HTTP/2 (RFC 9113, 7), such as `ENHANCE_YOUR_CALM`; or `TOO_MANY_CONNECTIONS`, `TLS_FAILED`, `KEEPALIVE_TIMEOUT`. No others, so
   * that it can be a label.
   */
  readonly code: string
  /** A sentence for people. It may quote what the client sent. */
  readonly reason: string
  /** As {@link Peer.address}. */
  readonly address: string
}

export interface ServerOptions {
  /** Plaintext when absent. */
  readonly tls?: ServerTls | undefined
  /** Longest request message accepted, bytes; a longer one ends its call with RESOURCE_EXHAUSTED before it is buffered. Default 4 MiB (gRPC's own). */
  readonly maxReceiveMessageBytes?: number | undefined
  /**
   * Calls at once on one connection; the next ones are refused by HTTP/2 REFUSED_STREAM. Clients learn the limit when they connect, and let calls over
   * it wait for their turn. Default 1,000.
   */
  readonly maxConcurrentStreams?: number | undefined
  /** Connections at once; the next ones are closed as soon as they are made. Default 10,000. Of `http2Transport` alone. */
  readonly maxConnections?: number | undefined
  /** A connection that has had no call for so long is closed, ms. Default 1,800,000, half an hour; 0: never. Of `http2Transport` alone. */
  readonly maxConnectionIdle?: number | undefined
  /**
   * A connection that is so old is drained, ms, give or take 10 % so that clients do not come back all at once: they are told by GOAWAY and make another
   * one, by way of whatever balances load. Default 0: never. Of `http2Transport` alone.
   */
  readonly maxConnectionAge?: number | undefined
  /** How long calls may go on on a connection that is too old, ms; then they end with UNAVAILABLE. Default 60,000. Of `http2Transport` alone. */
  readonly maxConnectionAgeGrace?: number | undefined
  /** Told as it happens; what it throws is passed to `console.error`. Of `http2Transport` alone. */
  readonly onConnectionEvent?: ((event: ConnectionEvent) => void) | undefined
  /** Told about everything that a handler threw which was no {@link RpcError}. Default: `console.error`. */
  readonly onError?: ((error: unknown, call: Pick<ServerCall<unknown>, 'method' | 'peer'>) => void) | undefined
}

export interface Server {
  /** Registers the handler of a method; before {@link listen}. Methods without a handler answer UNIMPLEMENTED. */
  handle<State>(method: Method, handler: MethodHandler<State>): void
  /** What {@link handle} was called for, in that order. */
  methods(): readonly Method[]
  /**
   * Replaces the TLS material, with a renewed certificate for example: for connections that are made from now on, those that are open keep theirs.
   *
   * @throws {TypeError} for PEM that cannot be read, and nothing changes; an Error when the server was made for plaintext alone.
   */
  setTls(tls: ServerTls): void
  /** Opens the port; 0 takes a free one. For the host `unix:/path` it is a socket in the file system, and the port is 0. @throws an Error with the system's `code` (`EADDRINUSE`, …) in it. */
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>
  /**
   * Called once, when {@link close} is, before it does anything: open calls can still be answered. Who serves endless streams ends them here, or they use
   * up the grace. What it throws is passed to `console.error`.
   */
  onClosing(listener: () => void): void
  /** Takes no new calls, waits up to `grace` ms (default 0) for open ones, then cancels what is left. Idempotent. */
  close(grace?: number): Promise<void>
}

/** TLS on the client's side. */
export interface ChannelTls {
  /** PEM; Node's default trust when absent. */
  readonly ca?: string | Uint8Array | undefined
  readonly certificate?: string | Uint8Array | undefined
  readonly key?: string | Uint8Array | undefined
  /** Name to verify and to send as SNI instead of the address's host. */
  readonly serverName?: string | undefined
  /** Accepts any certificate. By explicit wish only. */
  readonly insecureSkipVerify?: boolean | undefined
}

export interface ChannelOptions {
  /**
   * `host:port`, IPv6 in brackets, or `unix:/path`. Several with commas between them are tried in turn, without a pause, until one answers; the channel stays
   * with that one for as long as it is there.
   */
  readonly address: string
  /** Plaintext when absent. */
  readonly tls?: ChannelTls | undefined
  /** Longest response message accepted, bytes. Default 64 MiB. */
  readonly maxReceiveMessageBytes?: number | undefined
  /** Longest time to wait for the connection, ms. Default 3,000. */
  readonly connectTimeout?: number | undefined
  /** Silence on a connection with calls after which a PING is sent, ms; its answer is awaited for 30 s. Default 300,000; 0: never. */
  readonly keepalive?: number | undefined
}

/** Constant headers of many calls, prepared once by {@link Channel.template}. */
export interface HeaderTemplate {
  readonly headers: readonly (readonly [name: string, value: string])[]
}

export interface CallOptions {
  /** Milliseconds until the call ends with DEADLINE_EXCEEDED, sent as `grpc-timeout`. None when absent. */
  readonly timeout?: number | undefined
  readonly template?: HeaderTemplate | undefined
  /**
   * Headers of this call alone. Names are lower case, values printable ASCII without spaces at their ends, those of `-bin` names base64.
   * `grpc-*`, `content-type`, `te` and `user-agent` are the transport's. {@link Channel.start} throws a {TypeError} for anything else.
   */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined
  /** A background call (e.g. a control stream) does not keep the process alive. Pending calls do otherwise. Default false. */
  readonly background?: boolean | undefined
  /** Wait for the connection instead of failing with UNAVAILABLE while the peer cannot be reached. Default false. */
  readonly waitForReady?: boolean | undefined
}

/** One call as its caller sees it. */
export interface ClientCall {
  /** False: the peer reads slowly, wait for {@link ClientCallHandler.onDrain}. Does nothing once the call has ended. */
  send(message: MessageBytes): boolean
  halfClose(): void
  /** Resets the call: the server sees it at once; {@link ClientCallHandler.onEnd} reports CANCELLED. Does nothing once ended. */
  cancel(): void
  pause(): void
  resume(): void
}

export interface ClientCallHandler {
  /** Called once, before the first message; not at all when the server ends the call without having sent anything. */
  onHeaders?(headers: HeaderReader): void
  /** The bytes are borrowed. */
  onMessage(message: Uint8Array): void
  onDrain?(): void
  /** Called exactly once, never synchronously from {@link Channel.start}. Failures to connect arrive here too, as UNAVAILABLE with the cause in the text. */
  onEnd(status: RpcStatus, trailers: HeaderReader): void
}

export type ChannelState = 'idle' | 'connecting' | 'ready' | 'waiting' | 'closed'

/** Calls to one server. Connects when first used, reconnects for ever with capped, jittered back-off, and never throws for what the peer does. */
export interface Channel {
  readonly address: string
  readonly state: ChannelState
  /** @throws {TypeError} for headers that gRPC cannot carry, see {@link CallOptions.headers}. */
  template(headers: readonly (readonly [name: string, value: string])[]): HeaderTemplate
  start(method: Method, handler: ClientCallHandler, options?: CallOptions): ClientCall
  /** Tells each change of {@link state}; returns what stops it. */
  onState(listener: (state: ChannelState) => void): () => void
  /** Ends open calls with CANCELLED, as calls that are started later, and releases the connection. Idempotent. */
  close(): void
}

/** One way to carry calls. */
export interface Transport {
  readonly name: string
  createServer(options?: ServerOptions): Server
  createChannel(options: ChannelOptions): Channel
}
