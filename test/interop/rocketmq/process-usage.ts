import { readdirSync, readFileSync } from 'node:fs'

/** Linux tells the times of a process in hundredths of a second, whatever its kernel's own tick is. */
const TICK = 10_000

/** CPU time that a process has used, user and system, ended threads included, µs; in steps of 10 ms. @throws an Error where there is no such process. */
export function cpuTime(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in parentheses, in which anything may stand.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK
}

/** CPU time by thread, µs, to the nanosecond: what an idle process uses in seconds is less than a step of {@link cpuTime}. */
export function threadTimes(pid: number): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      times.set(thread, Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1_000)
    } catch {
      // It has ended since the folder was read.
    }
  }
  return times
}

/** CPU time from one look at the threads to another, µs. What a thread used that ended in between is not in it. */
export function threadTimeBetween(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const [thread, time] of after) sum += time - (before.get(thread) ?? 0)
  return sum
}

/** Memory of a process that is in RAM (RSS), MiB. */
export function residentMemory(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kibibytes === undefined) throw new Error(`/proc/${pid}/status tells no VmRSS`)
  return Number(kibibytes) / 1_024
}
