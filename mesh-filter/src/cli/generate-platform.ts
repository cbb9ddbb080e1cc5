import { readFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { stringify } from 'yaml'
import type { MeshConfig } from '../config/model.ts'
import { filterFile } from '../manifests/filter-file.ts'
import type { JsonObject } from '../manifests/json.ts'
import { generateEnvoyGateway } from '../manifests/platforms/envoy-gateway.ts'
import { generateIstio } from '../manifests/platforms/istio.ts'
import { generateKuma } from '../manifests/platforms/kuma.ts'
import type { PlatformOptions } from '../manifests/platforms/parts.ts'
import { explained } from './bootstrap-options.ts'
import { loadConfigFile } from './config-file.ts'
import { type Output, writeResult } from './output.ts'

interface Flags {
  readonly config: string
  readonly name?: string
  readonly namespace?: string
  readonly wasm?: string
  readonly rejectListener?: string
  readonly selector?: Readonly<Record<string, string>>
  readonly port: number
  readonly mesh?: string
  readonly gateway: string
  readonly listener: string
  readonly output?: string
}

/** `KEY=VALUE`, given once per label. */
function collectLabel(text: string, found: Record<string, string> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? []
  if (key === undefined || value === undefined) throw new InvalidArgumentError('write LABEL=VALUE, for example app=payments')
  return { ...found, [key]: value }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('write a port, for example 8081')
  return port
}

type Make = (config: MeshConfig, options: PlatformOptions, flags: Flags) => JsonObject

function addPlatform(generate: Command, output: Output, name: string, description: string, make: Make): Command {
  return generate
    .command(name)
    .description(`${description} (validated, not run there)`)
    .requiredOption('--config <file>', 'configuration of the filter (JSON)')
    .option('--name <name>', 'name of the manifest (default: feathermq-mesh-<name of the configuration>)')
    .option('--namespace <namespace>', 'its namespace')
    .option('--wasm <file>', 'the filter on the machine of the proxy (default: in the manifest)')
    .option('--reject-listener <address>', 'HOST:PORT on the loopback of the proxy for native refusals (default: 127.0.0.1:14023)')
    .option('-o, --output <file>', 'where to write it (default: stdout)')
    .action(async (flags: Flags) => {
      const config = await loadConfigFile(flags.config, output)
      if (config === undefined) return
      await explained(output, async () => {
        const wasm = flags.wasm === undefined ? { inline: await readFile(filterFile) } : { file: flags.wasm }
        const { name: title, namespace, rejectListener } = flags
        const manifest = make(config, { name: title, namespace, rejectListener, wasm }, flags)
        await writeResult(stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false }), flags.output, output)
      })
    })
}

export function addGeneratePlatforms(generate: Command, output: Output): void {
  addPlatform(generate, output, 'istio', 'Write an EnvoyFilter for Istio', (config, options, { selector, port }) =>
    generateIstio(config, { ...options, selector, port }),
  )
    .requiredOption('--port <port>', 'port that clients dial, or on which brokers listen', portOf)
    .option('--selector <label=value>', 'labels of the pods, once per label', collectLabel)
  addPlatform(generate, output, 'kuma', 'Write a MeshProxyPatch for Kuma', (config, options, { selector, mesh }) =>
    generateKuma(config, { ...options, selector, mesh }),
  )
    .option('--mesh <mesh>', 'the mesh', 'default')
    .option('--selector <label=value>', 'labels of the data planes, once per label', collectLabel)
  addPlatform(generate, output, 'envoy-gateway', 'Write an EnvoyPatchPolicy for Envoy Gateway', (config, options, { gateway, listener }) =>
    generateEnvoyGateway(config, { ...options, gateway, listener }),
  )
    .requiredOption('--gateway <name>', 'the Gateway')
    .requiredOption('--listener <name>', 'its listener')
}
