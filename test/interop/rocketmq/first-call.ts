import { setTimeout as pause } from 'node:timers/promises'
import { codeName, codeNumber, decodeQueryRouteResponse, encodeQueryRouteRequest, headerNames, messagingService } from '@feathermq/protocol'
import { callUnary, http2Transport } from '@feathermq/transport'

const transport = http2Transport()

/**
 * Asks a server once where a topic is.
 *
 * @throws an RpcError when it does not answer.
 */
export async function askForRoute(endpoints: string, topic: string): Promise<string> {
  const channel = transport.createChannel({ address: endpoints })
  try {
    const request = encodeQueryRouteRequest({ topic: { name: topic }, endpoints: { scheme: 'IPv4', addresses: [address(endpoints)] } })
    const response = await callUnary(channel, messagingService.queryRoute, request, decodeQueryRouteResponse, {
      timeout: 2_000,
      headers: [[headerNames.clientId, 'feathermq-probe']],
    })
    return String(codeName(codeNumber(response.status?.code ?? 0)))
  } finally {
    channel.close()
  }
}

function address(endpoints: string) {
  const { hostname: host, port } = new URL(`tcp://${endpoints}`)
  return { host, port: Number(port) }
}

export interface Patience {
  /** Ms since the epoch. */
  readonly until: number
  /** Throws when there is nothing to wait for any more. */
  readonly check: () => void
}

/**
 * Tries until it succeeds: neither Java nor RocketMQ says when it serves, so a server can only be asked.
 *
 * @throws what the last attempt threw.
 */
export async function eventually<T>(attempt: () => Promise<T>, { until, check }: Patience): Promise<T> {
  while (true) {
    check()
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > until) throw error
      await pause(25)
    }
  }
}
