/** PEM of a server's certificate and key, and of the authority that its clients trust. */
export interface Tls {
  readonly certificate: string
  readonly key: string
  readonly ca: string
}

export interface ServeOptions {
  /** Plaintext when absent. */
  readonly tls?: Tls | undefined
  /** What the implementation does by itself when absent. */
  readonly maxStreams?: number | undefined
}

export interface Serving {
  readonly port: number
  /** Echoing streams that are open at this moment, as the server's handlers saw them begin and end. */
  openStreams(): number
}

/** Called once per finished call; with an error when it failed, or when what came back was not {@link ./payloads.ts}. */
export type Done = (error?: Error) => void

/** A stream that stays open and sends back what it is sent. */
export interface EchoStream {
  send(): void
  end(): void
}

/** One connection of a client, as soon as the first call makes it. */
export interface Client {
  unary(done: Done): void
  serverStream(done: Done): void
  /** `onEcho` is called for each message that comes back. */
  openStream(onEcho: () => void, done: Done): EchoStream
}

/** One way to carry gRPC: what runs in the server's process and what in the client's. */
export interface Variant {
  serve(options: ServeOptions): Promise<Serving>
  connect(port: number, ca: string | undefined): Client
}
