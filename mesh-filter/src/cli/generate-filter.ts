import { rename, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { generateFilter } from '../manifests/envoy.ts'
import { loadConfigFile } from './config-file.ts'
import type { Output } from './output.ts'
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
      const text = `${JSON.stringify(generateFilter(config, { wasm: await wasmSource(flags.wasm, output) }), null, 2)}\n`
      if (flags.output === undefined) {
        output.out(text)
        return
      }
      try {
        // Envoy reads the file when something is moved to its place, and must never see half of it.
        await writeFile(`${flags.output}.new`, text)
        await rename(`${flags.output}.new`, flags.output)
      } catch (error) {
        output.err(`error: ${error instanceof Error ? error.message : String(error)}\n`)
        output.fail()
      }
    })
}
