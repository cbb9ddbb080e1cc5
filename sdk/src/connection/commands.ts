import type { TelemetryCommand, TelemetryCommandInit } from '@feathermq/protocol'

/** What the server may ask for on a telemetry stream, apart from settings. */
export type ServerRequest =
  /** Answer at once with these bytes' worth. */
  | { readonly kind: 'answer'; readonly command: TelemetryCommandInit }
  | { readonly kind: 'reconnect' }
  /** Nothing can be answered; the text says what was left undone. */
  | { readonly kind: 'ignore'; readonly why: string }

/**
 * What becomes of a command. Each is answered truly and in its own field: a verification that this client cannot do is NOT_IMPLEMENTED, a stack trace is
 * what a process with one thread can tell. A request to resolve an orphaned transaction has no negative answer in the protocol; without EndTransaction the
 * server asks again or asks another producer.
 *
 * @param report what the client can say about itself, for the stack trace
 */
export function serverRequest(command: TelemetryCommand['command'], report: () => string): ServerRequest {
  if (command === undefined) return { kind: 'ignore', why: 'the command is empty or unknown to this version' }
  switch (command.case) {
    case 'printThreadStackTraceCommand': {
      const { nonce } = command.value
      return {
        kind: 'answer',
        command: { status: { code: 'OK' }, command: { case: 'threadStackTrace', value: { nonce, threadStackTrace: report() } } },
      }
    }
    case 'verifyMessageCommand': {
      const { nonce } = command.value
      return {
        kind: 'answer',
        command: {
          status: { code: 'NOT_IMPLEMENTED', message: 'this client does not run its handler on request' },
          command: { case: 'verifyMessageResult', value: { nonce } },
        },
      }
    }
    case 'reconnectEndpointsCommand':
      return { kind: 'reconnect' }
    case 'recoverOrphanedTransactionCommand':
      return { kind: 'ignore', why: 'this client makes no transactions, so it cannot resolve one' }
    case 'notifyUnsubscribeLiteCommand':
      return { kind: 'ignore', why: 'this client has no lite subscriptions' }
    default:
      return { kind: 'ignore', why: `${command.case} is an answer, not a request` }
  }
}
