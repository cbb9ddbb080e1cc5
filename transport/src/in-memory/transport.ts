import { type Clock, systemClock } from '../clock.ts'
import type { Transport } from '../contract.ts'
import { MemoryChannel } from './channel.ts'
import { Network } from './network.ts'
import { MemoryServer } from './server.ts'

export interface InMemoryOptions {
  /** Deadlines, grace and back-off run on it. Default: real time. */
  readonly clock?: Clock | undefined
  /** Jitter of the back-off, 0 to 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined
  /**
   * For tests: borrowed bytes are overwritten with 0xdb as soon as the callback that got them returns, and a sender that writes into a message after
   * sending it causes an uncaught error. Default false.
   */
  readonly poison?: boolean | undefined
}

/**
 * Calls inside one process, for tests and embedding: no sockets, but everything else of the contract, with messages, cancellations and ends arriving in
 * later turns of the event loop.
 *
 * Each transport is a network of its own; servers listen on its virtual ports and a channel reaches the one with its address's port, whatever the host.
 * `tls` only has to match at both ends (no certificate is looked at); `connectTimeout` and `keepalive` never strike, because connecting takes one turn
 * and a connection cannot fall silent. Listening servers and pending calls keep the process alive, as sockets would.
 */
export function inMemoryTransport(options: InMemoryOptions = {}): Transport {
  const network = new Network(options.clock ?? systemClock, options.random ?? Math.random, options.poison ?? false)
  return {
    name: 'in-memory',
    createServer: (serverOptions = {}) => new MemoryServer(network, serverOptions),
    createChannel: (channelOptions) => new MemoryChannel(network, channelOptions),
  }
}
