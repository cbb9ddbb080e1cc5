import type { JsonObject } from './json.ts'

/** Files on Envoy's machine by which clients may speak TLS on the port where others speak plaintext. */
export interface DownstreamTls {
  /** Certificate chain and key (PEM). */
  readonly certificate: string
  readonly key: string
  /** Authorities (PEM) of client certificates. With them a TLS client must show one; its SPIFFE id is the call's `peer`. */
  readonly clientCa?: string | undefined
  /** Refuse plaintext: without a certificate nobody has a name that access rules could look at. Default false. */
  readonly only?: boolean | undefined
}

/** Looks at the first bytes of a connection: a TLS record, or something else. */
export const tlsInspector: JsonObject = {
  name: 'envoy.filters.listener.tls_inspector',
  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector' },
}

function socket({ certificate, key, clientCa }: DownstreamTls): JsonObject {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      ...(clientCa === undefined ? {} : { require_client_certificate: true }),
      common_tls_context: {
        // gRPC is HTTP/2 and says so.
        alpn_protocols: ['h2'],
        tls_certificates: [{ certificate_chain: { filename: certificate }, private_key: { filename: key } }],
        ...(clientCa === undefined ? {} : { validation_context: { trusted_ca: { filename: clientCa } } }),
      },
    },
  }
}

/** The listener's fields: one chain of filters, for plaintext, for TLS, or for whichever a client speaks. */
export function filterChains(filters: readonly JsonObject[], tls: DownstreamTls | undefined): JsonObject {
  if (tls === undefined) return { filter_chains: [{ filters }] }
  const encrypted = { filter_chain_match: { transport_protocol: 'tls' }, filters, transport_socket: socket(tls) }
  return {
    listener_filters: [tlsInspector],
    filter_chains: tls.only === true ? [encrypted] : [{ filter_chain_match: { transport_protocol: 'raw_buffer' }, filters }, encrypted],
  }
}
