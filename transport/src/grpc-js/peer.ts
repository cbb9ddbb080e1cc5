import type { ServerInterceptingCallInterface } from '@grpc/grpc-js'
import { formatAddress } from '../channel-options.ts'
import type { Peer } from '../contract.ts'

/**
 * A client's address and port name its connection as well: no two live ones share them.
 *
 * @param own what the server listens on, which is all that is known of a local client.
 */
export function peerOf(call: ServerInterceptingCallInterface, encrypted: boolean, own: string): Peer {
  const { remoteAddress, remotePort } = call.getConnectionInfo()
  const address = remoteAddress === undefined || remotePort === undefined ? own : formatAddress(remoteAddress, remotePort)
  return { address, connection: address, encrypted }
}
