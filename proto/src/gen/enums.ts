// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

/** Values of the enum TransactionResolution; a number stands for a value that this build does not know. */
export type TransactionResolution =
  | 'TRANSACTION_RESOLUTION_UNSPECIFIED'
  | 'COMMIT'
  | 'ROLLBACK'

const TRANSACTION_RESOLUTION_NUMBERS: Readonly<Record<TransactionResolution, number>> = {
  TRANSACTION_RESOLUTION_UNSPECIFIED: 0,
  COMMIT: 1,
  ROLLBACK: 2,
}

/** The number of a TransactionResolution; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function transactionResolutionNumber(value: TransactionResolution | number): number {
  if (typeof value === 'number') return value
  const known = TRANSACTION_RESOLUTION_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum TransactionResolution`)
  return known
}

/** The name of a TransactionResolution, or the number itself when this build does not know it. */
export function transactionResolutionName(number: number): TransactionResolution | number {
  switch (number) {
    case 0:
      return 'TRANSACTION_RESOLUTION_UNSPECIFIED'
    case 1:
      return 'COMMIT'
    case 2:
      return 'ROLLBACK'
    default:
      return number
  }
}

/** All values of TransactionResolution with their numbers. */
export const transactionResolutionNames: readonly (readonly [name: TransactionResolution, number: number])[] = [
  ['TRANSACTION_RESOLUTION_UNSPECIFIED', 0],
  ['COMMIT', 1],
  ['ROLLBACK', 2],
]

/** Values of the enum TransactionSource; a number stands for a value that this build does not know. */
export type TransactionSource =
  | 'SOURCE_UNSPECIFIED'
  | 'SOURCE_CLIENT'
  | 'SOURCE_SERVER_CHECK'

const TRANSACTION_SOURCE_NUMBERS: Readonly<Record<TransactionSource, number>> = {
  SOURCE_UNSPECIFIED: 0,
  SOURCE_CLIENT: 1,
  SOURCE_SERVER_CHECK: 2,
}

/** The number of a TransactionSource; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function transactionSourceNumber(value: TransactionSource | number): number {
  if (typeof value === 'number') return value
  const known = TRANSACTION_SOURCE_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum TransactionSource`)
  return known
}

/** The name of a TransactionSource, or the number itself when this build does not know it. */
export function transactionSourceName(number: number): TransactionSource | number {
  switch (number) {
    case 0:
      return 'SOURCE_UNSPECIFIED'
    case 1:
      return 'SOURCE_CLIENT'
    case 2:
      return 'SOURCE_SERVER_CHECK'
    default:
      return number
  }
}

/** All values of TransactionSource with their numbers. */
export const transactionSourceNames: readonly (readonly [name: TransactionSource, number: number])[] = [
  ['SOURCE_UNSPECIFIED', 0],
  ['SOURCE_CLIENT', 1],
  ['SOURCE_SERVER_CHECK', 2],
]

/** Values of the enum Permission; a number stands for a value that this build does not know. */
export type Permission =
  | 'PERMISSION_UNSPECIFIED'
  | 'NONE'
  | 'READ'
  | 'WRITE'
  | 'READ_WRITE'

const PERMISSION_NUMBERS: Readonly<Record<Permission, number>> = {
  PERMISSION_UNSPECIFIED: 0,
  NONE: 1,
  READ: 2,
  WRITE: 3,
  READ_WRITE: 4,
}

/** The number of a Permission; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function permissionNumber(value: Permission | number): number {
  if (typeof value === 'number') return value
  const known = PERMISSION_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum Permission`)
  return known
}

/** The name of a Permission, or the number itself when this build does not know it. */
export function permissionName(number: number): Permission | number {
  switch (number) {
    case 0:
      return 'PERMISSION_UNSPECIFIED'
    case 1:
      return 'NONE'
    case 2:
      return 'READ'
    case 3:
      return 'WRITE'
    case 4:
      return 'READ_WRITE'
    default:
      return number
  }
}

/** All values of Permission with their numbers. */
export const permissionNames: readonly (readonly [name: Permission, number: number])[] = [
  ['PERMISSION_UNSPECIFIED', 0],
  ['NONE', 1],
  ['READ', 2],
  ['WRITE', 3],
  ['READ_WRITE', 4],
]

/** Values of the enum FilterType; a number stands for a value that this build does not know. */
export type FilterType =
  | 'FILTER_TYPE_UNSPECIFIED'
  | 'TAG'
  | 'SQL'

const FILTER_TYPE_NUMBERS: Readonly<Record<FilterType, number>> = {
  FILTER_TYPE_UNSPECIFIED: 0,
  TAG: 1,
  SQL: 2,
}

/** The number of a FilterType; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function filterTypeNumber(value: FilterType | number): number {
  if (typeof value === 'number') return value
  const known = FILTER_TYPE_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum FilterType`)
  return known
}

/** The name of a FilterType, or the number itself when this build does not know it. */
export function filterTypeName(number: number): FilterType | number {
  switch (number) {
    case 0:
      return 'FILTER_TYPE_UNSPECIFIED'
    case 1:
      return 'TAG'
    case 2:
      return 'SQL'
    default:
      return number
  }
}

/** All values of FilterType with their numbers. */
export const filterTypeNames: readonly (readonly [name: FilterType, number: number])[] = [
  ['FILTER_TYPE_UNSPECIFIED', 0],
  ['TAG', 1],
  ['SQL', 2],
]

/** Values of the enum AddressScheme; a number stands for a value that this build does not know. */
export type AddressScheme =
  | 'ADDRESS_SCHEME_UNSPECIFIED'
  | 'IPv4'
  | 'IPv6'
  | 'DOMAIN_NAME'

const ADDRESS_SCHEME_NUMBERS: Readonly<Record<AddressScheme, number>> = {
  ADDRESS_SCHEME_UNSPECIFIED: 0,
  IPv4: 1,
  IPv6: 2,
  DOMAIN_NAME: 3,
}

/** The number of a AddressScheme; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function addressSchemeNumber(value: AddressScheme | number): number {
  if (typeof value === 'number') return value
  const known = ADDRESS_SCHEME_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum AddressScheme`)
  return known
}

/** The name of a AddressScheme, or the number itself when this build does not know it. */
export function addressSchemeName(number: number): AddressScheme | number {
  switch (number) {
    case 0:
      return 'ADDRESS_SCHEME_UNSPECIFIED'
    case 1:
      return 'IPv4'
    case 2:
      return 'IPv6'
    case 3:
      return 'DOMAIN_NAME'
    default:
      return number
  }
}

/** All values of AddressScheme with their numbers. */
export const addressSchemeNames: readonly (readonly [name: AddressScheme, number: number])[] = [
  ['ADDRESS_SCHEME_UNSPECIFIED', 0],
  ['IPv4', 1],
  ['IPv6', 2],
  ['DOMAIN_NAME', 3],
]

/** Values of the enum MessageType; a number stands for a value that this build does not know. */
export type MessageType =
  | 'MESSAGE_TYPE_UNSPECIFIED'
  | 'NORMAL'
  | 'FIFO'
  | 'DELAY'
  | 'TRANSACTION'
  | 'LITE'
  | 'PRIORITY'

const MESSAGE_TYPE_NUMBERS: Readonly<Record<MessageType, number>> = {
  MESSAGE_TYPE_UNSPECIFIED: 0,
  NORMAL: 1,
  FIFO: 2,
  DELAY: 3,
  TRANSACTION: 4,
  LITE: 5,
  PRIORITY: 6,
}

/** The number of a MessageType; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function messageTypeNumber(value: MessageType | number): number {
  if (typeof value === 'number') return value
  const known = MESSAGE_TYPE_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum MessageType`)
  return known
}

/** The name of a MessageType, or the number itself when this build does not know it. */
export function messageTypeName(number: number): MessageType | number {
  switch (number) {
    case 0:
      return 'MESSAGE_TYPE_UNSPECIFIED'
    case 1:
      return 'NORMAL'
    case 2:
      return 'FIFO'
    case 3:
      return 'DELAY'
    case 4:
      return 'TRANSACTION'
    case 5:
      return 'LITE'
    case 6:
      return 'PRIORITY'
    default:
      return number
  }
}

/** All values of MessageType with their numbers. */
export const messageTypeNames: readonly (readonly [name: MessageType, number: number])[] = [
  ['MESSAGE_TYPE_UNSPECIFIED', 0],
  ['NORMAL', 1],
  ['FIFO', 2],
  ['DELAY', 3],
  ['TRANSACTION', 4],
  ['LITE', 5],
  ['PRIORITY', 6],
]

/** Values of the enum DigestType; a number stands for a value that this build does not know. */
export type DigestType =
  | 'DIGEST_TYPE_UNSPECIFIED'
  | 'CRC32'
  | 'MD5'
  | 'SHA1'

const DIGEST_TYPE_NUMBERS: Readonly<Record<DigestType, number>> = {
  DIGEST_TYPE_UNSPECIFIED: 0,
  CRC32: 1,
  MD5: 2,
  SHA1: 3,
}

/** The number of a DigestType; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function digestTypeNumber(value: DigestType | number): number {
  if (typeof value === 'number') return value
  const known = DIGEST_TYPE_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum DigestType`)
  return known
}

/** The name of a DigestType, or the number itself when this build does not know it. */
export function digestTypeName(number: number): DigestType | number {
  switch (number) {
    case 0:
      return 'DIGEST_TYPE_UNSPECIFIED'
    case 1:
      return 'CRC32'
    case 2:
      return 'MD5'
    case 3:
      return 'SHA1'
    default:
      return number
  }
}

/** All values of DigestType with their numbers. */
export const digestTypeNames: readonly (readonly [name: DigestType, number: number])[] = [
  ['DIGEST_TYPE_UNSPECIFIED', 0],
  ['CRC32', 1],
  ['MD5', 2],
  ['SHA1', 3],
]

/** Values of the enum ClientType; a number stands for a value that this build does not know. */
export type ClientType =
  | 'CLIENT_TYPE_UNSPECIFIED'
  | 'PRODUCER'
  | 'PUSH_CONSUMER'
  | 'SIMPLE_CONSUMER'
  | 'PULL_CONSUMER'
  | 'LITE_PUSH_CONSUMER'
  | 'LITE_SIMPLE_CONSUMER'

const CLIENT_TYPE_NUMBERS: Readonly<Record<ClientType, number>> = {
  CLIENT_TYPE_UNSPECIFIED: 0,
  PRODUCER: 1,
  PUSH_CONSUMER: 2,
  SIMPLE_CONSUMER: 3,
  PULL_CONSUMER: 4,
  LITE_PUSH_CONSUMER: 5,
  LITE_SIMPLE_CONSUMER: 6,
}

/** The number of a ClientType; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function clientTypeNumber(value: ClientType | number): number {
  if (typeof value === 'number') return value
  const known = CLIENT_TYPE_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum ClientType`)
  return known
}

/** The name of a ClientType, or the number itself when this build does not know it. */
export function clientTypeName(number: number): ClientType | number {
  switch (number) {
    case 0:
      return 'CLIENT_TYPE_UNSPECIFIED'
    case 1:
      return 'PRODUCER'
    case 2:
      return 'PUSH_CONSUMER'
    case 3:
      return 'SIMPLE_CONSUMER'
    case 4:
      return 'PULL_CONSUMER'
    case 5:
      return 'LITE_PUSH_CONSUMER'
    case 6:
      return 'LITE_SIMPLE_CONSUMER'
    default:
      return number
  }
}

/** All values of ClientType with their numbers. */
export const clientTypeNames: readonly (readonly [name: ClientType, number: number])[] = [
  ['CLIENT_TYPE_UNSPECIFIED', 0],
  ['PRODUCER', 1],
  ['PUSH_CONSUMER', 2],
  ['SIMPLE_CONSUMER', 3],
  ['PULL_CONSUMER', 4],
  ['LITE_PUSH_CONSUMER', 5],
  ['LITE_SIMPLE_CONSUMER', 6],
]

/** Values of the enum Encoding; a number stands for a value that this build does not know. */
export type Encoding =
  | 'ENCODING_UNSPECIFIED'
  | 'IDENTITY'
  | 'GZIP'

const ENCODING_NUMBERS: Readonly<Record<Encoding, number>> = {
  ENCODING_UNSPECIFIED: 0,
  IDENTITY: 1,
  GZIP: 2,
}

/** The number of a Encoding; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function encodingNumber(value: Encoding | number): number {
  if (typeof value === 'number') return value
  const known = ENCODING_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum Encoding`)
  return known
}

/** The name of a Encoding, or the number itself when this build does not know it. */
export function encodingName(number: number): Encoding | number {
  switch (number) {
    case 0:
      return 'ENCODING_UNSPECIFIED'
    case 1:
      return 'IDENTITY'
    case 2:
      return 'GZIP'
    default:
      return number
  }
}

/** All values of Encoding with their numbers. */
export const encodingNames: readonly (readonly [name: Encoding, number: number])[] = [
  ['ENCODING_UNSPECIFIED', 0],
  ['IDENTITY', 1],
  ['GZIP', 2],
]

/** Values of the enum Code; a number stands for a value that this build does not know. */
export type Code =
  | 'CODE_UNSPECIFIED'
  | 'OK'
  | 'MULTIPLE_RESULTS'
  | 'BAD_REQUEST'
  | 'ILLEGAL_ACCESS_POINT'
  | 'ILLEGAL_TOPIC'
  | 'ILLEGAL_CONSUMER_GROUP'
  | 'ILLEGAL_MESSAGE_TAG'
  | 'ILLEGAL_MESSAGE_KEY'
  | 'ILLEGAL_MESSAGE_GROUP'
  | 'ILLEGAL_MESSAGE_PROPERTY_KEY'
  | 'INVALID_TRANSACTION_ID'
  | 'ILLEGAL_MESSAGE_ID'
  | 'ILLEGAL_FILTER_EXPRESSION'
  | 'ILLEGAL_INVISIBLE_TIME'
  | 'ILLEGAL_DELIVERY_TIME'
  | 'INVALID_RECEIPT_HANDLE'
  | 'MESSAGE_PROPERTY_CONFLICT_WITH_TYPE'
  | 'UNRECOGNIZED_CLIENT_TYPE'
  | 'MESSAGE_CORRUPTED'
  | 'CLIENT_ID_REQUIRED'
  | 'ILLEGAL_POLLING_TIME'
  | 'ILLEGAL_OFFSET'
  | 'ILLEGAL_LITE_TOPIC'
  | 'INVALID_CLIENT_PROPERTIES'
  | 'UNAUTHORIZED'
  | 'PAYMENT_REQUIRED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'MESSAGE_NOT_FOUND'
  | 'TOPIC_NOT_FOUND'
  | 'CONSUMER_GROUP_NOT_FOUND'
  | 'OFFSET_NOT_FOUND'
  | 'REQUEST_TIMEOUT'
  | 'PAYLOAD_TOO_LARGE'
  | 'MESSAGE_BODY_TOO_LARGE'
  | 'MESSAGE_BODY_EMPTY'
  | 'PRECONDITION_FAILED'
  | 'TOO_MANY_REQUESTS'
  | 'LITE_TOPIC_QUOTA_EXCEEDED'
  | 'LITE_SUBSCRIPTION_QUOTA_EXCEEDED'
  | 'REQUEST_HEADER_FIELDS_TOO_LARGE'
  | 'MESSAGE_PROPERTIES_TOO_LARGE'
  | 'INTERNAL_ERROR'
  | 'INTERNAL_SERVER_ERROR'
  | 'HA_NOT_AVAILABLE'
  | 'NOT_IMPLEMENTED'
  | 'PROXY_TIMEOUT'
  | 'MASTER_PERSISTENCE_TIMEOUT'
  | 'SLAVE_PERSISTENCE_TIMEOUT'
  | 'UNSUPPORTED'
  | 'VERSION_UNSUPPORTED'
  | 'VERIFY_FIFO_MESSAGE_UNSUPPORTED'
  | 'FAILED_TO_CONSUME_MESSAGE'

const CODE_NUMBERS: Readonly<Record<Code, number>> = {
  CODE_UNSPECIFIED: 0,
  OK: 20000,
  MULTIPLE_RESULTS: 30000,
  BAD_REQUEST: 40000,
  ILLEGAL_ACCESS_POINT: 40001,
  ILLEGAL_TOPIC: 40002,
  ILLEGAL_CONSUMER_GROUP: 40003,
  ILLEGAL_MESSAGE_TAG: 40004,
  ILLEGAL_MESSAGE_KEY: 40005,
  ILLEGAL_MESSAGE_GROUP: 40006,
  ILLEGAL_MESSAGE_PROPERTY_KEY: 40007,
  INVALID_TRANSACTION_ID: 40008,
  ILLEGAL_MESSAGE_ID: 40009,
  ILLEGAL_FILTER_EXPRESSION: 40010,
  ILLEGAL_INVISIBLE_TIME: 40011,
  ILLEGAL_DELIVERY_TIME: 40012,
  INVALID_RECEIPT_HANDLE: 40013,
  MESSAGE_PROPERTY_CONFLICT_WITH_TYPE: 40014,
  UNRECOGNIZED_CLIENT_TYPE: 40015,
  MESSAGE_CORRUPTED: 40016,
  CLIENT_ID_REQUIRED: 40017,
  ILLEGAL_POLLING_TIME: 40018,
  ILLEGAL_OFFSET: 40019,
  ILLEGAL_LITE_TOPIC: 40020,
  INVALID_CLIENT_PROPERTIES: 40021,
  UNAUTHORIZED: 40100,
  PAYMENT_REQUIRED: 40200,
  FORBIDDEN: 40300,
  NOT_FOUND: 40400,
  MESSAGE_NOT_FOUND: 40401,
  TOPIC_NOT_FOUND: 40402,
  CONSUMER_GROUP_NOT_FOUND: 40403,
  OFFSET_NOT_FOUND: 40404,
  REQUEST_TIMEOUT: 40800,
  PAYLOAD_TOO_LARGE: 41300,
  MESSAGE_BODY_TOO_LARGE: 41301,
  MESSAGE_BODY_EMPTY: 41302,
  PRECONDITION_FAILED: 42800,
  TOO_MANY_REQUESTS: 42900,
  LITE_TOPIC_QUOTA_EXCEEDED: 42901,
  LITE_SUBSCRIPTION_QUOTA_EXCEEDED: 42902,
  REQUEST_HEADER_FIELDS_TOO_LARGE: 43100,
  MESSAGE_PROPERTIES_TOO_LARGE: 43101,
  INTERNAL_ERROR: 50000,
  INTERNAL_SERVER_ERROR: 50001,
  HA_NOT_AVAILABLE: 50002,
  NOT_IMPLEMENTED: 50100,
  PROXY_TIMEOUT: 50400,
  MASTER_PERSISTENCE_TIMEOUT: 50401,
  SLAVE_PERSISTENCE_TIMEOUT: 50402,
  UNSUPPORTED: 50500,
  VERSION_UNSUPPORTED: 50501,
  VERIFY_FIFO_MESSAGE_UNSUPPORTED: 50502,
  FAILED_TO_CONSUME_MESSAGE: 60000,
}

/** The number of a Code; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function codeNumber(value: Code | number): number {
  if (typeof value === 'number') return value
  const known = CODE_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum Code`)
  return known
}

/** The name of a Code, or the number itself when this build does not know it. */
export function codeName(number: number): Code | number {
  switch (number) {
    case 0:
      return 'CODE_UNSPECIFIED'
    case 20000:
      return 'OK'
    case 30000:
      return 'MULTIPLE_RESULTS'
    case 40000:
      return 'BAD_REQUEST'
    case 40001:
      return 'ILLEGAL_ACCESS_POINT'
    case 40002:
      return 'ILLEGAL_TOPIC'
    case 40003:
      return 'ILLEGAL_CONSUMER_GROUP'
    case 40004:
      return 'ILLEGAL_MESSAGE_TAG'
    case 40005:
      return 'ILLEGAL_MESSAGE_KEY'
    case 40006:
      return 'ILLEGAL_MESSAGE_GROUP'
    case 40007:
      return 'ILLEGAL_MESSAGE_PROPERTY_KEY'
    case 40008:
      return 'INVALID_TRANSACTION_ID'
    case 40009:
      return 'ILLEGAL_MESSAGE_ID'
    case 40010:
      return 'ILLEGAL_FILTER_EXPRESSION'
    case 40011:
      return 'ILLEGAL_INVISIBLE_TIME'
    case 40012:
      return 'ILLEGAL_DELIVERY_TIME'
    case 40013:
      return 'INVALID_RECEIPT_HANDLE'
    case 40014:
      return 'MESSAGE_PROPERTY_CONFLICT_WITH_TYPE'
    case 40015:
      return 'UNRECOGNIZED_CLIENT_TYPE'
    case 40016:
      return 'MESSAGE_CORRUPTED'
    case 40017:
      return 'CLIENT_ID_REQUIRED'
    case 40018:
      return 'ILLEGAL_POLLING_TIME'
    case 40019:
      return 'ILLEGAL_OFFSET'
    case 40020:
      return 'ILLEGAL_LITE_TOPIC'
    case 40021:
      return 'INVALID_CLIENT_PROPERTIES'
    case 40100:
      return 'UNAUTHORIZED'
    case 40200:
      return 'PAYMENT_REQUIRED'
    case 40300:
      return 'FORBIDDEN'
    case 40400:
      return 'NOT_FOUND'
    case 40401:
      return 'MESSAGE_NOT_FOUND'
    case 40402:
      return 'TOPIC_NOT_FOUND'
    case 40403:
      return 'CONSUMER_GROUP_NOT_FOUND'
    case 40404:
      return 'OFFSET_NOT_FOUND'
    case 40800:
      return 'REQUEST_TIMEOUT'
    case 41300:
      return 'PAYLOAD_TOO_LARGE'
    case 41301:
      return 'MESSAGE_BODY_TOO_LARGE'
    case 41302:
      return 'MESSAGE_BODY_EMPTY'
    case 42800:
      return 'PRECONDITION_FAILED'
    case 42900:
      return 'TOO_MANY_REQUESTS'
    case 42901:
      return 'LITE_TOPIC_QUOTA_EXCEEDED'
    case 42902:
      return 'LITE_SUBSCRIPTION_QUOTA_EXCEEDED'
    case 43100:
      return 'REQUEST_HEADER_FIELDS_TOO_LARGE'
    case 43101:
      return 'MESSAGE_PROPERTIES_TOO_LARGE'
    case 50000:
      return 'INTERNAL_ERROR'
    case 50001:
      return 'INTERNAL_SERVER_ERROR'
    case 50002:
      return 'HA_NOT_AVAILABLE'
    case 50100:
      return 'NOT_IMPLEMENTED'
    case 50400:
      return 'PROXY_TIMEOUT'
    case 50401:
      return 'MASTER_PERSISTENCE_TIMEOUT'
    case 50402:
      return 'SLAVE_PERSISTENCE_TIMEOUT'
    case 50500:
      return 'UNSUPPORTED'
    case 50501:
      return 'VERSION_UNSUPPORTED'
    case 50502:
      return 'VERIFY_FIFO_MESSAGE_UNSUPPORTED'
    case 60000:
      return 'FAILED_TO_CONSUME_MESSAGE'
    default:
      return number
  }
}

/** All values of Code with their numbers. */
export const codeNames: readonly (readonly [name: Code, number: number])[] = [
  ['CODE_UNSPECIFIED', 0],
  ['OK', 20000],
  ['MULTIPLE_RESULTS', 30000],
  ['BAD_REQUEST', 40000],
  ['ILLEGAL_ACCESS_POINT', 40001],
  ['ILLEGAL_TOPIC', 40002],
  ['ILLEGAL_CONSUMER_GROUP', 40003],
  ['ILLEGAL_MESSAGE_TAG', 40004],
  ['ILLEGAL_MESSAGE_KEY', 40005],
  ['ILLEGAL_MESSAGE_GROUP', 40006],
  ['ILLEGAL_MESSAGE_PROPERTY_KEY', 40007],
  ['INVALID_TRANSACTION_ID', 40008],
  ['ILLEGAL_MESSAGE_ID', 40009],
  ['ILLEGAL_FILTER_EXPRESSION', 40010],
  ['ILLEGAL_INVISIBLE_TIME', 40011],
  ['ILLEGAL_DELIVERY_TIME', 40012],
  ['INVALID_RECEIPT_HANDLE', 40013],
  ['MESSAGE_PROPERTY_CONFLICT_WITH_TYPE', 40014],
  ['UNRECOGNIZED_CLIENT_TYPE', 40015],
  ['MESSAGE_CORRUPTED', 40016],
  ['CLIENT_ID_REQUIRED', 40017],
  ['ILLEGAL_POLLING_TIME', 40018],
  ['ILLEGAL_OFFSET', 40019],
  ['ILLEGAL_LITE_TOPIC', 40020],
  ['INVALID_CLIENT_PROPERTIES', 40021],
  ['UNAUTHORIZED', 40100],
  ['PAYMENT_REQUIRED', 40200],
  ['FORBIDDEN', 40300],
  ['NOT_FOUND', 40400],
  ['MESSAGE_NOT_FOUND', 40401],
  ['TOPIC_NOT_FOUND', 40402],
  ['CONSUMER_GROUP_NOT_FOUND', 40403],
  ['OFFSET_NOT_FOUND', 40404],
  ['REQUEST_TIMEOUT', 40800],
  ['PAYLOAD_TOO_LARGE', 41300],
  ['MESSAGE_BODY_TOO_LARGE', 41301],
  ['MESSAGE_BODY_EMPTY', 41302],
  ['PRECONDITION_FAILED', 42800],
  ['TOO_MANY_REQUESTS', 42900],
  ['LITE_TOPIC_QUOTA_EXCEEDED', 42901],
  ['LITE_SUBSCRIPTION_QUOTA_EXCEEDED', 42902],
  ['REQUEST_HEADER_FIELDS_TOO_LARGE', 43100],
  ['MESSAGE_PROPERTIES_TOO_LARGE', 43101],
  ['INTERNAL_ERROR', 50000],
  ['INTERNAL_SERVER_ERROR', 50001],
  ['HA_NOT_AVAILABLE', 50002],
  ['NOT_IMPLEMENTED', 50100],
  ['PROXY_TIMEOUT', 50400],
  ['MASTER_PERSISTENCE_TIMEOUT', 50401],
  ['SLAVE_PERSISTENCE_TIMEOUT', 50402],
  ['UNSUPPORTED', 50500],
  ['VERSION_UNSUPPORTED', 50501],
  ['VERIFY_FIFO_MESSAGE_UNSUPPORTED', 50502],
  ['FAILED_TO_CONSUME_MESSAGE', 60000],
]

/** Values of the enum Language; a number stands for a value that this build does not know. */
export type Language =
  | 'LANGUAGE_UNSPECIFIED'
  | 'JAVA'
  | 'CPP'
  | 'DOT_NET'
  | 'GOLANG'
  | 'RUST'
  | 'PYTHON'
  | 'PHP'
  | 'NODE_JS'
  | 'RUBY'
  | 'OBJECTIVE_C'
  | 'DART'
  | 'KOTLIN'

const LANGUAGE_NUMBERS: Readonly<Record<Language, number>> = {
  LANGUAGE_UNSPECIFIED: 0,
  JAVA: 1,
  CPP: 2,
  DOT_NET: 3,
  GOLANG: 4,
  RUST: 5,
  PYTHON: 6,
  PHP: 7,
  NODE_JS: 8,
  RUBY: 9,
  OBJECTIVE_C: 10,
  DART: 11,
  KOTLIN: 12,
}

/** The number of a Language; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function languageNumber(value: Language | number): number {
  if (typeof value === 'number') return value
  const known = LANGUAGE_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum Language`)
  return known
}

/** The name of a Language, or the number itself when this build does not know it. */
export function languageName(number: number): Language | number {
  switch (number) {
    case 0:
      return 'LANGUAGE_UNSPECIFIED'
    case 1:
      return 'JAVA'
    case 2:
      return 'CPP'
    case 3:
      return 'DOT_NET'
    case 4:
      return 'GOLANG'
    case 5:
      return 'RUST'
    case 6:
      return 'PYTHON'
    case 7:
      return 'PHP'
    case 8:
      return 'NODE_JS'
    case 9:
      return 'RUBY'
    case 10:
      return 'OBJECTIVE_C'
    case 11:
      return 'DART'
    case 12:
      return 'KOTLIN'
    default:
      return number
  }
}

/** All values of Language with their numbers. */
export const languageNames: readonly (readonly [name: Language, number: number])[] = [
  ['LANGUAGE_UNSPECIFIED', 0],
  ['JAVA', 1],
  ['CPP', 2],
  ['DOT_NET', 3],
  ['GOLANG', 4],
  ['RUST', 5],
  ['PYTHON', 6],
  ['PHP', 7],
  ['NODE_JS', 8],
  ['RUBY', 9],
  ['OBJECTIVE_C', 10],
  ['DART', 11],
  ['KOTLIN', 12],
]

/** Values of the enum LiteSubscriptionAction; a number stands for a value that this build does not know. */
export type LiteSubscriptionAction =
  | 'PARTIAL_ADD'
  | 'PARTIAL_REMOVE'
  | 'COMPLETE_ADD'
  | 'COMPLETE_REMOVE'

const LITE_SUBSCRIPTION_ACTION_NUMBERS: Readonly<Record<LiteSubscriptionAction, number>> = {
  PARTIAL_ADD: 0,
  PARTIAL_REMOVE: 1,
  COMPLETE_ADD: 2,
  COMPLETE_REMOVE: 3,
}

/** The number of a LiteSubscriptionAction; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function liteSubscriptionActionNumber(value: LiteSubscriptionAction | number): number {
  if (typeof value === 'number') return value
  const known = LITE_SUBSCRIPTION_ACTION_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum LiteSubscriptionAction`)
  return known
}

/** The name of a LiteSubscriptionAction, or the number itself when this build does not know it. */
export function liteSubscriptionActionName(number: number): LiteSubscriptionAction | number {
  switch (number) {
    case 0:
      return 'PARTIAL_ADD'
    case 1:
      return 'PARTIAL_REMOVE'
    case 2:
      return 'COMPLETE_ADD'
    case 3:
      return 'COMPLETE_REMOVE'
    default:
      return number
  }
}

/** All values of LiteSubscriptionAction with their numbers. */
export const liteSubscriptionActionNames: readonly (readonly [name: LiteSubscriptionAction, number: number])[] = [
  ['PARTIAL_ADD', 0],
  ['PARTIAL_REMOVE', 1],
  ['COMPLETE_ADD', 2],
  ['COMPLETE_REMOVE', 3],
]

/** Values of the enum QueryOffsetPolicy; a number stands for a value that this build does not know. */
export type QueryOffsetPolicy =
  | 'BEGINNING'
  | 'END'
  | 'TIMESTAMP'

const QUERY_OFFSET_POLICY_NUMBERS: Readonly<Record<QueryOffsetPolicy, number>> = {
  BEGINNING: 0,
  END: 1,
  TIMESTAMP: 2,
}

/** The number of a QueryOffsetPolicy; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function queryOffsetPolicyNumber(value: QueryOffsetPolicy | number): number {
  if (typeof value === 'number') return value
  const known = QUERY_OFFSET_POLICY_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum QueryOffsetPolicy`)
  return known
}

/** The name of a QueryOffsetPolicy, or the number itself when this build does not know it. */
export function queryOffsetPolicyName(number: number): QueryOffsetPolicy | number {
  switch (number) {
    case 0:
      return 'BEGINNING'
    case 1:
      return 'END'
    case 2:
      return 'TIMESTAMP'
    default:
      return number
  }
}

/** All values of QueryOffsetPolicy with their numbers. */
export const queryOffsetPolicyNames: readonly (readonly [name: QueryOffsetPolicy, number: number])[] = [
  ['BEGINNING', 0],
  ['END', 1],
  ['TIMESTAMP', 2],
]

/** Values of the enum OffsetOptionPolicy; a number stands for a value that this build does not know. */
export type OffsetOptionPolicy =
  | 'LAST'
  | 'MIN'
  | 'MAX'

const OFFSET_OPTION_POLICY_NUMBERS: Readonly<Record<OffsetOptionPolicy, number>> = {
  LAST: 0,
  MIN: 1,
  MAX: 2,
}

/** The number of a OffsetOptionPolicy; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function offsetOptionPolicyNumber(value: OffsetOptionPolicy | number): number {
  if (typeof value === 'number') return value
  const known = OFFSET_OPTION_POLICY_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum OffsetOptionPolicy`)
  return known
}

/** The name of a OffsetOptionPolicy, or the number itself when this build does not know it. */
export function offsetOptionPolicyName(number: number): OffsetOptionPolicy | number {
  switch (number) {
    case 0:
      return 'LAST'
    case 1:
      return 'MIN'
    case 2:
      return 'MAX'
    default:
      return number
  }
}

/** All values of OffsetOptionPolicy with their numbers. */
export const offsetOptionPolicyNames: readonly (readonly [name: OffsetOptionPolicy, number: number])[] = [
  ['LAST', 0],
  ['MIN', 1],
  ['MAX', 2],
]

/** Values of the enum ChangeLogLevelRequestLevel; a number stands for a value that this build does not know. */
export type ChangeLogLevelRequestLevel =
  | 'TRACE'
  | 'DEBUG'
  | 'INFO'
  | 'WARN'
  | 'ERROR'

const CHANGE_LOG_LEVEL_REQUEST_LEVEL_NUMBERS: Readonly<Record<ChangeLogLevelRequestLevel, number>> = {
  TRACE: 0,
  DEBUG: 1,
  INFO: 2,
  WARN: 3,
  ERROR: 4,
}

/** The number of a ChangeLogLevelRequestLevel; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function changeLogLevelRequestLevelNumber(value: ChangeLogLevelRequestLevel | number): number {
  if (typeof value === 'number') return value
  const known = CHANGE_LOG_LEVEL_REQUEST_LEVEL_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum ChangeLogLevelRequestLevel`)
  return known
}

/** The name of a ChangeLogLevelRequestLevel, or the number itself when this build does not know it. */
export function changeLogLevelRequestLevelName(number: number): ChangeLogLevelRequestLevel | number {
  switch (number) {
    case 0:
      return 'TRACE'
    case 1:
      return 'DEBUG'
    case 2:
      return 'INFO'
    case 3:
      return 'WARN'
    case 4:
      return 'ERROR'
    default:
      return number
  }
}

/** All values of ChangeLogLevelRequestLevel with their numbers. */
export const changeLogLevelRequestLevelNames: readonly (readonly [name: ChangeLogLevelRequestLevel, number: number])[] = [
  ['TRACE', 0],
  ['DEBUG', 1],
  ['INFO', 2],
  ['WARN', 3],
  ['ERROR', 4],
]

/** Values of the enum MessageModel; a number stands for a value that this build does not know. */
export type MessageModel =
  | 'MESSAGE_MODEL_UNSPECIFIED'
  | 'CLUSTERING'
  | 'BROADCASTING'
  | 'LITE_SELECTIVE'

const MESSAGE_MODEL_NUMBERS: Readonly<Record<MessageModel, number>> = {
  MESSAGE_MODEL_UNSPECIFIED: 0,
  CLUSTERING: 1,
  BROADCASTING: 2,
  LITE_SELECTIVE: 3,
}

/** The number of a MessageModel; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function messageModelNumber(value: MessageModel | number): number {
  if (typeof value === 'number') return value
  const known = MESSAGE_MODEL_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum MessageModel`)
  return known
}

/** The name of a MessageModel, or the number itself when this build does not know it. */
export function messageModelName(number: number): MessageModel | number {
  switch (number) {
    case 0:
      return 'MESSAGE_MODEL_UNSPECIFIED'
    case 1:
      return 'CLUSTERING'
    case 2:
      return 'BROADCASTING'
    case 3:
      return 'LITE_SELECTIVE'
    default:
      return number
  }
}

/** All values of MessageModel with their numbers. */
export const messageModelNames: readonly (readonly [name: MessageModel, number: number])[] = [
  ['MESSAGE_MODEL_UNSPECIFIED', 0],
  ['CLUSTERING', 1],
  ['BROADCASTING', 2],
  ['LITE_SELECTIVE', 3],
]

/** Values of the enum GetTopicRouteRequestNetworkType; a number stands for a value that this build does not know. */
export type GetTopicRouteRequestNetworkType =
  | 'INTERNAL'
  | 'INTERNET'
  | 'INTRANET'

const GET_TOPIC_ROUTE_REQUEST_NETWORK_TYPE_NUMBERS: Readonly<Record<GetTopicRouteRequestNetworkType, number>> = {
  INTERNAL: 0,
  INTERNET: 1,
  INTRANET: 2,
}

/** The number of a GetTopicRouteRequestNetworkType; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function getTopicRouteRequestNetworkTypeNumber(value: GetTopicRouteRequestNetworkType | number): number {
  if (typeof value === 'number') return value
  const known = GET_TOPIC_ROUTE_REQUEST_NETWORK_TYPE_NUMBERS[value]
  if (known === undefined) throw new TypeError(`${value} is no value of the enum GetTopicRouteRequestNetworkType`)
  return known
}

/** The name of a GetTopicRouteRequestNetworkType, or the number itself when this build does not know it. */
export function getTopicRouteRequestNetworkTypeName(number: number): GetTopicRouteRequestNetworkType | number {
  switch (number) {
    case 0:
      return 'INTERNAL'
    case 1:
      return 'INTERNET'
    case 2:
      return 'INTRANET'
    default:
      return number
  }
}

/** All values of GetTopicRouteRequestNetworkType with their numbers. */
export const getTopicRouteRequestNetworkTypeNames: readonly (readonly [name: GetTopicRouteRequestNetworkType, number: number])[] = [
  ['INTERNAL', 0],
  ['INTERNET', 1],
  ['INTRANET', 2],
]
