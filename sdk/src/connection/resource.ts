import type { EndpointsInit, ResourceInit } from '@feathermq/protocol'
import type { EndpointList } from '../endpoints.ts'

/** A topic or group as the protocol names it. The namespace stands here and in the header, as Java does: servers read one or the other. */
export function resource(namespace: string, name: string): ResourceInit {
  return { resourceNamespace: namespace, name }
}

export function endpointsInit(list: EndpointList): EndpointsInit {
  return { scheme: list.scheme, addresses: list.addresses }
}
