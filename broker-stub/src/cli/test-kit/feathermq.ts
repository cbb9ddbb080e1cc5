import { main } from '../main.ts'

// What bin/feathermq.js does, without a build.
await main(process.argv)
