import { spawn } from 'node:child_process'

/** How a program ended. `code` is null when a signal ended it. */
export interface ProgramEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end; undefined when there is no such program. Killed, with `code` null, after `timeout` ms. */
export function runProgram(command: string, args: readonly string[], timeout: number): Promise<ProgramEnd | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    // Node's own option `timeout` would hold this process for all of it when there is no such program.
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout)
    const finish = (end: ProgramEnd | undefined): void => {
      clearTimeout(timer)
      resolve(end)
    }
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text
    })
    child.once('error', () => finish(undefined))
    child.once('close', (code) => finish({ code, ...output }))
  })
}
