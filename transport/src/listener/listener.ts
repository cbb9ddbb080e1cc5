import { createServer, type Server as NetServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import { systemClock } from '../clock.ts'
import type { ServerTls } from '../contract.ts'
import { checkAuthority, checkIdentity } from '../tls-material.ts'

/** A connection that says nothing for so long is closed, ms. */
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

/**
 * Opens a port and finds out what comes: with TLS material, a connection whose first byte is that of a TLS handshake is secured, and any other is plaintext,
 * which is taken only where the options say so.
 */
export class Listener {
  readonly #server: NetServer
  readonly #sockets = new Set<Socket>()
  readonly #tls: ServerTls | undefined
  /** Never listens itself: connections are handed to it. */
  readonly #secure: TlsServer | undefined
  readonly #accept: (arrival: Arrival) => void

  /** @throws {TypeError} for PEM that cannot be read. */
  constructor(tls: ServerTls | undefined, accept: (arrival: Arrival) => void) {
    this.#tls = tls
    this.#accept = accept
    if (tls !== undefined) {
      checkAuthority('tls.clientCa', tls.clientCa)
      checkIdentity('tls.certificate and tls.key', tls.certificate, tls.key)
      const bytes = (pem: string | Uint8Array | undefined) => (pem === undefined ? undefined : Buffer.from(pem))
      this.#secure = createTlsServer({
        cert: bytes(tls.certificate),
        key: bytes(tls.key),
        ca: bytes(tls.clientCa),
        minVersion: 'TLSv1.2',
        ALPNProtocols: ['h2'],
        requestCert: tls.clientCa !== undefined,
        rejectUnauthorized: tls.clientCa !== undefined,
        handshakeTimeout: SILENCE,
      })
      this.#secure.on('secureConnection', (socket: TLSSocket) => {
        socket.on('error', ignore)
        this.#accept({ socket, first: undefined, encrypted: true })
      })
      this.#secure.on('tlsClientError', (_error, socket) => socket.destroy())
    }
    this.#server = createServer({ noDelay: true }, (socket) => this.#connected(socket))
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

  /** Takes no more connections and drops those that have not said what they are. */
  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (!this.#server.listening) return Promise.resolve()
    return new Promise((resolve) => {
      // Its callback waits for all connections, which end in their own time; the port is free at once.
      this.#server.close(() => resolve())
    })
  }

  #connected(socket: Socket): void {
    socket.on('error', ignore)
    if (this.#tls === undefined) {
      this.#accept({ socket, first: undefined, encrypted: false })
      return
    }
    this.#sockets.add(socket)
    const silence = systemClock.setTimer(() => socket.destroy(), SILENCE)
    const settled = (): void => {
      silence.cancel()
      this.#sockets.delete(socket)
    }
    socket.once('close', settled)
    socket.once('data', (first: Buffer) => {
      settled()
      socket.pause()
      if (first[0] === TLS_HANDSHAKE) {
        socket.unshift(first)
        this.#secure?.emit('connection', socket)
      } else if (this.#tls?.alsoPlaintext === true) {
        this.#accept({ socket, first, encrypted: false })
        socket.resume()
      } else socket.destroy()
    })
  }
}

/** A broken connection shows in its calls; there is nothing more to do about it. */
function ignore(): void {}
