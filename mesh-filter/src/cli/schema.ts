import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { schemaUrl } from '../config/validate.ts'
import { explained } from './bootstrap-options.ts'
import { type Output, writeResult } from './output.ts'

export function addSchema(program: Command, output: Output): void {
  program
    .command('schema')
    .description('Write the JSON schema of the configuration, for editors and other validators')
    .option('-o, --output <file>', 'where to write it (default: stdout)')
    .action(async (flags: { readonly output?: string }) => {
      await explained(output, async () => writeResult(await readFile(schemaUrl, 'utf8'), flags.output, output))
    })
}
