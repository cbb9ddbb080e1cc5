import type { TelemetryCommandInit } from '@feathermq/protocol'
import { decodeMessage, timestampFromMs } from '@feathermq/protocol'
import { digestType } from '../log/digest-type.ts'
import type { StoredMessage } from '../log/message-log.ts'

/** Asks a producer what became of a transaction: the whole message, with what a consumer would be told of it as well. */
export function orphanedTransaction(half: StoredMessage, transactionId: string, storeHost: string): TelemetryCommandInit {
  const message = decodeMessage(half.bytes)
  const system = message.systemProperties
  const systemProperties = {
    ...system,
    bodyDigest: { type: digestType(half.digest), checksum: half.digest },
    messageType: half.type,
    bornHost: half.bornHost === '' ? system?.bornHost : half.bornHost,
    storeTimestamp: timestampFromMs(half.storedAt),
    storeHost,
  } as const
  return { command: { case: 'recoverOrphanedTransactionCommand', value: { message: { ...message, systemProperties }, transactionId } } }
}
