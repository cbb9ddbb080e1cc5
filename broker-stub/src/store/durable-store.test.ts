import { describe, it } from 'mocha'
import { storeConformance } from './test-kit/conformance.ts'
import { DurableWorld } from './test-kit/durable-world.ts'

storeConformance(
  'on disk',
  async () => {
    const world = new DurableWorld()
    return { store: (await world.open()).store, clock: world.clock }
  },
  { describe, it },
)
