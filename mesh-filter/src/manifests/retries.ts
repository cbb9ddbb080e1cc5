import type { JsonObject } from './json.ts'

/** What a call asks of Envoy when a broker is out of reach. */
export type Repeatable =
  /** Asks for something, and may be asked again whatever happened. */
  | 'any'
  /** Does something: only again when it is sure that no broker has seen it. */
  | 'unsent'
  /** A stream that lives as long as its client: no copy of it is kept for another try. */
  | 'never'

const conditions: Readonly<Record<Exclude<Repeatable, 'never'>, string>> = {
  // Conditions of gRPC look at statuses without a message only, so what a broker itself answers is never asked again.
  any: 'connect-failure,refused-stream,reset,unavailable,cancelled,resource-exhausted',
  // A message would be stored twice, and one that was received twice is invisible to everybody for a while.
  unsent: 'connect-failure,refused-stream,reset-before-request',
}

/** Fields of a route's action. */
export function retries(repeatable: Repeatable): JsonObject {
  if (repeatable === 'never') return {}
  return {
    retry_policy: {
      retry_on: conditions[repeatable],
      num_retries: 2,
      retry_back_off: { base_interval: '0.025s', max_interval: '0.25s' },
      // With one host there is no other, and after three looks the same one will do.
      retry_host_predicate: [
        {
          name: 'envoy.retry_host_predicates.previous_hosts',
          typed_config: { '@type': 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate' },
        },
      ],
      host_selection_retry_max_attempts: '3',
    },
  }
}

/** Retries of a cluster at a time: in proportion, so that a cluster that is down is not asked three times as much. */
export const retryBudget: JsonObject = { budget_percent: { value: 20 }, min_retry_concurrency: 10 }
