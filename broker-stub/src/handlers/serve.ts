import type { StatusInit } from '@feathermq/protocol'
import { codeName, codeNumber } from '@feathermq/protocol'
import { type MessageBytes, type MethodHandler, type ServerCall, unary } from '@feathermq/transport'
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
  const finish = (response: Response): MessageBytes => {
    const code = codeName(codeNumber(response.status?.code ?? 'CODE_UNSPECIFIED'))
    broker.counters.countAnswer(rpc.name, String(code))
    return rpc.encode(response)
  }
  const refuse = (error: unknown): MessageBytes => {
    if (error instanceof Refusal) return finish(rpc.refused(error.status))
    throw error
  }
  // Nobody is told of what would be forgotten if the process ended now.
  const finishWritten = (response: Response): MessageBytes | Promise<MessageBytes> => {
    const written = broker.delivery.written()
    return written === undefined ? finish(response) : written.then(() => finish(response))
  }
  return unary((bytes, call) => {
    try {
      const client = admitClient(broker, call)
      const response = rpc.serve(decodeRequest(rpc.decode, bytes), call, client)
      return response instanceof Promise ? response.then(finishWritten, refuse) : finishWritten(response)
    } catch (error) {
      return refuse(error)
    }
  })
}
