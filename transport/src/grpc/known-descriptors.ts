import type { Method } from '../contract.ts'
import { writeBytes, writeNumber } from './protobuf.ts'

/** Types of fields by their number in descriptor.proto. */
const types = { int32: 5, string: 9, message: 11, bytes: 12, enum: 14 } as const

interface FieldOptions {
  readonly typeName?: string
  readonly repeated?: boolean
  readonly oneof?: number
}

type FieldShape = readonly [name: string, number: number, type: keyof typeof types, options?: FieldOptions]

function field([name, number, type, { typeName, repeated, oneof }]: Required<FieldShape>): Buffer {
  const parts = [writeBytes(1, name), writeNumber(3, number), writeNumber(4, repeated === true ? 3 : 1), writeNumber(5, types[type])]
  if (typeName !== undefined) parts.push(writeBytes(6, typeName))
  if (oneof !== undefined) parts.push(writeNumber(9, oneof))
  return writeBytes(2, ...parts)
}

/** A DescriptorProto: `at` 4 within a file, 3 within a message. */
function message(name: string, fields: readonly FieldShape[], oneofs: readonly string[] = [], nested: readonly Buffer[] = []): Buffer {
  return writeBytes(
    4,
    writeBytes(1, name),
    ...fields.map(([one, number, type, options = {}]) => field([one, number, type, options])),
    ...nested,
    ...oneofs.map((oneof) => writeBytes(8, writeBytes(1, oneof))),
  )
}

function nestedEnum(name: string, values: readonly string[]): Buffer {
  return writeBytes(4, writeBytes(1, name), ...values.map((value, number) => writeBytes(2, writeBytes(1, value), writeNumber(2, number))))
}

function service(name: string, methods: readonly (readonly [name: string, input: string, output: string, kind: Method['kind']])[]): Buffer {
  const method = ([own, input, output, kind]: (typeof methods)[number]): Buffer => {
    const parts = [writeBytes(1, own), writeBytes(2, input), writeBytes(3, output)]
    if (kind === 'client-stream' || kind === 'bidi') parts.push(writeNumber(5, 1))
    if (kind === 'server-stream' || kind === 'bidi') parts.push(writeNumber(6, 1))
    return writeBytes(2, ...parts)
  }
  return writeBytes(6, writeBytes(1, name), ...methods.map(method))
}

function file(name: string, pkg: string, content: readonly Buffer[]): Buffer {
  return writeBytes(1, writeBytes(1, name), writeBytes(2, pkg), ...content, writeBytes(12, 'proto3'))
}

function health(): Buffer {
  const own = '.grpc.health.v1'
  const names = [`${own}.HealthCheckRequest`, `${own}.HealthCheckResponse`] as const
  return file('grpc/health/v1/health.proto', 'grpc.health.v1', [
    message('HealthCheckRequest', [['service', 1, 'string']]),
    message(
      'HealthCheckResponse',
      [['status', 1, 'enum', { typeName: `${own}.HealthCheckResponse.ServingStatus` }]],
      [],
      [nestedEnum('ServingStatus', ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'])],
    ),
    service('Health', [
      ['Check', ...names, 'unary'],
      ['Watch', ...names, 'server-stream'],
    ]),
  ])
}

/** Both versions have the same messages. */
function reflection(version: 'v1' | 'v1alpha'): Buffer {
  const own = `.grpc.reflection.${version}`
  const of = (name: string): { readonly typeName: string; readonly oneof: number } => ({ typeName: `${own}.${name}`, oneof: 0 })
  return file(`grpc/reflection/${version}/reflection.proto`, own.slice(1), [
    message(
      'ServerReflectionRequest',
      [
        ['host', 1, 'string'],
        ['file_by_filename', 3, 'string', { oneof: 0 }],
        ['file_containing_symbol', 4, 'string', { oneof: 0 }],
        ['file_containing_extension', 5, 'message', of('ExtensionRequest')],
        ['all_extension_numbers_of_type', 6, 'string', { oneof: 0 }],
        ['list_services', 7, 'string', { oneof: 0 }],
      ],
      ['message_request'],
    ),
    message('ExtensionRequest', [
      ['containing_type', 1, 'string'],
      ['extension_number', 2, 'int32'],
    ]),
    message(
      'ServerReflectionResponse',
      [
        ['valid_host', 1, 'string'],
        ['original_request', 2, 'message', { typeName: `${own}.ServerReflectionRequest` }],
        ['file_descriptor_response', 4, 'message', of('FileDescriptorResponse')],
        ['all_extension_numbers_response', 5, 'message', of('ExtensionNumberResponse')],
        ['list_services_response', 6, 'message', of('ListServiceResponse')],
        ['error_response', 7, 'message', of('ErrorResponse')],
      ],
      ['message_response'],
    ),
    message('FileDescriptorResponse', [['file_descriptor_proto', 1, 'bytes', { repeated: true }]]),
    message('ExtensionNumberResponse', [
      ['base_type_name', 1, 'string'],
      ['extension_number', 2, 'int32', { repeated: true }],
    ]),
    message('ListServiceResponse', [['service', 1, 'message', { typeName: `${own}.ServiceResponse`, repeated: true }]]),
    message('ServiceResponse', [['name', 1, 'string']]),
    message('ErrorResponse', [
      ['error_code', 1, 'int32'],
      ['error_message', 2, 'string'],
    ]),
    service('ServerReflection', [['ServerReflectionInfo', `${own}.ServerReflectionRequest`, `${own}.ServerReflectionResponse`, 'bidi']]),
  ])
}

/** A FileDescriptorSet of the services that this package brings along, so that tools can call those as well. */
export function knownDescriptors(): Uint8Array {
  return Buffer.concat([health(), reflection('v1'), reflection('v1alpha')])
}
