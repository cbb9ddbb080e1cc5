import type { Command } from 'commander'
import { generateFilter } from '../manifests/envoy.ts'
import { explained } from './bootstrap-options.ts'
import { loadConfigFile } from './config-file.ts'
import { type Output, writeResult } from './output.ts'
import { wasmSource } from './wasm-source.ts'

interface Flags {
  readonly config: string
  readonly wasm?: string
  readonly output?: string
}

export function addGenerateFilter(generate: Command, output: Output): void {
  generate
    .command('filter')
    .description('Write the file that "generate envoy --filter-file" names: a running Envoy takes the new configuration from it')
    .requiredOption('--config <file>', 'configuration of the filter (JSON)')
    .option('--wasm <file>', 'the filter on the machine of Envoy, or "inline" to put it into the file (default: the file of this package)')
    .option('-o, --output <file>', 'where to write it; moved into place, as Envoy wants it (default: stdout)')
    .action(async (flags: Flags) => {
      const config = await loadConfigFile(flags.config, output)
      if (config === undefined) return
      await explained(output, async () => {
        const text = JSON.stringify(generateFilter(config, { wasm: await wasmSource(flags.wasm, output) }), null, 2)
        await writeResult(`${text}\n`, flags.output, output)
      })
    })
}
