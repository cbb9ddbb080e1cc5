import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packAll } from '../packaging/tarballs.ts'
import { expectSuccess, run } from '../support/child.ts'
import type { Result } from './result.ts'
import { ratios, spread } from './statistics.ts'

interface Installed {
  readonly folder: string
  readonly packages: number
  readonly bytes: number
}

/** Starts of each package per round; a start is short, and one alone is mostly noise. */
const STARTS = 5

/** Installs into an empty project what a newcomer would name. */
async function install(folder: string, what: readonly string[]): Promise<Installed> {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'newcomer', private: true, type: 'module' }))
  const args = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...what]
  expectSuccess(`npm install ${what.join(' ')}`, await run('npm', args, { cwd: folder, timeout: 150_000 }))
  const lock: { readonly packages: object } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  const files = readdirSync(join(folder, 'node_modules'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const bytes = files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0)
  // The project itself is in the lockfile as well.
  return { folder, packages: Object.keys(lock.packages).length - 1, bytes }
}

interface Start {
  /** Ms of the import. */
  readonly time: number
  /** MiB in RAM that it adds to a bare Node. */
  readonly memory: number
}

async function importOnce(folder: string, name: string): Promise<Start> {
  const program = `
    const before = process.memoryUsage.rss()
    const start = performance.now()
    await import(${JSON.stringify(name)})
    const time = performance.now() - start
    console.log(JSON.stringify({ time, memory: (process.memoryUsage.rss() - before) / 2 ** 20 }))
    process.exit(0)`
  const end = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: folder, env: { HOME: folder } })
  expectSuccess(`importing ${name}`, end)
  return JSON.parse(end.stdout)
}

export interface FootprintOptions {
  readonly rounds: number
  /** Names in the table. */
  readonly ours: string
  readonly official: string
}

/** What the SDK costs before its first message, beside the official Node client: installed from tarballs as users have it. */
export async function footprint({ rounds, ours, official }: FootprintOptions): Promise<readonly Result[]> {
  const folders = ['ours', 'official', 'tarballs'].map((name) => mkdtempSync(join(tmpdir(), `feathermq-footprint-${name}-`)))
  const [forOurs = '', forOfficial = '', forTarballs = ''] = folders
  try {
    const tarballs = await packAll(forTarballs)
    const needed = (['proto', 'transport', 'sdk'] as const).map((name) => tarballs.get(name)?.path ?? '')
    const both = [
      { who: ours, name: '@feathermq/sdk', installed: await install(forOurs, needed), starts: [] as Start[] },
      {
        who: official,
        name: 'rocketmq-client-nodejs',
        installed: await install(forOfficial, ['rocketmq-client-nodejs@1.0.8']),
        starts: [] as Start[],
      },
    ]
    for (let round = 0; round < rounds * STARTS; round += 1) {
      for (const { installed, name, starts } of round % 2 === 0 ? both : [...both].reverse()) starts.push(await importOnce(installed.folder, name))
    }
    const result = (what: string, unit: string, valuesOf: (one: (typeof both)[number]) => readonly number[]): Result => {
      const [own, other] = both.map(valuesOf)
      return {
        what,
        unit,
        costs: both.map((one) => ({ who: one.who, cost: spread(valuesOf(one)) })),
        ratios: [{ peer: official, ratio: ratios(own ?? [], other ?? []), floor: 1 }],
      }
    }
    return [
      result('import', 'ms', ({ starts }) => starts.map(({ time }) => time)),
      result('memory that the import adds', 'MiB in RAM', ({ starts }) => starts.map(({ memory }) => memory)),
      result('installed', 'MB', ({ installed }) => [installed.bytes / 1e6]),
      result('packages, its own included', 'packages', ({ installed }) => [installed.packages]),
    ]
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}
