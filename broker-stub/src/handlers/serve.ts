import type { StatusInit } from '@feathermq/protocol'
import { codeName, codeNumber } from '@feathermq/protocol'
import { type MessageBytes, type MethodHandler, RpcError, type ServerCall, unary } from '@feathermq/transport'
import { admitClient, decodeRequest, Refusal } from '../admission/admit.ts'
import type { BrokerContext } from '../context.ts'
import type { Client } from '../registry/clients.ts'

/** How one unary RPC is served: the codec of its messages, and what it does. */
export interface UnaryRpc<Request, Response extends { readonly status?: StatusInit | undefined }> {
  readonly name: string
  readonly decode: (bytes: Uint8Array) => Request
  readonly encode: (response: Response) => MessageBytes
  /** The answer to a request that was refused. */
  readonly refused: (status: StatusInit) => Response
  /** @throws {Refusal} to answer with its status; {RpcError} to fail the call. */
  readonly serve: (request: Request, call: ServerCall<undefined>, client: Client) => Response | Promise<Response>
}

/**
 * The frame of a unary handler: who calls, decode, serve, encode. Refusals travel in the status of an answer that is OK for gRPC
 * (server behaviour: errors travel in Status).
 */
export function serveUnary<Request, Response extends { readonly status?: StatusInit | undefined }>(
  broker: BrokerContext,
  rpc: UnaryRpc<Request, Response>,
): MethodHandler {
  const meter = broker.counters.rpc(rpc.name)
  const { clock } = broker
  const finish = (response: Response, call: ServerCall<undefined>, began: number): MessageBytes => {
    const code = String(codeName(codeNumber(response.status?.code ?? 'CODE_UNSPECIFIED')))
    if (call.cancelled) meter.cancelled(code, clock.monotonic() - began)
    else meter.answered(code, clock.monotonic() - began)
    return rpc.encode(response)
  }
  const refuse = (error: unknown, call: ServerCall<undefined>, began: number): MessageBytes => {
    if (error instanceof Refusal) return finish(rpc.refused(error.status), call, began)
    meter.failed(error instanceof RpcError ? error.code : 'INTERNAL', clock.monotonic() - began)
    throw error
  }
  // Nobody is told of what would be forgotten if the process ended now.
  const finishWritten = (response: Response, call: ServerCall<undefined>, began: number): MessageBytes | Promise<MessageBytes> => {
    const written = broker.delivery.written()
    return written === undefined ? finish(response, call, began) : written.then(() => finish(response, call, began))
  }
  return unary((bytes, call) => {
    const began = clock.monotonic()
    try {
      const client = admitClient(broker, call)
      const response = rpc.serve(decodeRequest(rpc.decode, bytes), call, client)
      if (!(response instanceof Promise)) return finishWritten(response, call, began)
      return response.then(
        (answer) => finishWritten(answer, call, began),
        (error: unknown) => refuse(error, call, began),
      )
    } catch (error) {
      return refuse(error, call, began)
    }
  })
}
