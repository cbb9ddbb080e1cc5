import { Command, CommanderError } from 'commander'
import { addDoctor } from './doctor.ts'
import { addGenerateEnvoy } from './generate-envoy.ts'
import { addGenerateFilter } from './generate-filter.ts'
import { addGeneratePlatforms } from './generate-platform.ts'
import { addInject, addUninject } from './inject.ts'
import { type Output, processOutput } from './output.ts'
import { addSchema } from './schema.ts'
import { addValidate } from './validate.ts'
import { packageVersion } from './version.ts'

function createProgram(output: Output): Command {
  const program = new Command('feathermq-mesh')
    .description('The FeatherMQ filter in Envoy: check a configuration, write what runs it, add it to workloads.')
    .version(packageVersion())
    .showHelpAfterError('(add --help for the options)')
    .exitOverride()
    .configureOutput({ writeOut: output.out, writeErr: output.err })
  addValidate(program, output)
  const generate = program.command('generate').description('Write manifests from a configuration')
  addGenerateEnvoy(generate, output)
  addGenerateFilter(generate, output)
  addGeneratePlatforms(generate, output)
  addInject(program, output)
  addUninject(program, output)
  addDoctor(program, output)
  addSchema(program, output)
  return program
}

/** Runs one command of `feathermq-mesh`. It fails (exit code 1) when the command line or a file it names is refused. */
export async function main(argv: readonly string[], output: Output = processOutput): Promise<void> {
  try {
    await createProgram(output).parseAsync([...argv])
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Commander has said what is wrong; help and version end here too, with code 0.
    if (error.exitCode !== 0) output.fail()
  }
}
