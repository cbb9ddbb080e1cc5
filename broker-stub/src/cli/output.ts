/** Where a command writes, and how it says that it failed. */
export interface Output {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** 1: something failed; 2: an option is wrong. */
  readonly fail: (code: 1 | 2) => void
}

export const processOutput: Output = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  fail: (code) => {
    process.exitCode = code
  },
}
