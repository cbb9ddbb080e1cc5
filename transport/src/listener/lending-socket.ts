import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { lentReading, type Taker } from '../lent-reading.ts'

/**
 * The connection of a socket that a server has accepted, in a socket that lends what it reads and has no `data` events. That is an option of Node where a
 * socket is made, and a server makes its own without options; what a socket holds has no public names. Where that is not there, the socket itself is
 * answered, which is as good, only dearer.
 */
export function lendingSocket(accepted: Socket, take: Taker): Socket {
  const handle: unknown = Reflect.get(accepted, '_handle')
  const server: unknown = Reflect.get(accepted, '_server')
  if (typeof handle !== 'object' || handle === null || typeof server !== 'object' || server === null) return accepted
  // Both are known to `new Socket`, and not to its types.
  const options: SocketConstructorOpts & { readonly handle: object; readonly onread: OnReadOpts } = { handle, onread: lentReading(take) }
  const socket = new Socket(options)
  // Nothing is left to the one that was accepted, and it is not kept: the server counts the connection until the other one is closed.
  Reflect.set(accepted, '_handle', null)
  Reflect.set(socket, '_server', server)
  return socket
}
