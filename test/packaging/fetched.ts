import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fetched, MissingPeer, madeOnce, pinned, sizeOf } from '../interop/support/runtime.ts'
import { root } from '../support/repository.ts'

/** Packages of npm that are installed once into `.cache/packaging/`, by alias; no script of theirs runs. Returns their `node_modules`. */
export async function installedOnce(
  name: string,
  what: string,
  packages: Readonly<Record<string, string>>,
  tidy: (modules: string) => void = () => {},
): Promise<string> {
  const wanted = Object.entries(packages).map(([alias, spec]) => `${alias}@${spec}`)
  const folder = await madeOnce('packaging', name, wanted, async (unfinished) => {
    console.log(`    Fetching ${what} once, into .cache/packaging/`)
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--loglevel=error']
    await fetched(`Fetching ${what} with npm`, 'npm', ['install', '--prefix', unfinished, ...options, ...wanted])
    tidy(join(unfinished, 'node_modules'))
    console.log(`    That takes ${sizeOf(unfinished)} there`)
  })
  return join(folder, 'node_modules')
}

/** A TypeScript compiler: its line, and the program that Node runs. */
export interface Compiler {
  readonly line: string
  readonly program: string
}

const olderCompilers = ['5.8', '5.9', '6.0'] as const

/** The last four lines of TypeScript; the newest is the one that builds the project. */
export const compilerLines: readonly string[] = [...olderCompilers, '7.0']

export async function compilers(): Promise<readonly Compiler[]> {
  const packages = Object.fromEntries(olderCompilers.map((line) => [`typescript-${line}`, `npm:typescript@${pinned(`typescript ${line}`)}`]))
  const modules = await installedOnce('compilers', `TypeScript ${olderCompilers.join(', ')} (about 70 MB)`, packages)
  return compilerLines.map((line) => ({
    line,
    program: join(line === '7.0' ? join(root, 'node_modules/typescript') : join(modules, `typescript-${line}`), 'bin/tsc'),
  }))
}

/** Majors of Node that are supported beside the one that runs the tests. */
const nodeMajors = ['20', '22', '24'] as const
export type NodeMajor = (typeof nodeMajors)[number]

/** The program `node` of each supported major: our own, and the rest from npm. */
export async function nodes(): Promise<ReadonlyMap<NodeMajor, string>> {
  const [own = ''] = process.versions.node.split('.')
  const others = nodeMajors.filter((major) => major !== own)
  const platform = `${process.platform}-${process.arch}`
  if (!/^linux-(x64|arm64)$/.test(platform)) throw new MissingPeer(`npm has no Node of these versions for ${platform}.`)
  const packages = Object.fromEntries(others.map((major) => [`node-${major}`, `npm:node-${platform}@${pinned(`node ${major}`)}`]))
  const modules = await installedOnce('nodes', `Node ${others.join(' and ')} (about 130 MB each)`, packages, (folder) => {
    for (const major of others)
      for (const extra of ['include', 'share']) rmSync(join(folder, `node-${major}`, extra), { recursive: true, force: true })
  })
  return new Map(nodeMajors.map((major) => [major, major === own ? process.execPath : join(modules, `node-${major}`, 'bin/node')]))
}

/** The line of the OpenTelemetry SDK that needs Node 22; the older one is a dependency of the project. */
export function telemetry3(): Promise<string> {
  const version = pinned('@opentelemetry/sdk-node 3.x')
  return installedOnce('telemetry', `the OpenTelemetry SDK ${version}, which is of the 3.x line (about 40 MB)`, {
    '@opentelemetry/sdk-node': version,
    '@opentelemetry/api': '^1.10.0',
  })
}
