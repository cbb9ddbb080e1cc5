import type { Endpoint } from '../connection/endpoint.ts'
import { recallMessage } from '../connection/recall-message.ts'
import type { Session } from '../connection/session.ts'
import { abortable, within } from '../deferred.ts'
import { clientError, invalidOption } from '../errors.ts'
import { checkText } from '../option-check.ts'
import type { Runtime } from '../runtime.ts'
import { persist } from './persistence.ts'
import type { SendReceipt } from './producer-options.ts'

/** A delayed message to take back: its receipt, or topic and recall handle as they were written down. */
export type Recallable = Pick<SendReceipt, 'topic' | 'recallHandle'> & Partial<Pick<SendReceipt, 'endpoint'>>

/** A message that never comes. */
export interface RecallReceipt {
  readonly topic: string
  readonly messageId: string
}

export interface RecallTools {
  readonly runtime: Runtime
  readonly session: Session
  readonly maxAttempts: number
  readonly end: AbortSignal
}

/**
 * Takes a delayed message back, where it was stored; a receipt that does not tell goes to the client's endpoint, as with the official Java client.
 *
 * @throws {FeatherMQError} see `Producer.recall`
 */
export async function recall(
  message: Recallable,
  { runtime, session, maxAttempts, end }: RecallTools,
  { timeout, signal }: { readonly timeout: number; readonly signal: AbortSignal | undefined },
): Promise<RecallReceipt> {
  if (typeof message !== 'object' || message === null) throw invalidOption('recall.message', message, 'the receipt of a delayed message')
  const topic = checkText(message.topic, 'recall.topic')
  if (message.recallHandle === undefined) {
    const why = `the message to ${topic} cannot be recalled: its receipt has no recallHandle. Only delayed messages have one, sent to a server that can recall`
    throw clientError('INVALID_OPTION', why, { topic })
  }
  const recallHandle = checkText(message.recallHandle, 'recall.recallHandle')
  const late = () =>
    clientError('NO_ANSWER', `the message to ${topic} was not recalled within ${timeout} ms: it waited for the route of the topic`, { topic })
  const route = session.peekRoute(topic) ?? (await within(runtime.upkeep, abortable(session.route(topic), signal), timeout, late))
  const endpoint: Endpoint =
    route.endpoints.find(({ addresses }) => message.endpoint !== undefined && addresses.includes(message.endpoint)) ?? session.accessPoint
  const { clientId, namespace, rpc } = session
  const attempt = (left: number) =>
    recallMessage(
      rpc,
      namespace,
      endpoint,
      { topic, recallHandle },
      {
        timeout: Math.min(left, rpc.requestTimeout),
        signal,
        headers: runtime.telemetry.headers(),
      },
    )
  const what = `the message to ${topic} was not recalled`
  const messageId = await runtime.telemetry.operation({ name: 'recall', topic, messageId: undefined, clientId, namespace, source: undefined }, () =>
    persist(attempt, { runtime, timeout, maxAttempts, end, signal, what }),
  )
  return { topic, messageId }
}
