import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as OTLP/HTTP writes it in JSON, as far as this program looks. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: string
  readonly service: string
  readonly start: bigint
  readonly end: bigint
  readonly failed: boolean
  readonly attributes: ReadonlyMap<string, string>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
}

interface OtlpValue {
  readonly stringValue?: string
  readonly intValue?: string | number
  readonly doubleValue?: number
  readonly boolValue?: boolean
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] }
}
interface OtlpAttribute {
  readonly key: string
  readonly value?: OtlpValue
}
interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind?: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status?: { readonly code?: number }
  readonly attributes?: readonly OtlpAttribute[]
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
}
interface OtlpRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] }
    readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[]
  }[]
}

const KINDS = ['', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']

function text(value: OtlpValue | undefined): string {
  if (value?.arrayValue !== undefined) return `[${(value.arrayValue.values ?? []).map(text).join(', ')}]`
  return String(value?.stringValue ?? value?.intValue ?? value?.doubleValue ?? value?.boolValue ?? '')
}

function* spansOf(request: OtlpRequest): Generator<Span> {
  for (const { resource, scopeSpans } of request.resourceSpans ?? []) {
    const service = text(resource?.attributes?.find(({ key }) => key === 'service.name')?.value)
    for (const { spans } of scopeSpans ?? []) {
      for (const span of spans ?? []) {
        yield {
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId ?? '',
          name: span.name,
          kind: KINDS[span.kind ?? 0] ?? '',
          service,
          start: BigInt(span.startTimeUnixNano),
          end: BigInt(span.endTimeUnixNano),
          failed: span.status?.code === 2,
          attributes: new Map((span.attributes ?? []).map(({ key, value }) => [key, text(value)])),
          links: span.links ?? [],
        }
      }
    }
  }
}

export interface TraceReceiver {
  /** What `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set to. */
  readonly url: string
  readonly spans: readonly Span[]
  /** Resolves as soon as `found` is true of the spans received; false when `within` ms passed. */
  until(found: (spans: readonly Span[]) => boolean, within: number): Promise<boolean>
  close(): Promise<void>
}

/** Receives traces over OTLP/HTTP in JSON and keeps them: enough of a tracing backend to look at one trace. */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const spans: Span[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      try {
        spans.push(...spansOf(JSON.parse(Buffer.concat(chunks).toString('utf8')) as OtlpRequest))
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      } catch {
        response.writeHead(400).end('this receiver takes OTLP/HTTP in JSON')
      }
      for (const look of waiting) look()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    spans,
    until(found, within) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (found(spans)) finish(true)
        }
        const timer = setTimeout(() => finish(false), within)
        const finish = (result: boolean): void => {
          clearTimeout(timer)
          waiting.delete(look)
          resolve(result)
        }
        waiting.add(look)
        look()
      })
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One trace as a tree for people, children in the order of their start. */
export function drawTrace(spans: readonly Span[], traceId: string): string {
  const own = spans.filter((span) => span.traceId === traceId).sort((a, b) => (a.start < b.start ? -1 : 1))
  const ids = new Set(own.map((span) => span.spanId))
  const first = own[0]
  if (first === undefined) return '(no spans)'
  const lines = [`trace ${traceId}`]
  const draw = (span: Span, indent: string, last: boolean): void => {
    const ms = (nanos: bigint): string => (Number(nanos) / 1e6).toFixed(1)
    const attempt = span.attributes.get('feathermq.delivery_attempt')
    const notes = [span.kind, span.service, `+${ms(span.start - first.start)} ms`, `took ${ms(span.end - span.start)} ms`]
    if (attempt !== undefined) notes.push(`attempt ${attempt}`)
    if (span.failed) notes.push('failed')
    lines.push(`${indent}${last ? '└' : '├'} ${span.name.padEnd(18)} ${notes.join(', ')}`)
    const children = own.filter((child) => child.parentSpanId === span.spanId)
    children.forEach((child, index) => {
      draw(child, `${indent}${last ? '  ' : '│ '}`, index === children.length - 1)
    })
  }
  const roots = own.filter((span) => !ids.has(span.parentSpanId))
  roots.forEach((span, index) => {
    draw(span, '  ', index === roots.length - 1)
  })
  return lines.join('\n')
}
