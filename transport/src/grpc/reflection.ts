import type { Method, MethodHandler, RpcCode, Server } from '../contract.ts'
import { RpcError, rpcCodeNumber } from '../rpc-error.ts'
import { DescriptorIndex } from './descriptor-index.ts'
import { knownDescriptors } from './known-descriptors.ts'
import { ProtobufError, utf8, type WireField, wireFields, writeBytes, writeNumber } from './protobuf.ts'

/** The versions differ in nothing but their name. */
export const reflectionMethods: readonly Method[] = ['v1', 'v1alpha'].map((version) => ({
  path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
  kind: 'bidi',
}))

/** Fields of ServerReflectionRequest and ServerReflectionResponse. */
const HOST = 1
const question = { fileByName: 3, fileBySymbol: 4, fileByExtension: 5, extensionNumbers: 6, listServices: 7 } as const
const VALID_HOST = 1
const ORIGINAL_REQUEST = 2
const answer = { files: 4, extensionNumbers: 5, services: 6, error: 7 } as const

/**
 * Serves reflection (grpc.reflection.v1 and v1alpha), by which grpcurl and its like find out what a server can do: the services that the server has handlers
 * for, and the descriptors. Those of reflection and health are there without asking.
 *
 * A file is sent with the files that it needs, each once per stream.
 *
 * @param descriptors a FileDescriptorSet, of `protoc --descriptor_set_out --include_imports` for example; several of them joined are one. A function is
 * called when somebody asks for the first time.
 * @throws {TypeError} when the bytes are no FileDescriptorSet.
 */
export function serveReflection(server: Server, descriptors: Uint8Array | (() => Uint8Array)): void {
  const indexOf = (set: Uint8Array): DescriptorIndex => new DescriptorIndex(Buffer.concat([set, knownDescriptors()]))
  let index = typeof descriptors === 'function' ? undefined : indexOf(descriptors)
  const ready = (): DescriptorIndex => {
    if (index === undefined) index = indexOf(typeof descriptors === 'function' ? descriptors() : descriptors)
    return index
  }
  const services = (): string[] => [...new Set(server.methods().map(({ path }) => path.slice(1, path.indexOf('/', 1))))].sort()
  const handler: MethodHandler<Set<string>> = {
    onMessage(call, request) {
      call.state ??= new Set()
      if (!call.send(respond(request, ready(), services, call.state))) call.pause()
    },
    onDrain: (call) => call.resume(),
    onHalfClose: (call) => call.end(),
  }
  for (const method of reflectionMethods) server.handle(method, handler)
}

/** @throws {RpcError} */
function respond(request: Uint8Array, index: DescriptorIndex, services: () => string[], sent: Set<string>): Buffer[] {
  let host: Uint8Array = new Uint8Array(0)
  let asked: WireField | undefined
  try {
    for (const field of wireFields(request)) {
      if (field.number === HOST && field.bytes !== undefined) host = field.bytes
      // Of a oneof the last member counts.
      else if (field.number >= question.fileByName && field.number <= question.listServices && field.bytes !== undefined) asked = field
    }
    if (asked === undefined) throw new RpcError('INVALID_ARGUMENT', 'the request asks for nothing that this server knows of')
    return [writeBytes(VALID_HOST, host), writeBytes(ORIGINAL_REQUEST, request), answerTo(asked, index, services, sent)]
  } catch (cause) {
    if (cause instanceof ProtobufError) throw new RpcError('INTERNAL', `the request is no ServerReflectionRequest: ${cause.message}`, { cause })
    throw cause
  }
}

function answerTo({ number, bytes }: WireField, index: DescriptorIndex, services: () => string[], sent: Set<string>): Buffer {
  const files = (name: string | undefined, what: string): Buffer => {
    if (name === undefined) return failure('NOT_FOUND', `there is no ${what}`)
    return writeBytes(answer.files, ...index.withDependencies(name, sent).map((file) => writeBytes(1, file)))
  }
  switch (number) {
    case question.fileByName: {
      const name = utf8(bytes)
      return files(index.fileByName(name), `file ${JSON.stringify(name)}`)
    }
    case question.fileBySymbol: {
      const symbol = utf8(bytes)
      return files(index.fileBySymbol(symbol), `symbol ${JSON.stringify(symbol)}`)
    }
    case question.fileByExtension: {
      const { type, extension } = extensionAsked(bytes ?? new Uint8Array(0))
      return files(index.fileByExtension(type, extension), `extension ${extension} of ${JSON.stringify(type)}`)
    }
    case question.extensionNumbers: {
      const type = utf8(bytes)
      const numbers = index.extensionNumbers(type)
      if (numbers === undefined) return failure('NOT_FOUND', `there is no symbol ${JSON.stringify(type)}`)
      return writeBytes(answer.extensionNumbers, writeBytes(1, type), ...numbers.map((extension) => writeNumber(2, extension)))
    }
    default:
      return writeBytes(answer.services, ...services().map((service) => writeBytes(1, writeBytes(1, service))))
  }
}

function extensionAsked(bytes: Uint8Array): { readonly type: string; readonly extension: number } {
  let type = ''
  let extension = 0
  for (const field of wireFields(bytes)) {
    if (field.number === 1) type = utf8(field.bytes)
    else if (field.number === 2) extension = field.value
  }
  return { type, extension }
}

/** Nothing found is an answer; the stream goes on. */
function failure(code: RpcCode, message: string): Buffer {
  return writeBytes(answer.error, writeNumber(1, rpcCodeNumber(code)), writeBytes(2, message))
}
