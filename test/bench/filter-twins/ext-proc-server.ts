// Our filter's work on a request as an external processor (ext_proc), in a process of its own: a gRPC stream for each call and
// copy, on which Envoy sends headers and body and waits for what becomes of them.
import { readFileSync } from 'node:fs'
import { decodeSendMessageRequest } from '@feathermq/protocol'
import { http2Transport, type Method } from '@feathermq/transport'
import protobuf from 'protobufjs'

const externalProcessing: Method = { path: '/envoy.service.ext_proc.v3.ExternalProcessor/Process', kind: 'bidi' }
const proto = protobuf.parse(readFileSync(new URL('ext-proc.proto', import.meta.url), 'utf8')).root
const Request = proto.lookupType('envoy.service.ext_proc.v3.ProcessingRequest')
const Response = proto.lookupType('envoy.service.ext_proc.v3.ProcessingResponse')

interface ProcessingRequest {
  readonly requestHeaders?: object | null
  readonly requestBody?: { readonly body: Uint8Array } | null
}

const goOn = Response.encode({ requestHeaders: { response: {} } }).finish()
const counts = new Map<string, number>()

function route(body: Uint8Array): Uint8Array {
  // The five bytes of gRPC's prefix stand before the message.
  const topic = decodeSendMessageRequest(body.subarray(5)).messages[0]?.topic?.name ?? ''
  counts.set(topic, (counts.get(topic) ?? 0) + 1)
  const isPayments = topic === 'payments' || topic.startsWith('payments-')
  const header = { key: 'x-fmq-cluster', rawValue: Buffer.from(isPayments ? 'west' : 'east') }
  const setHeaders = [{ header, appendAction: 2 }]
  return Response.encode({ requestBody: { response: { headerMutation: { setHeaders }, clearRouteCache: true } } }).finish()
}

const server = http2Transport().createServer()
server.handle(externalProcessing, {
  onMessage(call, message) {
    const { requestBody } = Request.decode(message) as ProcessingRequest
    call.send(requestBody ? route(requestBody.body) : goOn)
  },
  onHalfClose(call) {
    call.end()
  },
})
const { port } = await server.listen('127.0.0.1', 0)
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: user + system, calls: [...counts.values()].reduce((sum, count) => sum + count, 0) })
})
process.on('disconnect', () => void server.close())
process.send?.({ port })
