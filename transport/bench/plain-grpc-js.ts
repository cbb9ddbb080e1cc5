import * as grpc from '@grpc/grpc-js'
import {
  changingHeaders,
  constantHeaders,
  echoed,
  failed,
  paths,
  problemOf,
  request,
  response,
  STREAM_MESSAGES,
  streamMessage,
  streamRequest,
  TIMEOUT,
} from './payloads.ts'
import type { Done, Variant } from './variant.ts'

const asIs = (bytes: Buffer): Buffer => bytes

/** grpc-js as its documentation shows it, with serializers that pass bytes through: neither side of the comparison pays for a codec. */
export const plainGrpcJs: Variant = {
  serve({ tls, maxStreams }) {
    const server = new grpc.Server(maxStreams === undefined ? {} : { 'grpc.max_concurrent_streams': maxStreams })
    let open = 0
    server.register(
      paths.unary,
      (_call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) => callback(null, response),
      asIs,
      asIs,
      'unary',
    )
    server.register(
      paths.serverStream,
      (call: grpc.ServerWritableStream<Buffer, Buffer>) => {
        for (let index = 0; index < STREAM_MESSAGES; index += 1) call.write(streamMessage)
        call.end()
      },
      asIs,
      asIs,
      'serverStream',
    )
    server.register(
      paths.echo,
      (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
        open += 1
        call.on('data', (message: Buffer) => call.write(message))
        call.on('end', () => {
          open -= 1
          call.end()
        })
        call.on('error', () => {
          open -= 1
        })
      },
      asIs,
      asIs,
      'bidi',
    )
    const credentials =
      tls === undefined
        ? grpc.ServerCredentials.createInsecure()
        : grpc.ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.key) }])
    return new Promise((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', credentials, (error, port) => (error === null ? resolve({ port, openStreams: () => open }) : reject(error)))
    })
  },

  connect(port, ca) {
    const credentials = ca === undefined ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(Buffer.from(ca))
    const client = new grpc.Client(`127.0.0.1:${port}`, credentials, {
      // Clients of one address share a connection otherwise.
      'grpc.use_local_subchannel_pool': 1,
      ...(ca === undefined ? {} : { 'grpc.ssl_target_name_override': 'localhost' }),
    })
    return {
      unary(done) {
        client.makeUnaryRequest(paths.unary, asIs, asIs, request, metadata(), { deadline: Date.now() + TIMEOUT }, (error, answer) => {
          if (error !== null) done(failed(error.code, error.details))
          else done(problemOf(1, answer?.length ?? 0, 1, response))
        })
      },
      serverStream(done) {
        const call = client.makeServerStreamRequest(paths.serverStream, asIs, asIs, streamRequest, metadata(), { deadline: Date.now() + TIMEOUT })
        let messages = 0
        let bytes = 0
        call.on('data', (message: Buffer) => {
          messages += 1
          bytes += message.length
        })
        whenOver(call, (error) => done(error ?? problemOf(messages, bytes, STREAM_MESSAGES, streamMessage)))
      },
      openStream(onEcho, done) {
        const call = client.makeBidiStreamRequest(paths.echo, asIs, asIs, metadata())
        call.on('data', onEcho)
        whenOver(call, done)
        return { send: () => call.write(echoed), end: () => call.end() }
      },
    }
  },
}

function metadata(): grpc.Metadata {
  const metadata = new grpc.Metadata()
  for (const [name, value] of constantHeaders) metadata.set(name, value)
  for (const [name, value] of changingHeaders()) metadata.set(name, value)
  return metadata
}

function whenOver(call: grpc.ClientReadableStream<Buffer> | grpc.ClientDuplexStream<Buffer, Buffer>, done: Done): void {
  let error: Error | undefined
  call.on('error', (cause: Error) => {
    error = cause
  })
  call.on('status', ({ code, details }: grpc.StatusObject) => done(error ?? (code === grpc.status.OK ? undefined : failed(code, details))))
}
