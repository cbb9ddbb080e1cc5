import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../support/child.ts'
import { bin } from '../support/repository.ts'

export interface TypeFault {
  /** Relative to the folder checked. */
  readonly file: string
  readonly line: number
  readonly text: string
}

/** What a reader's project would have: strict, and our packages by their published surface (no `feathermq-source` condition). */
const configuration = {
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    moduleDetection: 'force',
    types: ['node', 'mocha'],
    strict: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  },
  include: ['**/*.ts'],
}

/** Type-checks all TypeScript files in a folder, in one run of the compiler. */
export async function typeFaults(folder: string): Promise<readonly TypeFault[]> {
  const project = join(folder, 'tsconfig.json')
  writeFileSync(project, JSON.stringify(configuration))
  const end = await run(bin('tsc'), ['--project', project, '--pretty', 'false'], { cwd: folder, timeout: 60_000 })
  const faults: TypeFault[] = []
  for (const line of end.stdout.split('\n')) {
    const [, file, row, text] = /^(.+?)\((\d+),\d+\): error (.*)$/.exec(line) ?? []
    if (file !== undefined) faults.push({ file: file.replaceAll('\\', '/'), line: Number(row), text: text ?? '' })
  }
  // No input is no fault: a documentation without TypeScript has nothing to check.
  if (end.code !== 0 && faults.length === 0 && !end.stdout.includes('TS18003')) throw new Error(`tsc failed:\n${end.stdout}${end.stderr}`)
  return faults
}
