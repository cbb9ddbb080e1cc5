import { createServer, type Server as NetServer, type Socket } from 'node:net'
import type { TLSSocket, Server as TlsServer } from 'node:tls'
import { tls as nodeTls } from '../builtins.ts'
import { formatAddress, localPath } from '../channel-options.ts'
import { type Clock, systemClock, type Timer } from '../clock.ts'
import type { ServerTls } from '../contract.ts'
import { checkServerTls, plaintextServer } from '../tls-material.ts'

/** A connection that has not said what it is after so long is closed, ms. */
const SILENCE = 20_000
/** How long somebody may take to read why the connection is closed, ms. */
const LAST_WORDS = 1_000
/** What a TLS connection begins with: a handshake record (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16

/** A connection that is ready for HTTP/2. */
export interface Arrival {
  readonly socket: Socket
  /** Of the other end; what this one listens on for a local connection. */
  readonly address: string
  /** What was read of it to find out what it is. */
  readonly first: Buffer | undefined
  readonly encrypted: boolean
}

/** What happens at the port. */
export interface ListenerHandler {
  accept(arrival: Arrival): void
  /** What somebody is told who speaks plaintext where TLS is wanted; undefined: nothing. */
  answerTo(speech: Buffer): Uint8Array | undefined
  /** A connection that did not become one, and why. */
  refused(code: 'TOO_MANY_CONNECTIONS' | 'TLS_FAILED', reason: string, address: string): void
}

interface Secure {
  readonly tls: ServerTls
  /** Never listens itself: connections are handed to it. */
  readonly server: TlsServer
}

/**
 * Opens a port and finds out what comes: with TLS material, a connection whose first byte is that of a TLS handshake is secured, and any other is plaintext,
 * which is taken only where the options say so.
 */
export class Listener {
  readonly #server: NetServer
  readonly #handler: ListenerHandler
  readonly #clock: Clock
  /** Connections that have not said what they are. */
  readonly #undecided = new Map<Socket, { readonly address: string; readonly silence: Timer }>()
  #local: string | undefined
  #secure: Secure | undefined

  /** @param maxConnections those that are being secured count. @throws {TypeError} for PEM that cannot be read. */
  constructor(tls: ServerTls | undefined, maxConnections: number, handler: ListenerHandler, clock: Clock = systemClock) {
    this.#handler = handler
    this.#clock = clock
    this.#secure = tls === undefined ? undefined : this.#secureBy(tls)
    this.#server = createServer({ noDelay: true }, (socket) => this.#connected(socket))
    this.#server.maxConnections = maxConnections
    this.#server.on('drop', (dropped) => {
      this.#handler.refused('TOO_MANY_CONNECTIONS', `there are ${maxConnections} connections already`, this.#addressOf(dropped ?? {}))
    })
  }

  /** For connections that come from now on. @throws {TypeError} for PEM that cannot be read; an Error where there was no TLS. */
  setTls(tls: ServerTls): void {
    if (this.#secure === undefined) throw plaintextServer()
    this.#secure = this.#secureBy(tls)
  }

  /** @param host or `unix:/path`. @returns the port; 0 for a path. */
  listen(host: string, port: number): Promise<number> {
    const path = localPath(host)
    this.#local = path === undefined ? undefined : host
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(error)
      this.#server.once('error', failed)
      this.#server.listen(path === undefined ? { host, port } : { path }, () => {
        this.#server.off('error', failed)
        this.#server.on('error', ignore)
        const bound = this.#server.address()
        resolve(typeof bound === 'object' && bound !== null ? bound.port : 0)
      })
    })
  }

  /** Takes no more connections and drops those that have not said what they are. Resolves when all others have ended, too. */
  close(): Promise<void> {
    for (const socket of this.#undecided.keys()) socket.destroy()
    if (!this.#server.listening) return Promise.resolve()
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  #secureBy(tls: ServerTls): Secure {
    checkServerTls(tls)
    const bytes = (pem: string | Uint8Array | undefined) => (pem === undefined ? undefined : Buffer.from(pem))
    const server = nodeTls().createServer({
      cert: bytes(tls.certificate),
      key: bytes(tls.key),
      ca: bytes(tls.clientCa),
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['h2'],
      requestCert: tls.clientCa !== undefined,
      rejectUnauthorized: tls.clientCa !== undefined,
      handshakeTimeout: SILENCE,
    })
    server.on('secureConnection', (socket: TLSSocket) => {
      socket.on('error', ignore)
      const address = this.#decided(plainSocketOf(socket)) ?? this.#addressOf(socket)
      this.#handler.accept({ socket, address, first: undefined, encrypted: true })
    })
    server.on('tlsClientError', (error, socket) => {
      const address = this.#decided(plainSocketOf(socket))
      // Else it has been refused for its silence, which is an error of the handshake, too.
      if (address !== undefined) this.#handler.refused('TLS_FAILED', error.message, address)
      socket.destroy()
    })
    return { tls, server }
  }

  #connected(socket: Socket): void {
    socket.on('error', ignore)
    const secure = this.#secure
    const address = this.#addressOf(socket)
    if (secure === undefined) {
      this.#handler.accept({ socket, address, first: undefined, encrypted: false })
      return
    }
    const refuse = (reason: string): void => {
      if (this.#decided(socket) !== undefined) this.#handler.refused('TLS_FAILED', reason, address)
      socket.destroy()
    }
    const answer = (words: Uint8Array): void => {
      this.#handler.refused('TLS_FAILED', 'this is no TLS', address)
      socket.end(words)
      // What else is said is passed over: a reset could overtake the answer.
      socket.resume()
      this.#undecided.get(socket)?.silence.cancel()
      this.#undecided.set(socket, { address, silence: this.#clock.setTimer(() => socket.destroy(), LAST_WORDS) })
    }
    const silence = this.#clock.setTimer(() => refuse(`no TLS handshake within ${SILENCE} ms`), SILENCE)
    this.#undecided.set(socket, { address, silence })
    socket.once('close', () => this.#decided(socket))
    socket.once('data', (first: Buffer) => {
      socket.pause()
      if (first[0] === TLS_HANDSHAKE) {
        socket.unshift(first)
        secure.server.emit('connection', socket)
      } else if (secure.tls.alsoPlaintext === true) {
        this.#decided(socket)
        this.#handler.accept({ socket, address, first, encrypted: false })
        socket.resume()
      } else {
        const words = this.#handler.answerTo(first)
        if (words === undefined) refuse('this is no TLS')
        else answer(words)
      }
    })
  }

  /** @returns the address that it had when it came: one that is closed has none any more. */
  #decided(socket: Socket | undefined): string | undefined {
    const entry = socket === undefined ? undefined : this.#undecided.get(socket)
    if (socket === undefined || entry === undefined) return undefined
    entry.silence.cancel()
    this.#undecided.delete(socket)
    return entry.address
  }

  #addressOf({ remoteAddress, remotePort }: { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined }): string {
    if (remoteAddress === undefined || remotePort === undefined) return this.#local ?? 'unknown'
    return formatAddress(remoteAddress, remotePort)
  }
}

/** What carries a secured connection; node:tls has no public name for it. */
function plainSocketOf(secured: TLSSocket): Socket | undefined {
  return Reflect.get(secured, '_parent') as Socket | undefined
}

/** A broken connection shows in its calls; there is nothing more to do about it. */
function ignore(): void {}
