import { beforeEach, describe } from 'mocha'
import type { Broker, OfficialStage } from '../official-stage.ts'
import { type Crossing, everyKind, type Kind } from './every-kind.ts'

const kinds: readonly Kind[] = ['NORMAL', 'FIFO', 'DELAY', 'TRANSACTION', 'PRIORITY']

/** Declares that messages of every kind go both ways over our broker. */
export function everyKindWithOurBroker({ broker, ours, producer, simple }: OfficialStage): void {
  let started: Promise<Broker> | undefined
  beforeEach(() => {
    started = undefined
  })
  const running = () => {
    // A topic of each kind, named like it, and a group of each sort.
    started ??= broker({ topics: Object.fromEntries(kinds.map((kind) => [kind, { types: [kind] }])), groups: { ledger: { ordered: true } } })
    return started
  }
  const crossing: Crossing = {
    topic: async (kind) => kind,
    group: async ({ ordered }) => (ordered ? 'ledger' : 'billing'),
    ours: async () => ours(await running()),
    producer: async (topic) => producer((await running()).endpoints, topic),
    simple: async (options) => simple({ endpoints: (await running()).endpoints, ...options }),
    soon: () => Math.ceil(Date.now() / 1_000) * 1_000 + 60_000,
    reach: async (time) => {
      const { clock } = await running()
      await clock.advance(Math.max(0, time - clock.now()) + 1_000)
    },
  }
  describe('over our broker', () => everyKind(crossing))
}
