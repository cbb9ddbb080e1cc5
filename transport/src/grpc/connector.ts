import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { net, tls as nodeTls } from '../builtins.ts'
import type { Endpoint } from '../channel-options.ts'
import type { ChannelTls } from '../contract.ts'
import { lentReading } from '../lent-reading.ts'
import { checkAuthority, checkIdentity } from '../tls-material.ts'

/** Where and how to connect. */
export interface Target {
  readonly endpoint: Endpoint
  readonly tls: ConnectionOptions | undefined
}

/** The options of node:tls for all connections of a channel. @throws {TypeError} for PEM that cannot be read. */
export function tlsOptions(tls: ChannelTls): ConnectionOptions {
  checkAuthority('tls.ca', tls.ca)
  checkIdentity('tls.certificate and tls.key', tls.certificate, tls.key)
  const bytes = (pem: string | Uint8Array | undefined) => (pem === undefined ? undefined : Buffer.from(pem))
  return {
    secureContext: nodeTls().createSecureContext({ ca: bytes(tls.ca), cert: bytes(tls.certificate), key: bytes(tls.key) }),
    ALPNProtocols: ['h2'],
    rejectUnauthorized: tls.insecureSkipVerify !== true,
    servername: tls.serverName,
  }
}

export interface ConnectHandler {
  onConnected(socket: Socket): void
  /** What the peer says: the bytes are good until this returns. */
  onBytes(bytes: Buffer, stop: number): void
  onFailed(cause: string): void
}

/**
 * Opens a connection, secured if asked for. The handler is told once, later. The attempt does not hold the process. The socket has no `data` events.
 *
 * @returns what gives the attempt up, without telling the handler.
 */
export function connectSocket({ endpoint, tls }: Target, handler: ConnectHandler): () => void {
  const { text: address, host, port, path } = endpoint
  const place = path === undefined ? { host, port } : { path }
  // An option of node:tls as well, which its types do not know.
  const reading = { onread: lentReading((bytes, stop) => handler.onBytes(bytes, stop)) }
  // A server name may not be an IP address (RFC 6066, 3); the certificate is checked against `host` then. A path names no server at all.
  const name = path !== undefined ? 'localhost' : net().isIP(host) === 0 ? host : ''
  const socket: Socket =
    tls === undefined
      ? net().connect({ ...place, noDelay: true, ...reading })
      : nodeTls().connect({ ...tls, ...reading, ...place, servername: tls.servername ?? name })
  socket.unref()
  let over = false
  const settle = (): boolean => {
    if (over) return false
    over = true
    return true
  }
  const failed = (cause: string): void => {
    if (!settle()) return
    socket.destroy()
    handler.onFailed(cause)
  }
  socket.on('error', (error: Error) => failed(`${address}: ${error.message === '' ? String(Reflect.get(error, 'code')) : error.message}`))
  socket.once('close', () => failed(`${address} closed the connection while it was being made`))
  socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
    if (tls !== undefined && Reflect.get(socket, 'alpnProtocol') !== 'h2') {
      failed(`${address} speaks TLS but does not offer HTTP/2 (ALPN h2)`)
      return
    }
    if (!settle()) return
    if (tls !== undefined) socket.setNoDelay(true)
    handler.onConnected(socket)
  })
  return () => {
    if (settle()) socket.destroy()
  }
}
