// A program that starts Envoy and says so; the test then ends it in one way or another.
import { startEnvoy } from '@feathermq/mesh-filter'

const [, , envoy = '', end = ''] = process.argv
const running = await startEnvoy({ static_resources: {} }, { envoy, workers: 1 })
console.log(`envoy ${running.pid}`)
if (end === 'throw') throw new Error('a test that crashes')
if (end === 'hold') setInterval(() => {}, 1000)
