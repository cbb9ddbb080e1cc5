import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'

/** Processes that must not outlive this one, with the folder that goes with each. */
const leashed = new Map<number, string>()

function killAll(): void {
  for (const [pid, folder] of leashed) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Makes sure that `child` ends when this process does, however it ends: by the exit hook, or, when this process is killed, by a
 * shell that waits for the pipe between them to break. `folder` is removed then. The result lets go again.
 */
export function leash(child: ChildProcess, folder: string): () => void {
  const { pid } = child
  if (pid === undefined) return () => {}
  if (leashed.size === 0) process.on('exit', killAll)
  leashed.set(pid, folder)
  const watch =
    process.platform === 'win32'
      ? undefined
      : spawn('/bin/sh', ['-c', 'read -r _; kill -9 "$1"; rm -rf "$2"', 'sh', String(pid), folder], {
          stdio: ['pipe', 'ignore', 'ignore'],
          // A Ctrl-C in a terminal goes to the whole group; the watch must see this process go first.
          detached: true,
        })
  watch?.on('error', () => {})
  watch?.unref()
  return () => {
    leashed.delete(pid)
    if (leashed.size === 0) process.off('exit', killAll)
    watch?.kill('SIGKILL')
  }
}
