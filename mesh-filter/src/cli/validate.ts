import type { Command } from 'commander'
import { loadConfigFile } from './config-file.ts'
import type { Output } from './output.ts'

export function addValidate(program: Command, output: Output): void {
  program
    .command('validate')
    .description('Check a configuration and say what is wrong, where, and why')
    .requiredOption('--config <file>', 'configuration of the filter (JSON)')
    .action(async ({ config: file }: { config: string }) => {
      const config = await loadConfigFile(file, output)
      if (config === undefined) return
      const routes = config.routes?.length ?? 0
      const clusters = config.clusters?.allow.length ?? 0
      output.out(
        `${file}: configuration "${config.name}" is valid (mode ${config.mode}, ${plural(routes, 'route')}, ${plural(clusters, 'cluster')})\n`,
      )
    })
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
