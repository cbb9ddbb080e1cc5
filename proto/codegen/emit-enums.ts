import { nameFunction, numberFunction } from './emit-messages.ts'
import type { EnumType, Rpc, Schema } from './schema.ts'

function emitEnum(type: EnumType): string {
  const { name, values } = type
  const names = values.map((value) => `'${value.name}'`)
  const table = `${name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`
  // A switch over small dense numbers and a lookup of constant keys: both are what V8 is best at.
  return `/** Values of the enum ${name}; a number stands for a value that this build does not know. */
export type ${name} =
  | ${names.join('\n  | ')}

const ${table}_NUMBERS: Readonly<Record<${name}, number>> = {
${values.map((value) => `  ${value.name}: ${value.number},`).join('\n')}
}

/** The number of a ${name}; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function ${numberFunction(name)}(value: ${name} | number): number {
  if (typeof value === 'number') return value
  const known = ${table}_NUMBERS[value]
  if (known === undefined) throw new TypeError(\`\${value} is no value of the enum ${name}\`)
  return known
}

/** The name of a ${name}, or the number itself when this build does not know it. */
export function ${nameFunction(name)}(number: number): ${name} | number {
  switch (number) {
${values.map((value) => `    case ${value.number}:\n      return '${value.name}'`).join('\n')}
    default:
      return number
  }
}

/** All values of ${name} with their numbers. */
export const ${nameFunction(name)}s: readonly (readonly [name: ${name}, number: number])[] = [
${values.map((value) => `  ['${value.name}', ${value.number}],`).join('\n')}
]
`
}

export function emitEnums(schema: Schema): string {
  return `// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.\n\n${schema.enums.map(emitEnum).join('\n')}`
}

const lower = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`

function emitService(service: string, rpcs: readonly Rpc[]): string {
  const methods = rpcs.filter((rpc) => rpc.service === service)
  const lines = methods.map(
    (rpc) => `${rpc.comment === undefined ? '' : `  /** ${rpc.comment} */\n`}  ${lower(rpc.name)}: { path: '${rpc.path}', kind: '${rpc.kind}' },`,
  )
  const types = methods.map((rpc) => `  readonly ${lower(rpc.name)}: { readonly path: '${rpc.path}'; readonly kind: '${rpc.kind}' }`)
  const name = service === 'Admin' ? 'adminService' : 'messagingService'
  return `/** Methods of apache.rocketmq.v2.${service}. */\nexport const ${name}: {\n${types.join('\n')}\n} = {\n${lines.join('\n')}\n}\n`
}

export function emitMethods(schema: Schema): string {
  const services = [...new Set(schema.rpcs.map((rpc) => rpc.service))]
  return `// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.\n\n${services.map((service) => emitService(service, schema.rpcs)).join('\n')}`
}

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
  const lines = [`// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.`]
  for (const message of schema.messages) {
    if (!reachable.has(message.name) || message.fields.length === 0) continue
    lines.push('')
    for (const field of message.fields) lines.push(`export const ${shout(message.name)}_${field.wireName.toUpperCase()}: u32 = ${field.number};`)
  }
  return `${lines.join('\n')}\n`
}
