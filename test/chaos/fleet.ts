import {
  type AddressInit,
  decodeQueryAssignmentRequest,
  decodeQueryRouteRequest,
  encodeQueryAssignmentResponse,
  encodeQueryRouteResponse,
  type MessageQueueInit,
  messagingService,
} from '@feathermq/protocol'
import { type MethodHandler, type Transport, unary } from '@feathermq/transport'

/** A broker as routes name it. */
export interface Place {
  readonly name: string
  readonly host: string
  readonly port: number
}

/** Which brokers hold a topic. */
export type Routes = Readonly<Record<string, readonly Place[]>>

export const QUEUES = 4

/** Lets a broker answer for all of a fleet where its topics are, as each proxy of a cluster does; by itself it knows of no other broker. */
export class Fleet {
  routes: Routes = {}

  /** A transport on whose servers routes and assignments are those of the fleet; all else is the broker's own. */
  over(transport: Transport): Transport {
    return {
      name: transport.name,
      createChannel: (options) => transport.createChannel(options),
      createServer: (options) => {
        const server = transport.createServer(options)
        const { queryRoute, queryAssignment } = messagingService
        return {
          handle: <State>(method: typeof queryRoute, handler: MethodHandler<State>) => {
            if (method.path === queryRoute.path) server.handle(method, this.#queryRoute())
            else if (method.path === queryAssignment.path) server.handle(method, this.#queryAssignment())
            else server.handle(method, handler)
          },
          methods: () => server.methods(),
          setTls: (tls) => server.setTls(tls),
          listen: (host, port) => server.listen(host, port),
          onClosing: (listener) => server.onClosing(listener),
          close: (grace) => server.close(grace),
        }
      },
    }
  }

  #queryRoute(): MethodHandler {
    return unary((bytes) => {
      const topic = decodeQueryRouteRequest(bytes).topic?.name ?? ''
      const ids = Array.from({ length: QUEUES }, (_, id) => id)
      return encodeQueryRouteResponse({ status: { code: 'OK' }, messageQueues: this.#queues(topic, ids) })
    })
  }

  #queryAssignment(): MethodHandler {
    return unary((bytes) => {
      const topic = decodeQueryAssignmentRequest(bytes).topic?.name ?? ''
      // A receive looks at all queues of its broker.
      const assignments = this.#queues(topic, [-1]).map((messageQueue) => ({ messageQueue }))
      return encodeQueryAssignmentResponse({ status: { code: 'OK' }, assignments })
    })
  }

  #queues(topic: string, ids: readonly number[]): MessageQueueInit[] {
    return (this.routes[topic] ?? []).flatMap(({ name, host, port }) => {
      const addresses: AddressInit[] = [{ host, port }]
      return ids.map((id) => ({
        topic: { name: topic },
        id,
        permission: 'READ_WRITE' as const,
        broker: { name, id: 0, endpoints: { scheme: 'IPv4' as const, addresses } },
        acceptMessageTypes: ['NORMAL' as const, 'FIFO' as const, 'TRANSACTION' as const],
      }))
    })
  }
}
