import type { RetryPolicyInit, Settings, SettingsInit } from '@feathermq/protocol'
import { durationFromMs, limits } from '@feathermq/protocol'
import type { Group, RetryPolicy } from '../registry/types.ts'

const REQUEST_TIMEOUT = 3_000
const LITE_SUBSCRIPTION_QUOTA = 2_000

/** A group's retry policy in the words of the protocol. */
function backoff(policy: RetryPolicy, maxAttempts: number): RetryPolicyInit {
  if (policy.kind === 'customized') {
    return { maxAttempts, strategy: { case: 'customizedBackoff', value: { next: policy.next.map(durationFromMs) } } }
  }
  const { initial, max, multiplier } = policy
  return { maxAttempts, strategy: { case: 'exponentialBackoff', value: { initial: durationFromMs(initial), max: durationFromMs(max), multiplier } } }
}

/** A producer's settings as the broker answers them: what it sent, with the broker's policy for retries and its limits. */
export function producerSettings(sent: Settings): SettingsInit {
  const publishing = sent.pubSub?.case === 'publishing' ? sent.pubSub.value : undefined
  return {
    ...echo(sent),
    backoffPolicy: backoff({ kind: 'exponential', initial: 10, max: 1_000, multiplier: 2 }, 3),
    pubSub: { case: 'publishing', value: { topics: publishing?.topics, maxBodySize: limits.bodyBytes, validateMessageType: true } },
  }
}

/** A consumer's settings as the broker answers them: what it sent, with what its group says. */
export function consumerSettings(sent: Settings, group: Group): SettingsInit {
  const subscription = sent.pubSub?.case === 'subscription' ? sent.pubSub.value : undefined
  return {
    ...echo(sent),
    backoffPolicy: backoff(group.retry, group.maxAttempts),
    pubSub: {
      case: 'subscription',
      value: {
        group: subscription?.group,
        subscriptions: subscription?.subscriptions,
        fifo: group.ordered,
        receiveBatchSize: limits.receiveBatch,
        longPollingTimeout: durationFromMs(limits.maxPolling),
        // Java takes an absent quota as zero, also where lite topics are not used.
        liteSubscriptionQuota: LITE_SUBSCRIPTION_QUOTA,
        maxLiteTopicSize: limits.liteTopicLength,
      },
    },
  }
}

function echo(sent: Settings): SettingsInit {
  return {
    clientType: sent.clientType,
    accessPoint: sent.accessPoint,
    requestTimeout: sent.requestTimeout ?? durationFromMs(REQUEST_TIMEOUT),
    userAgent: sent.userAgent,
    metric: {},
  }
}
