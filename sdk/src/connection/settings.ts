import { durationFromMs, msFromDuration, type Settings, type SettingsInit, type RetryPolicy as WirePolicy } from '@feathermq/protocol/client'
import { type EndpointList, formatAddress } from '../endpoints.ts'
import type { Backoff } from '../retry/backoff.ts'
import type { Filter } from './filter.ts'
import { userAgent } from './identity.ts'
import { endpointsInit, resource } from './resource.ts'

/** What a producer or consumer is to the server. */
export type Role =
  | { readonly kind: 'producer'; readonly maxAttempts: number }
  | {
      readonly kind: 'push-consumer'
      readonly group: string
      readonly subscriptions: ReadonlyMap<string, Filter>
      /** Ask for ordered delivery. */
      readonly ordered: boolean
    }
  | { readonly kind: 'simple-consumer'; readonly group: string; readonly subscriptions: ReadonlyMap<string, Filter>; readonly longPolling: number }

/** What the server pushed; undefined where it said nothing. Times are ms. */
export interface PushedSettings {
  readonly maxAttempts: number | undefined
  readonly backoff: Backoff | undefined
  readonly maxBodySize: number | undefined
  readonly validateMessageType: boolean | undefined
  readonly fifo: boolean | undefined
  readonly receiveBatchSize: number | undefined
  readonly longPolling: number | undefined
  /** Whether the server wants clients to export its own metrics, and to which `host:port`s. */
  readonly metric: { readonly on: boolean; readonly exportTo: readonly string[] } | undefined
}

export interface SettingsContext {
  readonly namespace: string
  readonly accessPoint: EndpointList
  readonly requestTimeout: number
  /** Topics that a producer sends to; unused for consumers. */
  readonly topics: readonly string[]
}

/** The settings that a telemetry stream begins with; the same fields that the official Java client sends. */
export function settingsOf(role: Role, context: SettingsContext): SettingsInit {
  const common: SettingsInit = {
    accessPoint: endpointsInit(context.accessPoint),
    requestTimeout: durationFromMs(context.requestTimeout),
    userAgent: userAgent(),
  }
  if (role.kind === 'producer') {
    return {
      ...common,
      clientType: 'PRODUCER',
      backoffPolicy: {
        maxAttempts: role.maxAttempts,
        strategy: { case: 'exponentialBackoff', value: { initial: {}, max: {}, multiplier: 1 } },
      },
      pubSub: {
        case: 'publishing',
        value: { topics: context.topics.map((topic) => resource(context.namespace, topic)), validateMessageType: true },
      },
    }
  }
  const subscription = {
    group: resource(context.namespace, role.group),
    subscriptions: [...role.subscriptions].map(([topic, expression]) => ({
      topic: resource(context.namespace, topic),
      expression,
    })),
  }
  if (role.kind === 'simple-consumer') {
    return {
      ...common,
      clientType: 'SIMPLE_CONSUMER',
      pubSub: { case: 'subscription', value: { ...subscription, longPollingTimeout: durationFromMs(role.longPolling) } },
    }
  }
  return {
    ...common,
    clientType: 'PUSH_CONSUMER',
    pubSub: { case: 'subscription', value: role.ordered ? { ...subscription, fifo: true } : subscription },
  }
}

/** Takes what is there; a field that is missing or makes no sense counts as not said, never as an error. */
export function pushedSettings(settings: Settings): PushedSettings {
  const { pubSub, backoffPolicy, metric } = settings
  const publishing = pubSub?.case === 'publishing' ? pubSub.value : undefined
  const subscription = pubSub?.case === 'subscription' ? pubSub.value : undefined
  const longPolling = subscription?.longPollingTimeout
  return {
    maxAttempts: positive(backoffPolicy?.maxAttempts),
    backoff: backoffPolicy === undefined ? undefined : backoffOf(backoffPolicy),
    maxBodySize: positive(publishing?.maxBodySize),
    validateMessageType: publishing?.validateMessageType,
    fifo: subscription?.fifo,
    receiveBatchSize: positive(subscription?.receiveBatchSize),
    longPolling: longPolling === undefined ? undefined : positive(msFromDuration(longPolling)),
    metric: metric === undefined ? undefined : { on: metric.on, exportTo: metric.endpoints?.addresses.map(formatAddress) ?? [] },
  }
}

function backoffOf({ strategy }: WirePolicy): Backoff | undefined {
  switch (strategy?.case) {
    case 'exponentialBackoff': {
      const { initial, max, multiplier } = strategy.value
      return {
        kind: 'exponential',
        initial: initial === undefined ? 0 : msFromDuration(initial),
        max: max === undefined ? 0 : msFromDuration(max),
        multiplier: Number.isFinite(multiplier) ? multiplier : 1,
      }
    }
    case 'customizedBackoff':
      return strategy.value.next.length === 0 ? undefined : { kind: 'customized', delays: strategy.value.next.map(msFromDuration) }
    default:
      return undefined
  }
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined
}
