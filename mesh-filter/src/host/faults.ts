/**
 * What went wrong:
 * - `trap`: the filter crashed; its VM is dead until it is loaded again.
 * - `memory`: a pointer or a length outside of the filter's memory, or an allocation that failed.
 * - `phase`: a header map, body or stream that does not exist at this time or for this context.
 * - `argument`: a number or name that the host does not know.
 * - `too-late`: allowed, but without any effect, such as a request header that is set after the headers went upstream.
 * - `order`: a call that makes no sense now, such as continuing what is not stopped.
 * - `stall`: a stream that ended while the filter still held it: in Envoy it hangs until the client gives up.
 * - `protocol`: what went on is no valid HTTP, so that the codec behind Envoy resets the call.
 * - `module`: an export that no host ever calls.
 * - `unsupported`: this host does not play that part of Envoy.
 */
export type FaultKind = 'trap' | 'memory' | 'phase' | 'argument' | 'too-late' | 'order' | 'stall' | 'protocol' | 'module' | 'unsupported'

/** A mistake of the filter which Envoy would punish, log, or silently let fail. A correct filter causes none. */
export interface Fault {
  readonly kind: FaultKind
  /** The function that was called, such as `proxy_get_header_map_value`, or the callback that trapped. */
  readonly call: string
  /** Id of the context that the call was for; 0 is the VM itself. */
  readonly context: number
  readonly message: string
}
