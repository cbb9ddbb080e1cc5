import { header } from './names.ts'
import type { Schema } from './schema.ts'

const shout = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()

/** Field numbers for the filter: AssemblyScript constants of everything that MessagingService can carry. */
export function emitFilterFields(schema: Schema): string {
  const reachable = new Set<string>()
  const byName = new Map(schema.messages.map((message) => [message.name, message]))
  const visit = (name: string): void => {
    const message = byName.get(name)
    if (message === undefined || reachable.has(name)) return
    reachable.add(name)
    for (const field of message.fields) if (field.type.kind === 'message') visit(field.type.name)
  }
  for (const rpc of schema.rpcs) {
    if (rpc.service !== 'MessagingService') continue
    visit(rpc.request)
    visit(rpc.response)
  }
  const lines = [header('rocketmq/v2/*.proto')]
  for (const message of schema.messages) {
    if (!reachable.has(message.name) || message.fields.length === 0) continue
    lines.push('')
    for (const field of message.fields) lines.push(`export const ${shout(message.name)}_${field.wireName.toUpperCase()}: u32 = ${field.number};`)
  }
  return `${lines.join('\n')}\n`
}
