import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { NodeSDK } from '@opentelemetry/sdk-node'

/**
 * Switches tracing on for this process. FeatherMQ needs nothing else: it uses the OpenTelemetry API, which does nothing until an SDK is started.
 * Returns what must be awaited before the process ends, or the last spans are lost.
 */
export function startTracing(serviceName: string, url: string): () => Promise<void> {
  const sdk = new NodeSDK({ serviceName, traceExporter: new OTLPTraceExporter({ url }), metricReaders: [], instrumentations: [] })
  sdk.start()
  return () => sdk.shutdown()
}
