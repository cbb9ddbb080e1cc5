import { existsSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeEnd, start } from '../support/child.ts'
import { root } from '../support/repository.ts'
import type { Result } from './result.ts'

/** The codec against its peers: a programme of its own, because it needs the generator's sources, which no package exports. */
export function codec(options: { readonly rounds: number; readonly iterations: number }): Promise<readonly Result[]> {
  const numbers = ['--rounds', `${options.rounds}`, '--iterations', `${options.iterations}`]
  return resultsOf(['--conditions=feathermq-source', join(root, 'proto/bench/codec.bench.ts'), ...numbers])
}

/** The transport against its peers: a programme of its own, because it is about the transport alone. */
export function transport(options: { readonly rounds: number; readonly scale: number }): Promise<readonly Result[]> {
  return resultsOf([join(root, 'transport/bench/transport.bench.ts'), '--rounds', `${options.rounds}`, '--scale', `${options.scale}`])
}

/** Runs a benchmark of another folder, which tells how far it is on stderr and writes its results into a file. */
async function resultsOf(args: readonly string[]): Promise<readonly Result[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'feathermq-bench-'))
  try {
    const file = join(scratch, 'results.json')
    const child = start(process.execPath, ['--import', 'tsx', ...args, '--json', file], { timeout: 1_800_000 })
    child.process.stderr?.on('data', (text: string) => process.stdout.write(text.replace(/^(?=.)/gm, '  ')))
    const end = await child.ended
    // Broken floors end it with an error as well; whoever asked for the figures looks at those himself.
    if (!existsSync(file)) throw new Error(`${args.join(' ')} ${describeEnd(end)} without results.\n${end.stderr}`)
    return JSON.parse(readFileSync(file, 'utf8')) as Result[]
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
