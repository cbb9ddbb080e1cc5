import type { OpenWire } from '../../support/official/wire.ts'
import { asProducerAndSimpleConsumer } from './cases/as-producer-and-simple-consumer.ts'
import { asPushConsumer } from './cases/as-push-consumer.ts'
import { besideOurSdk } from './cases/beside-our-sdk.ts'
import { officialStage, type Traits } from './official-stage.ts'

/** Declares what every official client must do with the broker and beside our SDK. */
export function officialClientCases(open: OpenWire, traits: Traits): void {
  const stage = officialStage(open, traits)
  asProducerAndSimpleConsumer(stage)
  asPushConsumer(stage)
  besideOurSdk(stage)
}
