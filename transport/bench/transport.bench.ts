/**
 * The transport of this package against grpc-js and against what is below grpc-js, node:http2: CPU of calls at server and client, latency, memory.
 *
 *   node --import tsx transport/bench/transport.bench.ts [--rounds 5] [--scale 1] [--only TEXT] [--json FILE]
 *
 * It measures the package as it is built; with `--conditions=feathermq-source` before the file its sources, as tsx compiles them. `--scale` shortens runs,
 * `--only` takes the lines whose name has that text in it (`memory` for those of memory). Each round measures every variant once, in fresh processes, so
 * that noise of the machine hits all of them; shown are medians and the least and the most. Absolute figures are of this machine and moment; ratios are
 * what to look at. Ends with an error when a stream that was to stay open did not, and, unless `--json` gives the figures to somebody who looks himself,
 * when a floor or a bound does not hold.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { testAuthority } from '@feathermq/transport/testing'
import { calls } from './calls.ts'
import { memory } from './memory.ts'
import { broken, print, type Result } from './result.ts'
import type { Tls } from './variant.ts'
import type { Name } from './variants.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const scale = Number(values.scale)
const { only } = values

const authority = testAuthority()
const tls: Tls = { ca: authority.ca, ...authority.issue('localhost', '127.0.0.1') }
const whoIs: Readonly<Record<Name, string>> = {
  ours: '@feathermq/transport',
  'node:http2': `node:http2 of ${process.version}`,
  'grpc-js': `@grpc/grpc-js ${version('@grpc/grpc-js')}`,
}
const log = (line: string) => console.error(line)

const results: Result[] = []
if (only !== 'memory') results.push(...(await calls({ rounds, scale, tls, only, whoIs, log })))
if ('memory'.includes(only)) results.push(...(await memory({ rounds, scale, whoIs, log })))

for (const result of results) console.log(print(result))
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`)
else {
  for (const sentence of results.flatMap(broken)) {
    console.error(`FLOOR BROKEN: ${sentence}`)
    process.exitCode = 1
  }
}

function version(name: string): string {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version
}
