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
