// What a filter can do to streams and contexts.
import { status, streamType } from '../codes.ts'
import type { Guest } from '../guest.ts'
import { HeaderMap } from '../header-map.ts'
import { readPairs } from '../pairs.ts'
import { badMemory, badNumber, noStream, type Words } from './answers.ts'

const lastGrpcStatus = 16

export function streamFunctions(guest: Guest): Record<string, Words> {
  return {
    proxy_continue_stream(type) {
      if (type > streamType.last) return badNumber(guest, 'stream', type)
      if (type !== streamType.request && type !== streamType.response) {
        return noStream(guest, type === streamType.downstream ? status.ok : status.unimplemented)
      }
      const { stream } = guest.context
      if (stream === undefined) return noStream(guest, status.ok)
      stream.resume(type === streamType.request ? 'request' : 'response')
      return status.ok
    },
    proxy_close_stream(type) {
      if (type > streamType.last) return badNumber(guest, 'stream', type)
      const { stream } = guest.context
      if (stream === undefined || type > streamType.response) return noStream(guest, status.ok)
      guest.afterCall(() => stream.breakOff())
      return status.ok
    },
    proxy_send_local_response(httpStatus, details, detailsLength, body, bodyLength, headers, headersLength, grpcStatus) {
      const { memory } = guest
      if (!memory.has(details, detailsLength) || !memory.has(body, bodyLength) || !memory.has(headers, headersLength)) {
        return badMemory(guest, 'the details, the body or the headers')
      }
      const added = readPairs(memory, headers, headersLength)
      if (added === undefined) guest.fault('argument', 'the additional headers are not well-formed, so there are none')
      const answer = {
        httpStatus,
        grpcStatus: grpcStatus <= lastGrpcStatus ? grpcStatus : undefined,
        // Spaces would break the columns of access logs (StringUtil::replaceAllEmptySpace).
        details: memory.text(details, detailsLength).replace(/\s/g, '_'),
        body: memory.copy(body, bodyLength),
        headers: added ?? new HeaderMap(),
      }
      guest.stopNextIteration = true
      const { stream } = guest.context
      if (stream === undefined) return noStream(guest, status.ok)
      guest.afterCall(() => stream.answer(answer))
      return status.ok
    },
    proxy_set_effective_context(id) {
      return guest.actAs(id) ? status.ok : badNumber(guest, 'context', id)
    },
    proxy_done() {
      return guest.context.root?.done() === true ? status.ok : status.notFound
    },
    proxy_call_foreign_function(name, nameLength, argument, argumentLength, pointer, sizePointer) {
      const { memory } = guest
      if (!memory.has(name, nameLength) || !memory.has(argument, argumentLength)) return badMemory(guest, 'the name or the argument')
      const called = memory.text(name, nameLength)
      if (called !== 'clear_route_cache') {
        guest.fault('unsupported', `foreign function "${called}"`)
        return status.notFound
      }
      guest.context.stream?.clearRouteCache()
      if (pointer !== 0 && !memory.setU32(pointer, 0)) return badMemory(guest, 'where the result shall go')
      if (sizePointer !== 0 && !memory.setU32(sizePointer, 0)) return badMemory(guest, 'where the size shall go')
      return status.ok
    },
  }
}
