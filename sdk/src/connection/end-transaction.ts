import { decodeEndTransactionResponse, encodeEndTransactionRequest, messagingService } from '@feathermq/protocol/client'
import type { Endpoint } from './endpoint.ts'
import { statusFailure } from './failure.ts'
import { resource } from './resource.ts'
import type { Rpc, UnaryOptions } from './rpc.ts'

/** What ends a transaction, and who wants to know: the producer itself, or the server that asked. */
export interface TransactionEnd {
  readonly topic: string
  readonly messageId: string
  readonly transactionId: string
  readonly resolution: 'commit' | 'rollback'
  readonly source: 'SOURCE_CLIENT' | 'SOURCE_SERVER_CHECK'
  readonly traceContext: string | undefined
}

/**
 * Tells the server that keeps the half message what became of its transaction (EndTransaction).
 *
 * @throws {FeatherMQError} INVALID_TRANSACTION_ID, no answer, …
 */
export async function endTransaction(
  rpc: Rpc,
  namespace: string,
  endpoint: Endpoint,
  { topic, messageId, transactionId, resolution, source, traceContext }: TransactionEnd,
  headers?: UnaryOptions['headers'],
): Promise<void> {
  const request = encodeEndTransactionRequest({
    topic: resource(namespace, topic),
    messageId,
    transactionId,
    resolution: resolution === 'commit' ? 'COMMIT' : 'ROLLBACK',
    source,
    traceContext,
  })
  const { value, context } = await rpc.unary(endpoint, messagingService.endTransaction, request, decodeEndTransactionResponse, { topic, headers })
  const failure = statusFailure(value.status, context)
  if (failure !== undefined) throw failure
}
