import { header, lowerFirst } from './names.ts'
import type { Rpc, Schema } from './schema.ts'

function emitService(service: string, rpcs: readonly Rpc[]): string {
  const methods = rpcs.filter((rpc) => rpc.service === service)
  const lines = methods.map(
    (rpc) =>
      `${rpc.comment === undefined ? '' : `  /** ${rpc.comment} */\n`}  ${lowerFirst(rpc.name)}: { path: '${rpc.path}', kind: '${rpc.kind}' },`,
  )
  const types = methods.map((rpc) => `  readonly ${lowerFirst(rpc.name)}: { readonly path: '${rpc.path}'; readonly kind: '${rpc.kind}' }`)
  const name = service === 'Admin' ? 'adminService' : 'messagingService'
  return `/** Methods of apache.rocketmq.v2.${service}. */\nexport const ${name}: {\n${types.join('\n')}\n} = {\n${lines.join('\n')}\n}\n`
}

export function emitMethods(schema: Schema): string {
  const services = [...new Set(schema.rpcs.map((rpc) => rpc.service))]
  return `${header('rocketmq/v2/*.proto')}\n\n${services.map((service) => emitService(service, schema.rpcs)).join('\n')}`
}
