// npm run generate: writes the codec and the filter's field numbers from proto/rocketmq/v2/*.proto, and the pages of docs/ that the source of the SDK holds
// already; --check only says what is stale.
import { bin, root, run, setup } from './setup.mjs'

setup()
run(process.execPath, ['--import', 'tsx', `${root}proto/codegen/main.ts`, ...process.argv.slice(2)])
// The reference is made of the declarations that the build writes, and those of the codec that may just have been written.
run(bin('tsc'), ['--build', 'sdk'])
run(process.execPath, ['--import', 'tsx', '--conditions', 'feathermq-source', `${root}sdk/codegen/main.ts`, ...process.argv.slice(2)])
