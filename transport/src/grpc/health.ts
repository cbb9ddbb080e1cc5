import type { Method, MethodHandler, RpcStatus, Server, ServerCall } from '../contract.ts'
import { RpcError } from '../rpc-error.ts'
import { ProtobufError, textField, writeNumber } from './protobuf.ts'

/** What a service says of itself (grpc.health.v1, ServingStatus). */
export type ServingStatus = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING'
type AnyStatus = ServingStatus | 'SERVICE_UNKNOWN'

export const healthMethods: { readonly check: Method; readonly watch: Method } = {
  check: { path: '/grpc.health.v1.Health/Check', kind: 'unary' },
  watch: { path: '/grpc.health.v1.Health/Watch', kind: 'server-stream' },
}

const SERVICE = 1
const STATUS = 1
const answers: Readonly<Record<AnyStatus, Buffer>> = {
  UNKNOWN: writeNumber(STATUS, 0),
  SERVING: writeNumber(STATUS, 1),
  NOT_SERVING: writeNumber(STATUS, 2),
  SERVICE_UNKNOWN: writeNumber(STATUS, 3),
}
const gone: RpcStatus = { code: 'UNAVAILABLE', message: 'the server is shutting down' }

/** Somebody who wants to know how a service fares. */
interface Watch {
  readonly call: ServerCall<Watch>
  readonly service: string
  /** What was said last. */
  said: AnyStatus | undefined
  /** Reads slowly: what happens meanwhile is told by its outcome alone. */
  choked: boolean
}

/**
 * The health service of gRPC (grpc.health.v1.Health): a status for each service by its full name, and one for the server as a whole under the name `''`.
 *
 * `Check` answers NOT_FOUND for a service that nobody has set a status for; `Watch` answers SERVICE_UNKNOWN and goes on watching.
 */
export class HealthService {
  readonly #statuses = new Map<string, ServingStatus>([['', 'SERVING']])
  readonly #watches = new Set<Watch>()
  #shutDown = false

  /** Sets the status of a service and tells those who watch it. Does nothing after {@link shutDown}. */
  set(service: string, status: ServingStatus): void {
    if (this.#shutDown) return
    this.#statuses.set(service, status)
    this.#tell()
  }

  /** Undefined: never {@link set}. */
  status(service: string): ServingStatus | undefined {
    return this.#statuses.get(service)
  }

  /** All services are NOT_SERVING from now on, for good: the process is about to end. */
  shutDown(): void {
    for (const service of this.#statuses.keys()) this.#statuses.set(service, 'NOT_SERVING')
    this.#shutDown = true
    this.#tell()
  }

  /** Registers both methods. When the server closes, everything is {@link shutDown}, and those who watch are told that and sent away. */
  serve(server: Server): void {
    server.handle(healthMethods.check, this.#check())
    const watches = new Set<Watch>()
    server.handle(healthMethods.watch, this.#watch(watches))
    server.onClosing(() => {
      this.shutDown()
      for (const watch of watches) {
        this.#watches.delete(watch)
        watch.call.end(gone)
      }
      watches.clear()
    })
  }

  #check(): MethodHandler {
    return {
      onMessage: (call, request) => {
        const service = serviceOf(request)
        const status = this.#statuses.get(service)
        if (status === undefined) throw new RpcError('NOT_FOUND', `nothing is known of the health of ${JSON.stringify(service)}`)
        call.send(answers[status])
        call.end()
      },
    }
  }

  #watch(watches: Set<Watch>): MethodHandler<Watch> {
    return {
      onMessage: (call, request) => {
        const watch: Watch = { call, service: serviceOf(request), said: undefined, choked: false }
        call.state = watch
        this.#watches.add(watch)
        watches.add(watch)
        this.#say(watch)
      },
      onCancel: ({ state }) => {
        if (state === undefined) return
        this.#watches.delete(state)
        watches.delete(state)
      },
      onDrain: ({ state }) => {
        if (state === undefined) return
        state.choked = false
        this.#say(state)
      },
    }
  }

  #tell(): void {
    for (const watch of this.#watches) this.#say(watch)
  }

  #say(watch: Watch): void {
    const status = this.#statuses.get(watch.service) ?? 'SERVICE_UNKNOWN'
    if (watch.choked || watch.said === status) return
    watch.said = status
    watch.choked = !watch.call.send(answers[status])
  }
}

/** @throws {RpcError} */
function serviceOf(request: Uint8Array): string {
  try {
    return textField(request, SERVICE)
  } catch (cause) {
    if (cause instanceof ProtobufError) throw new RpcError('INTERNAL', `the request is no HealthCheckRequest: ${cause.message}`, { cause })
    throw cause
  }
}
