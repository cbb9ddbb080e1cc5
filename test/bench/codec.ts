import { readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start } from '../support/child.ts'
import { root } from '../support/repository.ts'
import type { Result } from './result.ts'

/** The codec against its peers: a programme of its own, because it needs the generator's sources, which no package exports. */
export async function codec(options: { readonly rounds: number; readonly iterations: number }): Promise<readonly Result[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'feathermq-bench-'))
  try {
    const file = join(scratch, 'codec.json')
    const source = ['--import', 'tsx', '--conditions=feathermq-source', join(root, 'proto/bench/codec.bench.ts')]
    const child = start(process.execPath, [...source, '--rounds', `${options.rounds}`, '--iterations', `${options.iterations}`, '--json', file], {
      timeout: 900_000,
    })
    await child.ended
    // Broken floors end it with an error as well; whoever asked for the figures looks at those himself.
    return JSON.parse(readFileSync(file, 'utf8')) as Result[]
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
