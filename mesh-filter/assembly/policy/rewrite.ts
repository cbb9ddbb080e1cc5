// Changing what passes: lanes, endpoints, trace context. The last step of the pipeline; every function here is called at one place
// of stream/request.ts or stream/response.ts, and may change the buffer that Envoy shows at that moment.
import { ACTION_CONTINUE } from '../abi/constants'
import { Stream } from '../stream/stream'

/** The call was decided and its headers are still to be had; `size` bytes of its body stand in the buffer from offset 0. */
export function onDecided(stream: Stream, size: u32, end: bool): void {}

/** A further chunk of a request that was let go: the bytes from `base` on, `size` of them, stand in the buffer. */
export function onRequestChunk(stream: Stream, base: u64, size: u32, end: bool): u32 {
  return ACTION_CONTINUE
}

/** True: hold the headers of the response until onResponseChunk answers ACTION_CONTINUE. Never when `end`. */
export function holdsResponse(stream: Stream, end: bool): bool {
  return false
}

/** `size` bytes stand in the buffer: all so far of a response that is held, this chunk of a passing one. */
export function onResponseChunk(stream: Stream, size: u32, end: bool): u32 {
  return ACTION_CONTINUE
}

export function onResponseEnd(stream: Stream): u32 {
  return ACTION_CONTINUE
}
