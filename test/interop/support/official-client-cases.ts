import type { OpenWire } from '../../support/official/wire.ts'
import { asProducerAndSimpleConsumer } from './cases/as-producer-and-simple-consumer.ts'
import { asPushConsumer } from './cases/as-push-consumer.ts'
import { besideOurSdk } from './cases/beside-our-sdk.ts'
import { everyKindWithOurBroker } from './cases/every-kind-with-our-broker.ts'
import { officialStage, type StageOptions, type Traits } from './official-stage.ts'

/** Declares what every official client must do with the broker and beside our SDK. */
export function officialClientCases(open: OpenWire, traits: Traits, options: StageOptions = {}): void {
  const stage = officialStage(open, traits, options)
  asProducerAndSimpleConsumer(stage)
  asPushConsumer(stage)
  besideOurSdk(stage)
  everyKindWithOurBroker(stage)
}
