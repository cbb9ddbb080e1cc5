import { createServer, type Server as NetServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import { formatAddress } from '../channel-options.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { ServerTls } from '../contract.ts'
import { checkServerTls, plaintextServer } from '../tls-material.ts'

/** A connection that has not said what it is after so long is closed, ms. */
const SILENCE = 20_000
/** What a TLS connection begins with: a handshake record (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16

/** A connection that is ready for HTTP/2. */
export interface Arrival {
  readonly socket: Socket
  /** What was read of it to find out what it is. */
  readonly first: Buffer | undefined
  readonly encrypted: boolean
}

/** What happens at the port. */
export interface ListenerHandler {
  accept(arrival: Arrival): void
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
  /** Connections that have not said what they are, with what forgets them. */
  readonly #undecided = new Map<Socket, () => void>()
  #secure: Secure | undefined

  /** @param maxConnections those that are being secured count. @throws {TypeError} for PEM that cannot be read. */
  constructor(tls: ServerTls | undefined, maxConnections: number, handler: ListenerHandler, clock: Clock = systemClock) {
    this.#handler = handler
    this.#clock = clock
    this.#secure = tls === undefined ? undefined : this.#secureBy(tls)
    this.#server = createServer({ noDelay: true }, (socket) => this.#connected(socket))
    this.#server.maxConnections = maxConnections
    this.#server.on('drop', (dropped) => {
      const address = formatAddress(dropped?.remoteAddress ?? '', dropped?.remotePort ?? 0)
      this.#handler.refused('TOO_MANY_CONNECTIONS', `there are ${maxConnections} connections already`, address)
    })
  }

  /** For connections that come from now on. @throws {TypeError} for PEM that cannot be read; an Error where there was no TLS. */
  setTls(tls: ServerTls): void {
    if (this.#secure === undefined) throw plaintextServer()
    this.#secure = this.#secureBy(tls)
  }

  /** @returns the port. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(error)
      this.#server.once('error', failed)
      this.#server.listen(port, host, () => {
        this.#server.off('error', failed)
        this.#server.on('error', ignore)
        const bound = this.#server.address()
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
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
    const server = createTlsServer({
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
      this.#decided(plainSocketOf(socket))
      this.#handler.accept({ socket, first: undefined, encrypted: true })
    })
    server.on('tlsClientError', (error, socket) => {
      this.#handler.refused('TLS_FAILED', error.message, addressOf(socket))
      socket.destroy()
    })
    return { tls, server }
  }

  #connected(socket: Socket): void {
    socket.on('error', ignore)
    const secure = this.#secure
    if (secure === undefined) {
      this.#handler.accept({ socket, first: undefined, encrypted: false })
      return
    }
    const refuse = (reason: string): void => {
      this.#handler.refused('TLS_FAILED', reason, addressOf(socket))
      socket.destroy()
    }
    const silence = this.#clock.setTimer(() => refuse(`no TLS handshake within ${SILENCE} ms`), SILENCE)
    this.#undecided.set(socket, () => silence.cancel())
    socket.once('close', () => this.#decided(socket))
    socket.once('data', (first: Buffer) => {
      socket.pause()
      if (first[0] === TLS_HANDSHAKE) {
        socket.unshift(first)
        secure.server.emit('connection', socket)
      } else if (secure.tls.alsoPlaintext === true) {
        this.#decided(socket)
        this.#handler.accept({ socket, first, encrypted: false })
        socket.resume()
      } else refuse('this is no TLS')
    })
  }

  #decided(socket: Socket | undefined): void {
    if (socket === undefined) return
    this.#undecided.get(socket)?.()
    this.#undecided.delete(socket)
  }
}

export const addressOf = (socket: Socket): string => formatAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0)

/** What carries a secured connection; node:tls has no public name for it. */
function plainSocketOf(secured: TLSSocket): Socket | undefined {
  return Reflect.get(secured, '_parent') as Socket | undefined
}

/** A broken connection shows in its calls; there is nothing more to do about it. */
function ignore(): void {}
