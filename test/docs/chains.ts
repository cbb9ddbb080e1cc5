import type { Block, Directive } from './fenced-blocks.ts'

/** A run of lines of a program, and where in the Markdown file the first of them stands. */
export interface Segment {
  readonly code: string
  readonly line: number
}

export type Runner = 'ts' | 'js' | 'sh'

/** Blocks that make one program: the first, and those that say `continues`. */
export interface Chain {
  readonly runner: Runner
  /** Line of the first block. */
  readonly line: number
  readonly segments: readonly Segment[]
  /** Whether a broker of its own runs beside it, at the address that the text names. */
  readonly broker: boolean
  /** `types`: checked but not run. */
  readonly mode: 'run' | 'types'
  readonly reason: string | undefined
}

/** What a file's blocks ask of the test. */
export interface Plan {
  readonly chains: readonly Chain[]
  /** Blocks to parse only. */
  readonly data: readonly { readonly block: Block; readonly format: 'json' | 'yaml' }[]
  /** Blocks to write into the folder in which the file's programs run. */
  readonly files: readonly { readonly name: string; readonly block: Block }[]
  readonly skipped: readonly { readonly block: Block; readonly reason: string }[]
  /** Things that make the file itself wrong, as sentences. */
  readonly faults: readonly string[]
}

const runners: Readonly<Record<string, Runner>> = { ts: 'ts', typescript: 'ts', js: 'js', javascript: 'js', sh: 'sh', bash: 'sh', shell: 'sh' }
const formats: Readonly<Record<string, 'json' | 'yaml'>> = { json: 'json', yaml: 'yaml', yml: 'yaml' }
/** Nothing in them can be run or parsed here. `text` is what commands print. */
const inert = new Set(['text', 'mermaid', 'md', 'markdown', 'http', 'promql', 'protobuf', 'proto', 'diff'])

/** Where the documentation's broker listens: the defaults of `feathermq serve`. */
export const grpcAddress: RegExp = /\b(?:127\.0\.0\.1|localhost):8081\b/g
export const httpAddress: RegExp = /\b(?:127\.0\.0\.1|localhost):8082\b/g
/** Commands that look for a broker at its default address. */
const asksBroker = /(?:^|[\n|&;]\s*)feathermq (?:topic|group|send|receive|tail|peek|seek|doctor|bench)\b/

function find<Kind extends Directive['kind']>(block: Block, kind: Kind): Extract<Directive, { kind: Kind }> | undefined {
  return block.directives.find((directive): directive is Extract<Directive, { kind: Kind }> => directive.kind === kind)
}

function segments(block: Block): Segment[] {
  const setup = find(block, 'setup')
  const teardown = find(block, 'teardown')
  return [...(setup === undefined ? [] : [setup]), block, ...(teardown === undefined ? [] : [teardown])].map(({ code, line }) => ({ code, line }))
}

function needsBroker(block: Block): boolean {
  const text = segments(block)
    .map(({ code }) => code)
    .join('\n')
  return (
    find(block, 'needs broker') !== undefined || text.search(grpcAddress) !== -1 || text.search(httpAddress) !== -1 || asksBroker.test(block.code)
  )
}

export function plan(blocks: readonly Block[]): Plan {
  const chains: Chain[] = []
  const data: { block: Block; format: 'json' | 'yaml' }[] = []
  const files: { name: string; block: Block }[] = []
  const skipped: { block: Block; reason: string }[] = []
  const faults: string[] = []

  for (const block of blocks) {
    const file = find(block, 'file')
    if (file !== undefined) files.push({ name: file.name, block })
    const notRun = find(block, 'not run')
    if (notRun !== undefined) {
      skipped.push({ block, reason: notRun.reason })
      continue
    }
    const format = formats[block.language]
    if (format !== undefined) {
      data.push({ block, format })
      continue
    }
    const runner = runners[block.language]
    if (runner === undefined) {
      if (!inert.has(block.language) && file === undefined) {
        faults.push(`line ${block.line - 1}: no way is known to test a block of language "${block.language}"; "text" is for what programs print`)
      }
      continue
    }
    if (file !== undefined) continue
    const typesOnly = find(block, 'types only')
    const chain: Chain = {
      runner,
      line: block.line,
      segments: segments(block),
      broker: needsBroker(block),
      mode: typesOnly === undefined ? 'run' : 'types',
      reason: typesOnly?.reason,
    }
    if (find(block, 'continues') === undefined) {
      chains.push(chain)
      continue
    }
    const before = chains.findLastIndex((earlier) => earlier.runner === runner)
    const first = chains[before]
    if (first === undefined) faults.push(`line ${block.line - 1}: "continues" has no ${runner} block to go on from`)
    else chains[before] = { ...first, segments: [...first.segments, ...chain.segments], broker: first.broker || chain.broker }
  }
  return { chains, data, files, skipped, faults }
}

/** A program made of segments, and the way back from its lines to those of the Markdown file. */
export function assemble(parts: readonly Segment[]): { readonly text: string; lineOf(programLine: number): number } {
  const origin: number[] = []
  const lines: string[] = []
  for (const { code, line } of parts) {
    const own = code.replace(/\n$/, '').split('\n')
    own.forEach((text, index) => {
      lines.push(text)
      origin.push(line + index)
    })
  }
  return { text: `${lines.join('\n')}\n`, lineOf: (programLine) => origin[programLine - 1] ?? 0 }
}
