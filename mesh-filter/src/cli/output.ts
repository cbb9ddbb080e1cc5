import { rename, writeFile } from 'node:fs/promises'

/** Where a command writes, and how it says that it failed. */
export interface Output {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly fail: () => void
}

export const processOutput: Output = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  fail: () => {
    process.exitCode = 1
  },
}

/**
 * Writes what a command made to a file, or to stdout. The file appears whole, by a move: who reads it meanwhile, such as an Envoy that
 * watches it, must never see half of it.
 */
export async function writeResult(text: string, file: string | undefined, output: Output): Promise<void> {
  if (file === undefined) {
    output.out(text)
    return
  }
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}
