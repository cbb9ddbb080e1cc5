import { readFileSync } from 'node:fs'
import { transportNames } from '@feathermq/transport'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { DataError } from '../data/data-directory.ts'
import { logLevels } from '../logging/line-logger.ts'
import { OptionError } from '../options.ts'
import { AdminError } from './admin-client.ts'
import { addLogCommands } from './log-commands.ts'
import { type Output, processOutput } from './output.ts'
import { addResourceCommands } from './resources.ts'
import { serve } from './serve.ts'

const version = (): string => (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return Number(text)
}

/** The command line of `feathermq`. Ends with code 1 when something failed, 2 when an option is wrong. */
export async function main(argv: readonly string[], output: Output = processOutput): Promise<void> {
  const program = new Command('feathermq')
    .description('A RocketMQ 5 broker in one command.')
    .version(version())
    .showHelpAfterError('(feathermq --help lists all commands)')
    // Before the commands, which inherit it.
    .exitOverride()
    .configureOutput({ writeOut: output.out, writeErr: output.err })
  program
    .command('serve', { isDefault: true })
    .description('run a broker until Ctrl-C')
    .option('--name <name>', 'name in routes and receipt handles (default: feathermq)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <port>', 'gRPC port, 0 for a free one (default: 8081)', port)
    .option('--http-port <port>', 'port of health, metrics and the admin API, 0 for a free one (default: 8082)', port)
    .option('--advertise <host:port>', 'what clients are told to dial (default: what they dialled)')
    .option('--data <directory>', 'keep messages, topics and groups on disk there (default: all in memory)')
    .option('--flush <when>', 'with --data: commit, os, or how late, e.g. 100ms (default: commit)')
    .option('--retention-time <duration>', 'with --data: how long messages are kept (default: 72h)')
    .option('--retention-size <size>', 'with --data: how much is kept, e.g. 10GiB (default: no bound)')
    .option('--auto-create', 'make topics and groups when they are first used (default without --data)')
    .option('--no-auto-create', 'do not (default with --data)')
    .option('--max-memory <size>', 'memory for messages, e.g. 512MiB (default: 512MiB)')
    .option('--max-delay <duration>', 'farthest delivery time from now (default: 1d)')
    .addOption(
      new Option('--transport <name>', 'what carries gRPC; grpc-js needs the package @grpc/grpc-js (default: http2)').choices(transportNames),
    )
    .option('--tls-cert <file>', 'certificate chain, PEM; needs --tls-key')
    .option('--tls-key <file>', 'private key, PEM; SIGHUP reads both files again')
    .option('--tls-self-signed', 'TLS by a certificate made for this run, and plaintext on the same port')
    .option('--config <file>', 'options from a JSON or YAML file; flags win')
    .option('--json', 'print one line of JSON when ready, and write the log as JSON')
    .addOption(new Option('--log-level <level>', 'what is written to stderr as it happens (default: info)').choices(logLevels))
    .addHelpText('after', '\nExample:\n  feathermq serve --port 0 --json')
    // What comes here as an argument is a command that is not there, for this one is run when none is named.
    .allowExcessArguments()
    .action((options: Parameters<typeof serve>[0], command: Command) => {
      const [unknown] = command.args
      if (unknown !== undefined) command.error(`error: unknown command '${unknown}'`)
      return serve(options, version(), output)
    })
  addResourceCommands(program, output)
  addLogCommands(program, output)
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has said what is wrong; with code 0 it was asked for help or for its version.
      if (error.exitCode !== 0) output.fail(2)
      return
    }
    if (!(error instanceof OptionError || error instanceof AdminError || error instanceof DataError)) throw error
    output.err(`feathermq: ${error.message}\n`)
    output.fail(error instanceof OptionError ? 2 : 1)
  }
}
