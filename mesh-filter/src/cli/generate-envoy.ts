import { type Command, Option } from 'commander'
import { generateEnvoy } from '../manifests/envoy.ts'
import { renderEnvoy } from '../manifests/render.ts'
import { addBootstrapOptions, type BootstrapFlags, bootstrapOptions, explained } from './bootstrap-options.ts'
import { loadConfigFile } from './config-file.ts'
import { type Output, writeResult } from './output.ts'
import { wasmSource } from './wasm-source.ts'

interface Flags extends BootstrapFlags {
  readonly config: string
  readonly wasm?: string
  readonly filterFile?: string
  readonly probe?: string
  readonly format: 'yaml' | 'json'
  readonly output?: string
}

export function addGenerateEnvoy(generate: Command, output: Output): void {
  addBootstrapOptions(generate.command('envoy').description('Write the whole bootstrap of a stock Envoy that runs the filter'))
    .option('--wasm <file>', 'the filter on the machine of Envoy, or "inline" to put it into the manifest (default: the file of this package)')
    .option('--filter-file <path>', 'absolute path from which Envoy takes the filter, and new configurations while it runs; see "generate filter"')
    .option('--probe <address>', 'where /ready and /stats/prometheus may be asked from outside')
    .addOption(new Option('--format <format>', 'how to write it').choices(['yaml', 'json']).default('yaml'))
    .option('-o, --output <file>', 'where to write it (default: stdout)')
    .action((flags: Flags) => run(flags, output))
}

async function run(flags: Flags, output: Output): Promise<void> {
  const config = await loadConfigFile(flags.config, output)
  if (config === undefined) return
  await explained(output, async () => {
    const { filterFile, probe } = flags
    const bootstrap = generateEnvoy(config, { ...bootstrapOptions(flags), wasm: await wasmSource(flags.wasm, output), filterFile, probe })
    const text = renderEnvoy(bootstrap, flags.format, `Written by feathermq-mesh generate envoy from configuration "${config.name}".`)
    await writeResult(text, flags.output, output)
  })
}
