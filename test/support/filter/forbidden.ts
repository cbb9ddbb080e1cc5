import type { MeshConfig } from '@feathermq/mesh-filter'
import { oracleFacts, oracleMessages } from './oracle.ts'

/** Rules that have something against a part of the odd requests. */
export const forbidding = {
  acl: {
    identity: 'peer',
    rules: [
      { name: 'no-payments', effect: 'deny', when: { topic: 'payments' } },
      { name: 'no-created', effect: 'deny', when: { op: 'send', tag: 'created' }, unless: { peer: 'spiffe://x/*' } },
      { name: 'no-billing', effect: 'deny', when: { group: 'orders' } },
      { name: 'maybe', effect: 'deny', when: { broker: '*' }, shadow: true },
    ],
  },
  policy: [{ name: 'small', when: { op: 'send' }, maxBodyBytes: 60, maxProperties: 3, maxKeys: 2, maxDelay: '7d' }],
} as const satisfies Partial<MeshConfig>

/** Whether a broker that reads as protobufjs does would see something that these rules forbid. */
export function isForbidden(method: string, bytes: Buffer): boolean {
  if (method === 'SendMessage') {
    return (oracleMessages(bytes) ?? []).some(({ topic, tag, bodyBytes }) => topic === 'payments' || tag === 'created' || bodyBytes > 60)
  }
  const facts = oracleFacts(method, bytes)
  return facts !== undefined && (facts.topic === 'payments' || facts.group === 'orders')
}
