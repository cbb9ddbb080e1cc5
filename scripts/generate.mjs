// npm run generate: writes the codec and the filter's field numbers from proto/rocketmq/v2/*.proto; --check only says what is stale.
import { root, run, setup } from './setup.mjs'

setup()
run(process.execPath, ['--import', 'tsx', `${root}proto/codegen/main.ts`, ...process.argv.slice(2)])
