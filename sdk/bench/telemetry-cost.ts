// What observing costs per message, by who listens: CPU time and allocated bytes of the hooks alone, in the same run as a message's other work in this process.
//   node --expose-gc --import tsx --conditions feathermq-source sdk/bench/telemetry-cost.ts [--idle]
//   --idle   without OpenTelemetry in the process
import { tracingChannel } from 'node:diagnostics_channel'
import { systemClock } from '../src/clock.ts'
import { receivedFields } from '../src/connection/received-message.ts'
import { silentLogger } from '../src/logger.ts'
import { plainBody } from '../src/message/body.ts'
import { Message } from '../src/message/message.ts'
import { prepare } from '../src/message/outgoing.ts'
import { checkTelemetry } from '../src/telemetry/options.ts'
import { Telemetry } from '../src/telemetry/telemetry.ts'

const ROUNDS = 7
const COUNT = 50_000

const outgoing = { topic: 'orders', body: 'x'.repeat(256), tag: 'created', keys: ['o-1'] }
const fields = receivedFields(
  {
    topic: { resourceNamespace: '', name: 'orders' },
    userProperties: new Map(),
    systemProperties: undefined,
    body: new Uint8Array(256),
  } as unknown as Parameters<typeof receivedFields>[0],
  'orders',
  256,
)
const body = plainBody(fields) ?? { ok: true as const, bytes: fields.body }
const nothing = async () => {}
const settlement = {
  ack: nothing,
  nack: nothing,
  extend: nothing,
  deadLetter: nothing,
  attempt: () => 1,
  process: <T>(_: Message, work: () => Promise<T>) => work(),
}
const message = new Message(fields, body, settlement)
const subject = { clientId: 'c', namespace: '', group: 'billing', ambient: undefined }
const receipt = { messageId: 'm', endpoint: '127.0.0.1:8081', attempts: 1 }

/** Everything that is told of one message: its send, delivery, handling and ack. */
async function observe(telemetry: Telemetry): Promise<void> {
  const prepared = prepare(outgoing, systemClock)
  telemetry.startSend(prepared, 'm', subject)?.succeed(receipt)
  const since = telemetry.delivered(fields, 'billing', systemClock)
  telemetry.awaited('orders', 'billing', since)
  await telemetry.process(message, fields, subject, nothing)
  await telemetry.settle('ack', fields, subject, nothing)
}

/** The same work without anybody to tell. */
async function bare(): Promise<void> {
  prepare(outgoing, systemClock)
  await nothing()
  await nothing()
}

async function round(step: () => Promise<void>): Promise<{ readonly micros: number; readonly bytes: number }> {
  globalThis.gc?.()
  const heap = process.memoryUsage().heapUsed
  const start = process.cpuUsage()
  let bytes = 0
  let before = heap
  for (let index = 0; index < COUNT; index += 1) {
    await step()
    if (index % 500 !== 499) continue
    const now = process.memoryUsage().heapUsed
    // A collection in between makes it less; such a stretch is left out.
    if (now > before) bytes += now - before
    before = now
  }
  const { user, system } = process.cpuUsage(start)
  return { micros: (user + system) / COUNT, bytes: bytes / COUNT }
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[values.length >> 1] ?? 0
}

const idle = new Telemetry({}, silentLogger, systemClock)
const cases: { readonly name: string; readonly step: () => Promise<void>; readonly on?: () => () => void }[] = [
  { name: 'without the hooks', step: bare },
  { name: 'nobody listens', step: () => observe(idle) },
  {
    name: 'a subscriber of each channel',
    step: () => observe(idle),
    on: () => {
      const handlers = { start() {}, end() {}, asyncStart() {}, asyncEnd() {}, error() {} }
      const channels = ['feathermq:send', 'feathermq:process', 'feathermq:settle'].map((name) => tracingChannel(name))
      for (const each of channels) each.subscribe(handlers)
      return () => {
        for (const each of channels) each.unsubscribe(handlers)
      }
    },
  },
]
if (!process.argv.includes('--idle')) {
  const { context } = await import('@opentelemetry/api')
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks')
  const { MeterProvider, MetricReader } = await import('@opentelemetry/sdk-metrics')
  const { BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base')
  class Reader extends MetricReader {
    protected async onForceFlush(): Promise<void> {}
    protected async onShutdown(): Promise<void> {}
  }
  const metered = new Telemetry(checkTelemetry({ meterProvider: new MeterProvider({ readers: [new Reader()] }) }), silentLogger, systemClock)
  cases.push({ name: 'metrics', step: () => observe(metered) })
  const traced = new Telemetry(checkTelemetry({ tracerProvider: new BasicTracerProvider() }), silentLogger, systemClock)
  cases.push({
    name: 'spans (sampled, exported to nobody)',
    step: () => observe(traced),
    on: () => {
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
      return () => context.disable()
    },
  })
}

const measured = new Map(cases.map(({ name }) => [name, [] as { readonly micros: number; readonly bytes: number }[]]))
for (let number = 0; number <= ROUNDS; number += 1) {
  for (const { name, step, on } of cases) {
    const off = on?.()
    const result = await round(step)
    off?.()
    // The first is for warming up.
    if (number > 0) measured.get(name)?.push(result)
  }
}
for (const [name, results] of measured) {
  const micros = median(results.map((result) => result.micros))
  const bytes = median(results.map((result) => result.bytes))
  process.stdout.write(`${name.padEnd(40)} ${micros.toFixed(2).padStart(8)} µs ${bytes.toFixed(0).padStart(8)} bytes\n`)
}
