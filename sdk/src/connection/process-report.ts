import { perfHooks } from '../builtins.ts'

const MEBIBYTE = 1_048_576

/**
 * What stands for the stacks of threads in a process that has one: the stack would be that of the answer itself, so this says what the process is busy with
 * and waits for instead.
 */
export function processReport(): readonly string[] {
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage()
  const mib = (bytes: number) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`
  const { user, system } = process.cpuUsage()
  return [
    `node ${process.version} on ${process.platform} ${process.arch}, pid ${process.pid}, up ${Math.round(process.uptime())} s`,
    'JavaScript runs on one thread, whose stack is that of this answer; what it waits for is below',
    `event loop busy ${(perfHooks().performance.eventLoopUtilization().utilization * 100).toFixed(1)} % of its time, cpu ${seconds(user)} s user, ${seconds(system)} s system`,
    `memory ${mib(rss)}: heap ${mib(heapUsed)} of ${mib(heapTotal)}, outside of it ${mib(external)}, buffers ${mib(arrayBuffers)}`,
    `keeping the process alive: ${counted(process.getActiveResourcesInfo())}`,
  ]
}

function seconds(microseconds: number): string {
  return (microseconds / 1e6).toFixed(1)
}

function counted(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'nothing'
}
