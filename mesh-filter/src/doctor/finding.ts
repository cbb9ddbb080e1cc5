/** What the doctor can find. Stable: scripts may look for one. */
export type FindingCode =
  | 'NO_FILTER'
  | 'CONFIG_REFUSED'
  | 'FLAG_MISSING'
  | 'FAIL_OPEN'
  | 'FILTER_ORDER'
  | 'FORGEABLE_HEADERS'
  | 'NO_FILTER_STATE'
  | 'NO_ANY_HOST'
  | 'SHORT_TIMEOUT'
  | 'NO_DECISION_ROUTE'
  | 'NO_REJECT_ROUTE'
  | 'UNKNOWN_CLUSTER'
  | 'SHARED_VM'
  | 'NO_LABELS'
  | 'ADMIN_EXPOSED'
  | 'NO_WASM'
  | 'ENVOY_REFUSES'
  | 'TLS_INSIDE'
  | 'SERIES_LIMIT'
  | 'UPDATE_REFUSED'
  | 'FILTER_TRAPPED'
  | 'NO_BROKER'
  | 'OVERFLOW'

/** One thing that is wrong, or will be. */
export interface Finding {
  readonly code: FindingCode
  /** `error`: calls fail or rules are not enforced. `warning`: they will be, or something cannot be seen. */
  readonly severity: 'error' | 'warning'
  /** Which part of Envoy, such as `listener feathermq`. */
  readonly where: string
  readonly what: string
  /** What to do. */
  readonly next: string
}
