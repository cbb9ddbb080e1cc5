import type { Code } from './gen/enums.ts'
import { limits } from './limits.ts'

/** Why a name or value is refused: the code a server answers, and a sentence. */
export interface Problem {
  readonly code: Code
  readonly message: string
}

const problem = (code: Code, message: string): Problem => ({ code, message })
const LEGAL_NAME = /^[%|a-zA-Z0-9_-]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
const blank = (text: string): boolean => text.trim() === ''

/** Topics that a stock server keeps to itself. */
const SYSTEM_TOPICS: ReadonlySet<string> = new Set([
  'TBW102',
  'SCHEDULE_TOPIC_XXXX',
  'BenchmarkTest',
  'SELF_TEST_TOPIC',
  'OFFSET_MOVED_EVENT',
  'CHECKPOINT_TOPIC',
  'RMQ_SYS_TRANS_HALF_TOPIC',
  'RMQ_SYS_TRANS_OP_HALF_TOPIC',
  'TRANS_CHECK_MAX_TIME_TOPIC',
  'RMQ_SYS_TRACE_TOPIC',
])
const SYSTEM_GROUPS: ReadonlySet<string> = new Set([
  'DEFAULT_CONSUMER',
  'DEFAULT_PRODUCER',
  'TOOLS_CONSUMER',
  'SCHEDULE_CONSUMER',
  'FILTERSRV_CONSUMER',
  '__MONITOR_CONSUMER',
  'CLIENT_INNER_PRODUCER',
  'SELF_TEST_P_GROUP',
  'SELF_TEST_C_GROUP',
])

/** Property keys that RocketMQ uses itself; a user property of that name is refused with ILLEGAL_MESSAGE_PROPERTY_KEY. */
export const reservedPropertyKeys: ReadonlySet<string> = new Set(
  (
    'TRACE_ON MSG_REGION KEYS TAGS WAIT DELAY RETRY_TOPIC REAL_TOPIC REAL_QID TRAN_MSG PGROUP MIN_OFFSET MAX_OFFSET BUYER_ID ORIGIN_MESSAGE_ID ' +
    'TRANSFER_FLAG CORRECTION_FLAG MQ2_FLAG RECONSUME_TIME UNIQ_KEY MAX_RECONSUME_TIMES CONSUME_START_TIME POP_CK POP_CK_OFFSET 1ST_POP_TIME ' +
    'TRAN_PREPARED_QUEUE_OFFSET DUP_INFO EXTEND_UNIQ_INFO INSTANCE_ID CORRELATION_ID REPLY_TO_CLIENT TTL ARRIVE_TIME PUSH_REPLY_TIME CLUSTER ' +
    'MSG_TYPE INNER_MULTI_QUEUE_OFFSET TIMER_DELAY_MS TIMER_DELAY_SEC TIMER_DELIVER_MS TIMER_ENQUEUE_MS TIMER_DEQUEUE_MS TIMER_ROLL_TIMES ' +
    'TIMER_OUT_MS TIMER_DEL_UNIQKEY TIMER_DELAY_LEVEL __BORNHOST BORN_TIMESTAMP DLQ_ORIGIN_TOPIC DLQ_ORIGIN_MESSAGE_ID __CRC32# ' +
    '_SYS_MSG_PRIORITY_ __LITE_TOPIC'
  ).split(' '),
)

/** Is the name legal for a topic? `%DLQ%…` and `%RETRY%…` are, and may be longer. */
export function checkTopic(name: string): Problem | undefined {
  if (blank(name)) return problem('ILLEGAL_TOPIC', 'the topic is blank')
  const longest = /^%(DLQ|RETRY)%/.test(name) ? limits.derivedTopicLength : limits.topicLength
  if (name.length > longest) return problem('ILLEGAL_TOPIC', `the topic "${name.slice(0, 32)}…" is longer than ${longest} characters`)
  if (!LEGAL_NAME.test(name)) return problem('ILLEGAL_TOPIC', `the topic "${name}" has characters other than ${LEGAL_NAME.source}`)
  if (SYSTEM_TOPICS.has(name) || name.startsWith('rmq_sys_')) return problem('ILLEGAL_TOPIC', `the topic "${name}" is a system topic`)
  return undefined
}

export function checkGroup(name: string): Problem | undefined {
  if (blank(name)) return problem('ILLEGAL_CONSUMER_GROUP', 'the consumer group is blank')
  if (name.length > limits.groupLength) {
    return problem('ILLEGAL_CONSUMER_GROUP', `the consumer group "${name.slice(0, 32)}…" is longer than ${limits.groupLength} characters`)
  }
  if (!LEGAL_NAME.test(name)) return problem('ILLEGAL_CONSUMER_GROUP', `the consumer group "${name}" has characters other than ${LEGAL_NAME.source}`)
  if (SYSTEM_GROUPS.has(name) || /^(CID_RMQ_SYS_|CID_ONS)/.test(name)) {
    return problem('ILLEGAL_CONSUMER_GROUP', `the consumer group "${name}" is a system group`)
  }
  return undefined
}

export function checkTag(tag: string): Problem | undefined {
  if (blank(tag)) return problem('ILLEGAL_MESSAGE_TAG', 'the tag is blank')
  if (tag.includes('|')) return problem('ILLEGAL_MESSAGE_TAG', 'the tag has a "|", which separates tags in a filter')
  if (CONTROL.test(tag)) return problem('ILLEGAL_MESSAGE_TAG', 'the tag has a control character')
  return undefined
}

export function checkKey(key: string): Problem | undefined {
  if (blank(key)) return problem('ILLEGAL_MESSAGE_KEY', 'a message key is blank')
  if (CONTROL.test(key)) return problem('ILLEGAL_MESSAGE_KEY', 'a message key has a control character')
  return undefined
}

export function checkMessageId(id: string): Problem | undefined {
  return blank(id) ? problem('ILLEGAL_MESSAGE_ID', 'the message id is blank') : undefined
}

export function checkMessageGroup(group: string): Problem | undefined {
  if (blank(group)) return problem('ILLEGAL_MESSAGE_GROUP', 'the message group is blank')
  if (Buffer.byteLength(group) > limits.messageGroupBytes) {
    return problem('ILLEGAL_MESSAGE_GROUP', `the message group is longer than ${limits.messageGroupBytes} bytes`)
  }
  if (CONTROL.test(group)) return problem('ILLEGAL_MESSAGE_GROUP', 'the message group has a control character')
  return undefined
}

export function checkProperty(key: string, value: string): Problem | undefined {
  if (reservedPropertyKeys.has(key)) return problem('ILLEGAL_MESSAGE_PROPERTY_KEY', `the property key "${key}" is reserved`)
  if (CONTROL.test(key)) return problem('ILLEGAL_MESSAGE_PROPERTY_KEY', 'a property key has a control character')
  if (CONTROL.test(value)) return problem('ILLEGAL_MESSAGE_PROPERTY_KEY', `the value of the property "${key}" has a control character`)
  return undefined
}

/** The dead-letter topic of a consumer group. */
export const deadLetterTopic = (group: string): string => `%DLQ%${group}`
