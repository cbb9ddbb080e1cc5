import { describe, it } from 'mocha'
import { TimingWheel } from '../schedule/timing-wheel.ts'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import { MemoryStore } from './memory-store.ts'
import { storeConformance } from './test-kit/conformance.ts'
import { SlowStore } from './test-kit/slow-store.ts'

function memory() {
  const clock = fixedClock()
  return { clock, store: new MemoryStore({ clock, wheel: new TimingWheel(clock) }) }
}

storeConformance('in memory', async () => memory(), { describe, it })
storeConformance(
  'one that is slow, for tests',
  async () => {
    const { clock, store } = memory()
    return { clock, store: new SlowStore(store) }
  },
  { describe, it },
)
