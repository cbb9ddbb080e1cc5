import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'mocha'
import { cpuTime, residentMemory, threadTimeBetween, threadTimes } from './process-usage.ts'

/** Works until this process has used so much CPU time, µs. */
function work(time: number): number {
  const before = process.cpuUsage()
  while (true) {
    const { user, system } = process.cpuUsage(before)
    if (user + system >= time) return user + system
  }
}

// Only the benchmark asks, and says so where it cannot run.
if (existsSync('/proc/self/stat')) {
  describe('what a process uses', () => {
    it('is the CPU time that it says itself, by the process and by its threads', () => {
      const [cpu, threads] = [cpuTime(process.pid), threadTimes(process.pid)]
      const used = work(300_000)
      const [after, threadsAfter] = [cpuTime(process.pid), threadTimes(process.pid)]
      // Two steps of 10 ms, one at each end.
      assert.ok(Math.abs(after - cpu - used) <= 20_000, `${after - cpu} for ${used}`)
      const between = threadTimeBetween(threads, threadsAfter)
      // Other threads of Node may end or work between the looks.
      assert.ok(Math.abs(between - used) <= 20_000, `${between} for ${used}`)
    })

    it('is the memory that it says itself', () => {
      const own = process.memoryUsage.rss() / 1_048_576
      assert.ok(Math.abs(residentMemory(process.pid) - own) < 8)
    })

    it('counts a new thread from its begin, and leaves out one that has ended', () => {
      const before = new Map([
        ['1', 100],
        ['2', 900],
      ])
      const after = new Map([
        ['1', 150],
        ['3', 20],
      ])
      assert.equal(threadTimeBetween(before, after), 70)
    })
  })
}
