import type { StatusInit } from '@feathermq/protocol'
import { codeName, codeNumber } from '@feathermq/protocol'
import { type MessageBytes, type MethodHandler, RpcError, type ServerCall } from '@feathermq/transport'
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
  readonly serve: (request: Request, call: ServerCall<undefined>, client: Client) => Response | Promise<Response> | Later<Response>
}

type End<Response> = (response: Response, call: ServerCall<undefined>, began: number) => void

/**
 * The answer of a call that waits for what many others wait for as well: who knows when that has come answers them one after the other, and no call needs
 * a promise of its own. Of a durable send they were a tenth of what the broker did.
 */
export class Later<Response> {
  #end: End<Response> | undefined
  #call: ServerCall<undefined> | undefined
  #began = 0

  /** By the frame, before anything else happens. */
  begin(end: End<Response>, call: ServerCall<undefined>, began: number): void {
    this.#end = end
    this.#call = call
    this.#began = began
  }

  /** Ends the call. Never throws. */
  answer(response: Response): void {
    if (this.#call !== undefined) this.#end?.(response, this.#call, this.#began)
  }
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
  const end: End<Response> = (response, call, began) => {
    try {
      const bytes = finishWritten(response, call, began)
      if (bytes instanceof Promise) bytes.then((later) => reply(call, later)).catch((error: unknown) => call.fail(error))
      else reply(call, bytes)
    } catch (error) {
      call.fail(error)
    }
  }
  const serve = (bytes: Uint8Array, call: ServerCall<undefined>, began: number): MessageBytes | Promise<MessageBytes> | undefined => {
    try {
      const client = admitClient(broker, call)
      const response = rpc.serve(decodeRequest(rpc.decode, bytes), call, client)
      if (response instanceof Later) {
        response.begin(end, call, began)
        return undefined
      }
      if (!(response instanceof Promise)) return finishWritten(response, call, began)
      return response.then(
        (answer) => finishWritten(answer, call, began),
        (error: unknown) => refuse(error, call, began),
      )
    } catch (error) {
      return refuse(error, call, began)
    }
  }
  return {
    onMessage(call, bytes) {
      const answer = serve(bytes, call, clock.monotonic())
      if (answer instanceof Promise) answer.then((later) => reply(call, later)).catch((error: unknown) => call.fail(error))
      else if (answer !== undefined) reply(call, answer)
    },
  }
}

function reply(call: ServerCall<undefined>, bytes: MessageBytes): void {
  if (call.cancelled) return
  call.send(bytes)
  call.end()
}
