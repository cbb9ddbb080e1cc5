import type { Code, TelemetryCommand, TelemetryCommandInit } from '@feathermq/protocol'
import type { ReceivedFields } from '../message/received.ts'
import { receivedFields } from './received-message.ts'

/** What the server may ask for on a telemetry stream, apart from settings. */
export type ServerRequest =
  /** Answer at once with these bytes' worth. */
  | { readonly kind: 'answer'; readonly command: TelemetryCommandInit }
  | { readonly kind: 'reconnect' }
  /** Run the handler for a message and tell how that went, by {@link verified}. */
  | { readonly kind: 'verify'; readonly nonce: string; readonly message: ReceivedFields }
  /** Say what became of a transaction: by EndTransaction, or not at all while that is unknown. */
  | { readonly kind: 'recover'; readonly transactionId: string; readonly message: ReceivedFields }
  /** Nothing can be answered; the text says what was left undone. */
  | { readonly kind: 'ignore'; readonly why: string }

/** How the handler did with a message that the server wanted to be verified. */
export interface Verification {
  readonly code: Extract<Code, 'OK' | 'FAILED_TO_CONSUME_MESSAGE' | 'MESSAGE_CORRUPTED' | 'NOT_IMPLEMENTED'>
  readonly message: string
}

/** What of the requests this client can do. */
export interface Abilities {
  /** It has a handler. */
  readonly verify: boolean
  /** It sends messages. */
  readonly recover: boolean
  /** What it can say about itself, for the stack trace. */
  report(): string
}

/**
 * What becomes of a command. Each is answered truly and in its own field: a stack trace is what a process with one thread can tell, and what this client
 * cannot do is NOT_IMPLEMENTED. A request to resolve an orphaned transaction has no negative answer in the protocol; without EndTransaction the server asks
 * again or asks another producer. The command about lite topics has no answer of its own, so that its refusal is the status alone.
 */
export function serverRequest({ command }: TelemetryCommand, able: Abilities): ServerRequest {
  if (command === undefined) return { kind: 'ignore', why: 'the command is empty or unknown to this version' }
  switch (command.case) {
    case 'printThreadStackTraceCommand': {
      const { nonce } = command.value
      const value = { nonce, threadStackTrace: able.report() }
      return { kind: 'answer', command: { status: { code: 'OK' }, command: { case: 'threadStackTrace', value } } }
    }
    case 'verifyMessageCommand': {
      const { nonce, message } = command.value
      if (!able.verify) return { kind: 'answer', command: verified(nonce, { code: 'NOT_IMPLEMENTED', message: 'this client has no handler to run' }) }
      if (message === undefined) return { kind: 'answer', command: verified(nonce, { code: 'MESSAGE_CORRUPTED', message: 'there is no message' }) }
      return { kind: 'verify', nonce, message: receivedFields(message, '', message.body.length) }
    }
    case 'reconnectEndpointsCommand':
      return { kind: 'reconnect' }
    case 'recoverOrphanedTransactionCommand': {
      const { message, transactionId } = command.value
      if (!able.recover) return { kind: 'ignore', why: 'this client sends no messages, so it cannot resolve a transaction' }
      if (message === undefined || transactionId === '') return { kind: 'ignore', why: 'the transaction to resolve has no message or no id' }
      return { kind: 'recover', transactionId, message: receivedFields(message, '', message.body.length) }
    }
    case 'notifyUnsubscribeLiteCommand':
      return { kind: 'answer', command: { status: { code: 'NOT_IMPLEMENTED', message: 'this client has no lite subscriptions' } } }
    default:
      return { kind: 'ignore', why: `${command.case} is an answer, not a request` }
  }
}

/** The answer to a request to verify a message. */
export function verified(nonce: string, { code, message }: Verification): TelemetryCommandInit {
  return { status: { code, message }, command: { case: 'verifyMessageResult', value: { nonce } } }
}
