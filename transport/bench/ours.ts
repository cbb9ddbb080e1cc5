import { type CallOptions, type Channel, http2Transport, type Method, type MethodHandler, type RpcStatus, unary } from '@feathermq/transport'
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

const unaryMethod: Method = { path: paths.unary, kind: 'unary' }
const serverStreamMethod: Method = { path: paths.serverStream, kind: 'server-stream' }
const echoMethod: Method = { path: paths.echo, kind: 'bidi' }

const thirtyTwo: MethodHandler = {
  onMessage(call) {
    for (let index = 0; index < STREAM_MESSAGES; index += 1) call.send(streamMessage)
    call.end()
  },
}

/** The transport of this package, with all its limits as they are by default. */
export const ours: Variant = {
  async serve({ tls, maxStreams }) {
    const server = http2Transport().createServer({ tls, maxConcurrentStreams: maxStreams })
    let open = 0
    server.handle(
      unaryMethod,
      unary(() => response),
    )
    server.handle(serverStreamMethod, thirtyTwo)
    server.handle(echoMethod, {
      onStart() {
        open += 1
      },
      onMessage(call, message) {
        call.send(Buffer.from(message))
      },
      onHalfClose(call) {
        open -= 1
        call.end()
      },
      onCancel() {
        open -= 1
      },
    })
    const { port } = await server.listen('127.0.0.1', 0)
    return { port, openStreams: () => open }
  },

  connect(port, ca) {
    const channel: Channel = http2Transport().createChannel({ address: `127.0.0.1:${port}`, tls: ca === undefined ? undefined : { ca } })
    const template = channel.template(constantHeaders)
    const options = (): CallOptions => ({ template, headers: changingHeaders(), timeout: TIMEOUT })
    return {
      unary(done) {
        const call = channel.start(unaryMethod, counting(1, response, done), options())
        call.send(request)
        call.halfClose()
      },
      serverStream(done) {
        const call = channel.start(serverStreamMethod, counting(STREAM_MESSAGES, streamMessage, done), options())
        call.send(streamRequest)
        call.halfClose()
      },
      openStream(onEcho, done) {
        const call = channel.start(
          echoMethod,
          { onMessage: onEcho, onEnd: (status) => done(problemIn(status)) },
          { template, headers: changingHeaders() },
        )
        return { send: () => call.send(echoed), end: () => call.halfClose() }
      },
    }
  },
}

function counting(expected: number, each: Buffer, done: Done) {
  let messages = 0
  let bytes = 0
  return {
    onMessage(message: Uint8Array) {
      messages += 1
      bytes += message.length
    },
    onEnd(status: RpcStatus) {
      done(problemIn(status) ?? problemOf(messages, bytes, expected, each))
    },
  }
}

function problemIn({ code, message }: RpcStatus): Error | undefined {
  return code === 'OK' ? undefined : failed(code, message)
}
