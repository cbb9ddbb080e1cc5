import { Command } from 'commander'
import { addGenerateEnvoy } from './generate-envoy.ts'
import { type Output, processOutput } from './output.ts'
import { addValidate } from './validate.ts'
import { packageVersion } from './version.ts'

/** The command line `feathermq-mesh`. */
export function createProgram(output: Output): Command {
  const program = new Command('feathermq-mesh')
    .description('Configuration for the FeatherMQ filter in Envoy: check it, and write the bootstrap that runs it.')
    .version(packageVersion())
    .showHelpAfterError('(add --help for the options)')
    .configureOutput({ writeOut: output.out, writeErr: output.err })
  addValidate(program, output)
  const generate = program.command('generate').description('Write manifests from a configuration')
  addGenerateEnvoy(generate, output)
  return program
}

/** Runs one command. Sets the exit code: 0 done, 1 refused or misused. */
export async function main(argv: readonly string[], output: Output = processOutput): Promise<void> {
  await createProgram(output).parseAsync([...argv])
}
