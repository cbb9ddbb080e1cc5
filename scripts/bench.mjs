// npm run bench: what messages cost, ours and others', in the same run. Fails when a floor does not hold.
//   --only codec|transport|send|receive|fairness   one benchmark
//   --only filter     the filter in a real Envoy, beside other ways to do its work; not among the others, because it takes ten minutes
//   --only rocketmq   our broker against a stock RocketMQ and NATS JetStream; not among the others, because it takes half an hour
//   --among commit,nats   with --only rocketmq: only those with such a word in their names
//   --only clients    our SDK against the official clients, JetStream's and BullMQ; not among the others either
//   --only scaling    what an item costs when there are many; not among the others either
//   --rounds N   default 5
//   --quick      one short round: shows that it works, proves nothing, checks no floor
//   --full       with --only scaling: up to a million in flight and ten million on disk
//   --write      puts the table into docs/benchmarks.md
import { build } from './build.mjs'
import { root, run } from './setup.mjs'

build()
run(process.execPath, ['--import', 'tsx', `${root}test/bench/main.ts`, ...process.argv.slice(2)])
