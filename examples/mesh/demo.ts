/**
 * The main job: two brokers, one real Envoy with the filter, a producer and a consumer that know only the sidecar's address.
 *
 *   npm start              shows what happened, then stays up until Ctrl-C
 *   npm start -- --once    the same, then ends: with 0, or with 1 when a figure is not as it must be or there is no Envoy
 */
import { readFileSync } from 'node:fs'
import { setTimeout as pass } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  EnvoyError,
  type FilterMetrics,
  findEnvoy,
  generateEnvoy,
  type RunningEnvoy,
  readConfig,
  readFilterMetrics,
  startEnvoy,
} from '@feathermq/mesh-filter'
import { drawTrace, type Span, startTraceReceiver } from '../support/trace-receiver.ts'
import { callsTable, messagesTable, problemsOf, type Stored } from './account.ts'
import type { Handled } from './consumer.ts'
import { type BrokerProcess, startBrokerProcess, startService } from './processes.ts'
import type { Sent } from './producer.ts'

const patience = 30_000
const { values: flags } = parseArgs({ options: { once: { type: 'boolean', default: false } } })

/** What the services report over the channel to this process. */
type Report =
  | { readonly type: 'running' }
  | { readonly type: 'handled'; readonly handled: Handled }
  | { readonly type: 'sent'; readonly sent: readonly Sent[] }
const isRunning = (report: Report): report is Extract<Report, { type: 'running' }> => report.type === 'running'
const isSent = (report: Report): report is Extract<Report, { type: 'sent' }> => report.type === 'sent'

const interrupted = new Promise<void>((resolve) => {
  process.on('SIGINT', resolve)
  process.on('SIGTERM', resolve)
})

async function startSidecar(brokers: readonly BrokerProcess[]): Promise<RunningEnvoy | undefined> {
  const reading = readConfig(readFileSync(new URL('./mesh.json', import.meta.url), 'utf8'))
  if (!reading.ok) throw new Error(reading.problems.map(({ line, path, message }) => `mesh.json:${line}: ${path}: ${message}`).join('\n'))
  try {
    const found = await findEnvoy({ cache: fileURLToPath(new URL('../../.cache/envoy', import.meta.url)) })
    const clusters = Object.fromEntries(brokers.map(({ name, grpc }) => [name, grpc]))
    const bootstrap = generateEnvoy(reading.config, { clusters, listen: '127.0.0.1:0', admin: '127.0.0.1:0' })
    const envoy = await startEnvoy(bootstrap, { envoy: found.path, workers: 2 })
    console.log(
      `  sidecar   ${envoy.listeners.get('feathermq')}   Envoy ${found.version}, pid ${envoy.pid}, with the filter (examples/mesh/mesh.json)`,
    )
    return envoy
  } catch (error) {
    if (!(error instanceof EnvoyError)) throw error
    console.log(`  sidecar   none. ${error.message}`)
    console.log('            Without it the services talk to the broker east directly, and nothing is routed.')
    return undefined
  }
}

async function storedBy(brokers: readonly BrokerProcess[]): Promise<readonly Stored[]> {
  const answers = brokers.map(async ({ name, http }) => {
    const response = await fetch(`http://${http}/api/topics`)
    const { topics } = (await response.json()) as { readonly topics: readonly { readonly name: string; readonly stored: number }[] }
    return topics.map((topic) => ({ broker: name, topic: topic.name, stored: topic.stored }))
  })
  return (await Promise.all(answers)).flat()
}

/** Resolves with true once `found` holds, asked after each report; with false when the patience is over or someone interrupts. */
function until(found: () => boolean, onChange: (look: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), patience)
    const look = (): void => {
      if (!found()) return
      clearTimeout(timer)
      resolve(true)
    }
    onChange(look)
    look()
    void interrupted.then(() => {
      clearTimeout(timer)
      resolve(false)
    })
  })
}

console.log('Starting:')
const brokers = await Promise.all(['east', 'west'].map(startBrokerProcess))
for (const { name, grpc, http } of brokers) console.log(`  broker    ${grpc}   "${name}", health, metrics and admin at http://${http}`)
const envoy = await startSidecar(brokers)
const receiver = await startTraceReceiver()
const endpoints = envoy?.listeners.get('feathermq') ?? brokers[0]?.grpc ?? ''
const consumer = startService<Report>('consumer', [endpoints, receiver.url])
await consumer.next(isRunning)
const handled: Handled[] = []
consumer.onReport((report) => {
  if (report.type === 'handled') handled.push(report.handled)
})
console.log(`  consumer  groups billing and ledger, one client, knows only ${endpoints}`)
const producer = startService<Report>('producer', [endpoints, receiver.url])
console.log(`  producer  normal, ordered and delayed messages, one client, knows only ${endpoints}\n`)

const { sent } = await producer.next(isSent)
const isHandled = ({ messageId }: Sent): boolean => handled.some((call) => call.messageId === messageId && call.outcome === 'done')
await until(
  () => sent.every(isHandled),
  (look) => consumer.onReport(look),
)
const retried = handled.find(({ outcome }) => outcome === 'failed')
const traceOf = (spans: readonly Span[]): string => spans.find((span) => span.kind === 'PRODUCER' && sentBy(span, retried))?.traceId ?? ''
const whole = (spans: readonly Span[]): boolean => spans.filter(({ traceId, kind }) => kind === 'CONSUMER' && traceId === traceOf(spans)).length >= 2
await receiver.until((spans) => traceOf(spans) !== '' && whole(spans), 5_000)

const stored = await storedBy(brokers)
// The filter tells Envoy of its calls twice a second.
await pass(1_000)
const metrics: FilterMetrics | undefined = envoy === undefined ? undefined : await readFilterMetrics(envoy.adminUrl)
console.log('What each broker stored, and what the consumer handled (a failed call counts as an attempt):\n')
console.log(`${messagesTable(sent, handled, stored)}\n`)
if (metrics !== undefined) {
  console.log("What the filter counted (Envoy's admin interface, /stats):\n")
  console.log(`${callsTable(metrics)}\n`)
}
console.log('One message, from the producer to the consumer, with its second attempt:\n')
console.log(`${drawTrace(receiver.spans, traceOf(receiver.spans))}\n`)

const problems = [...problemsOf(sent, handled, stored, metrics), ...(whole(receiver.spans) ? [] : ['the trace of the retried message is not whole'])]
for (const problem of problems) console.error(`WRONG: ${problem}`)
if (problems.length === 0) console.log(`All ${sent.length} messages were handled as they must be.`)
if (envoy === undefined) console.log('There was no Envoy: see above how to get one.')
process.exitCode = problems.length === 0 && (envoy !== undefined || !flags.once) ? 0 : 1

if (!flags.once) {
  console.log('\nLook around; Ctrl-C drains and stops everything.')
  for (const { name, http } of brokers) console.log(`  ${name.padEnd(9)} http://${http}/api/topics   http://${http}/metrics`)
  if (envoy !== undefined) console.log(`  Envoy     ${envoy.adminUrl}/stats?filter=fmq   ${envoy.adminUrl}/stats/prometheus?filter=fmq`)
  await interrupted
  console.log('\nDraining …')
}
consumer.send('close')
await Promise.all([consumer.ended, producer.ended])
await envoy?.stop()
await Promise.all(brokers.map((broker) => broker.stop()))
await receiver.close()

function sentBy(span: Span, call: Handled | undefined): boolean {
  return call !== undefined && span.attributes.get('messaging.message.id') === call.messageId
}
