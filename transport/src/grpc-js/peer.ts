import type { ServerInterceptingCallInterface } from '@grpc/grpc-js'
import { formatAddress } from '../channel-options.ts'
import type { Peer } from '../contract.ts'

/** A client's address and port name its connection as well: no two live ones share them. */
export function peerOf(call: ServerInterceptingCallInterface, encrypted: boolean): Peer {
  const { remoteAddress, remotePort } = call.getConnectionInfo()
  const address = remoteAddress === undefined || remotePort === undefined ? 'unknown' : formatAddress(remoteAddress, remotePort)
  return { address, connection: address, encrypted }
}
