import { chmodSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type BrokerProcess, brokerCommand, startBrokerProcess } from '../support/broker-process.ts'
import { describeEnd, run } from '../support/child.ts'
import { bin, root } from '../support/repository.ts'
import { assemble, type Chain, grpcAddress, httpAddress } from './chains.ts'
import { takeApart } from './shell.ts'

/** Longest time a documented program may take, ms: a bound against hanging, generous because machines are shared. */
const patience = 30_000

/** Writes `feathermq` and `feathermq-mesh` into a folder, as an installation would. */
export function writeCommands(folder: string): void {
  const commands = { feathermq: 'broker-stub/bin/feathermq.js', 'feathermq-mesh': 'mesh-filter/bin/feathermq-mesh.js' }
  for (const [name, script] of Object.entries(commands)) {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${join(root, script)}" "$@"\n`)
    chmodSync(path, 0o755)
  }
}

/** What runs `file`: tests run under mocha, all else by itself. */
function interpreter(chain: Chain, file: string, text: string): readonly [command: string, args: readonly string[]] {
  if (chain.runner === 'sh') return ['bash', ['-euo', 'pipefail', file]]
  if (/from ['"]mocha['"]/.test(text)) return [bin('mocha'), ['--no-config', '--node-option', 'import=tsx', file]]
  return [process.execPath, chain.runner === 'ts' ? ['--import', 'tsx', file] : [file]]
}

/**
 * Runs a documented program in `folder`, beside a broker of its own when it wants one: the program's own `feathermq serve` line, or one started for it.
 * @throws an Error that quotes the output unless it ended by itself with code 0.
 */
export async function runProgram(chain: Chain, folder: string, name: string, commands: string): Promise<void> {
  const whole = assemble(chain.segments).text
  const shell = chain.runner === 'sh' ? takeApart(whole) : undefined
  if (shell !== undefined && shell.foreign.length > 0) {
    throw new Error(`The test runs no "${shell.foreign.join('", "')}". Say <!-- snippet: not run: REASON --> above the block.`)
  }
  const { PATH = '' } = process.env
  const env = { PATH: `${commands}${delimiter}${PATH}`, npm_config_offline: 'true' }
  let broker: BrokerProcess | undefined
  if (shell?.server !== undefined) {
    // Of an option that is given twice the last counts, so the line runs as written but for its ports.
    broker = await startBrokerProcess(['bash', ['-c', `exec ${shell.server} --port 0 --http-port 0 --json`]], { cwd: folder, env })
  } else if (chain.broker) {
    broker = await startBrokerProcess(brokerCommand(), { cwd: folder })
  }
  try {
    const text = (shell?.rest ?? whole).replaceAll(grpcAddress, broker?.grpc ?? '$&').replaceAll(httpAddress, broker?.http ?? '$&')
    const file = join(folder, `${name}.${chain.runner}`)
    writeFileSync(file, text)
    const [command, args] = interpreter(chain, file, text)
    const end = await run(command, args, {
      cwd: folder,
      timeout: patience,
      env: broker === undefined ? env : { ...env, FEATHERMQ_ENDPOINTS: broker.grpc, FEATHERMQ_ADMIN: broker.http },
    })
    if (end.code !== 0) {
      const advice = end.late ? ' A program that runs until it is stopped needs a "setup" or "teardown" that stops it (test/README.md).' : ''
      throw new Error(`The program ${describeEnd(end)}.${advice}\n${end.stdout}${end.stderr}`)
    }
  } finally {
    await broker?.stop()
  }
}
