import { encodeMessage, viewMessage } from '@feathermq/protocol'
import type { StoredMessage } from '../../log/message-log.ts'
import { stored } from '../../log/test-kit/stored.ts'

export interface Contents {
  readonly tag?: string | undefined
  readonly keys?: readonly string[] | undefined
  readonly properties?: Readonly<Record<string, string>> | undefined
}

/** A message as admission would store it, with what filters look at. */
export function messageWith({ tag, keys, properties = {} }: Contents): StoredMessage {
  const userProperties = new Map(Object.entries(properties))
  const systemProperties = { messageId: 'm', tag, keys }
  return storedAs(encodeMessage({ topic: { name: 'orders' }, userProperties, systemProperties, body: Buffer.from('body') }), tag)
}

/** A message that is stored in exactly these bytes. */
export function storedAs(encoded: Uint8Array, tag?: string): StoredMessage {
  const bytes = new Uint8Array(encoded)
  const { systemPropertiesStart, systemPropertiesEnd, bodyStart, bodyEnd } = viewMessage(bytes)
  return stored({ topic: 'orders', messageId: 'm', tag, bytes, systemPropertiesStart, systemPropertiesEnd, bodyStart, bodyEnd })
}
