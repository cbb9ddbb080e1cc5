import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'mocha'
import { requirePeer } from '../interop/support/runtime.ts'
import { expectSuccess, run } from '../support/child.ts'
import { root } from '../support/repository.ts'
import { tracedProgram } from './consumers.ts'
import { type NodeMajor, nodes, telemetry3 } from './fetched.ts'
import { newcomerWith } from './newcomer.ts'

interface Line {
  readonly line: string
  /** The lines of Node on which this one runs and is tested. */
  readonly majors: readonly NodeMajor[]
  modules(): Promise<string>
}

const lines: readonly Line[] = [
  { line: '2.x', majors: ['20', '24'], modules: async () => join(root, 'node_modules') },
  { line: '3.x', majors: ['22', '24'], modules: telemetry3 },
]

interface Report {
  readonly sdk: string
  /** The sum of the values of each, of a histogram the number. */
  readonly metrics: Readonly<Record<string, number>>
  readonly spans: readonly { readonly name: string; readonly traceId: string; readonly parent?: string; readonly id: string }[]
}

describe('OpenTelemetry', () => {
  for (const { line, majors, modules } of lines) {
    it(`${line} sees one trace from the send to the handler, and counts both, on Node ${majors.join(' and ')}`, async function () {
      const [programs, others] = [await requirePeer(this, nodes), await requirePeer(this, modules)]
      this.timeout(90_000)
      const folder = await newcomerWith(others)
      writeFileSync(join(folder, 'traced.js'), tracedProgram)
      for (const major of majors) {
        const end = await run(programs.get(major) ?? '', ['traced.js'], { cwd: folder, timeout: 40_000 })
        expectSuccess('the program', end)
        assert.equal(end.stderr, '')
        const { sdk, spans, metrics }: Report = JSON.parse(end.stdout)
        assert.ok(sdk.startsWith(line.replace('x', '')), `the SDK is ${sdk}`)
        const [sent, handled, ...more] = ['send orders', 'process orders'].map((name) => spans.find((span) => span.name === name))
        assert.deepEqual(more, [])
        assert.ok(sent !== undefined && handled !== undefined, JSON.stringify(spans))
        assert.equal(handled.traceId, sent.traceId)
        assert.equal(handled.parent, sent.id)
        assert.equal(metrics['messaging.client.sent.messages'], 1)
        assert.equal(metrics['messaging.client.consumed.messages'], 1)
        assert.equal(metrics['messaging.process.duration'], 1)
      }
    })
  }
})
