import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type * as Grpc from '@grpc/grpc-js'
import { net, tls as nodeTls } from '../builtins.ts'
import type { ChannelTls } from '../contract.ts'
import { checkAuthority, checkIdentity } from '../tls-material.ts'
import { loadGrpc } from './load.ts'

type Connector = ReturnType<Grpc.ChannelCredentials['_createSecureConnector']>

/**
 * Credentials that make every connection pass through here before grpc-js uses it, for three things grpc-js cannot do:
 *
 * - Calls hold the process by the `ref` of their connection's socket; the channel decides that for itself (a background call must not), so the socket
 *   of a finished connection takes no `ref`.
 * - An attempt that gets no further (a server that accepts and stays silent) can be given up by {@link drop}.
 * - TLS by our options, without a server name where the host is an IP address.
 */
export interface ObservedCredentials extends Grpc.ChannelCredentials {
  /** Cuts the connection, and each one that an attempt under way may still make. */
  drop(): void
}

type Make = (host: string, tls: ConnectionOptions | undefined) => ObservedCredentials
let make: Make | undefined

export function observedCredentials(host: string, tls: ConnectionOptions | undefined): ObservedCredentials {
  make ??= define(loadGrpc())
  return make(host, tls)
}

/** The class needs the one of grpc-js to extend, which is not there before it is loaded. */
function define(grpc: typeof Grpc): Make {
  class Observed extends grpc.ChannelCredentials {
    readonly #host: string
    readonly #tls: ConnectionOptions | undefined
    #state: { readonly name: 'live'; readonly socket: Socket | undefined } | { readonly name: 'dropped' } = { name: 'live', socket: undefined }

    constructor(host: string, tls: ConnectionOptions | undefined) {
      super()
      this.#host = host
      this.#tls = tls
    }

    /** Cuts the connection, and each one that an attempt under way may still make. */
    drop(): void {
      if (this.#state.name === 'live') this.#state.socket?.destroy()
      this.#state = { name: 'dropped' }
    }

    override _isSecure(): boolean {
      return this.#tls !== undefined
    }

    override _equals(other: Grpc.ChannelCredentials): boolean {
      return this === other
    }

    override _createSecureConnector(_target: unknown, _options: unknown, callCredentials?: Grpc.CallCredentials): Connector {
      const credentials = callCredentials ?? grpc.CallCredentials.createEmpty()
      return {
        connect: async (socket) => {
          socket.on('error', ignore)
          if (this.#state.name === 'dropped') throw new Error('the attempt was given up')
          this.#state = { name: 'live', socket }
          const used = this.#tls === undefined ? socket : await secure(socket, this.#host, this.#tls)
          used.ref = () => used
          return { socket: used, secure: this.#tls !== undefined }
        },
        waitForReady: () => Promise.resolve(),
        getCallCredentials: () => credentials,
        destroy: () => {},
      }
    }
  }

  return (host, tls) => new Observed(host, tls)
}

/** The options of node:tls for all connections of a channel. @throws {TypeError} for PEM that cannot be read. */
export function tlsOptions(tls: ChannelTls): ConnectionOptions {
  checkAuthority('tls.ca', tls.ca)
  checkIdentity('tls.certificate and tls.key', tls.certificate, tls.key)
  return {
    secureContext: nodeTls().createSecureContext({ ca: textOf(tls.ca), cert: textOf(tls.certificate), key: textOf(tls.key) }),
    ALPNProtocols: ['h2'],
    rejectUnauthorized: tls.insecureSkipVerify !== true,
    servername: tls.serverName,
  }
}

function secure(socket: Socket, host: string, options: ConnectionOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // A server name may not be an IP address (RFC 6066, section 3); the certificate is checked against `host` then.
    const servername = options.servername ?? (net().isIP(host) === 0 ? host : '')
    const secured = nodeTls().connect({ ...options, socket, host, servername }, () => {
      secured.off('error', reject)
      secured.off('close', closed)
      if (secured.alpnProtocol === 'h2') resolve(secured)
      else reject(new Error(`${host} speaks TLS but does not offer HTTP/2 (ALPN h2)`))
    })
    const closed = (): void => reject(new Error('the connection was closed during the TLS handshake'))
    secured.on('error', ignore)
    secured.once('error', reject)
    secured.once('close', closed)
  })
}

/** Between grpc-js's own listeners there are moments without any, in which an error would be uncaught; the 'close' that follows tells enough. */
function ignore(): void {}

function textOf(pem: string | Uint8Array | undefined): Buffer | undefined {
  return pem === undefined ? undefined : Buffer.from(pem)
}
