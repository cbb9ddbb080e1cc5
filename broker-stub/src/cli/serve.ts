import { X509Certificate } from 'node:crypto'
import type { TransportName } from '@feathermq/transport'
import { type Broker, openBroker } from '../broker.ts'
import { jsonLogger, type LogLevel, textLogger } from '../logging/line-logger.ts'
import type { Logger } from '../logging/logger.ts'
import { type BrokerOptions, OptionError, readOptionsFile } from '../options.ts'
import type { Output } from './output.ts'

/** Flags of `feathermq serve`. */
export interface ServeFlags {
  readonly name?: string
  readonly host?: string
  readonly port?: number
  readonly httpPort?: number
  readonly advertise?: string
  readonly autoCreate?: boolean
  readonly maxMemory?: string
  readonly data?: string
  readonly flush?: string
  readonly retentionTime?: string
  readonly retentionSize?: string
  readonly maxDelay?: string
  readonly transport?: TransportName
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsSelfSigned?: boolean
  readonly config?: string
  readonly json?: boolean
  readonly logLevel?: LogLevel | 'silent'
}

const LOOPBACK = /^(127(\.\d+){1,3}|localhost|::1)$/i

/** Runs a broker until SIGINT or SIGTERM, then drains. */
export async function serve(flags: ServeFlags, version: string, output: Output): Promise<void> {
  const options = serveOptions(flags)
  const lines = { write: output.err, level: flags.logLevel ?? 'info' }
  const logger = flags.json === true ? jsonLogger(lines) : textLogger(lines)
  const broker = await openBroker({ ...options, logger })
  // Before anyone is told that the broker is ready: from then on a signal may come.
  // A terminal's Ctrl-C may come twice, once by way of npm: it must not cut the draining short.
  const stopped = new Promise<string>((resolve) => {
    process.on('SIGINT', () => resolve('SIGINT'))
    process.on('SIGTERM', () => resolve('SIGTERM'))
  })
  const { grpc, http } = await broker.start().catch(async (error: unknown) => {
    // Its data directory is open: closed in order, it has to be looked through by nobody.
    await broker.stop()
    throw error
  })
  const { certificate } = broker
  const ready = flags.json === true ? JSON.stringify({ grpc, http, pid: process.pid, certificate }) : greeting(broker, version, options)
  output.out(`${ready}\n`)
  if (!LOOPBACK.test(options.host ?? '127.0.0.1')) {
    const warning = `${options.host} can be reached from other machines, and this broker asks nobody for credentials.`
    if (flags.json === true) logger.warn({ event: 'open-to-others', host: options.host }, warning)
    else output.err(`Warning: ${warning}\n`)
  }
  reloadOnHangup(broker, options, flags.json === true ? logger : undefined, output)
  const signal = await stopped
  if (flags.json !== true) output.out(`\n${signal}: answering what waits, then stopping …\n`)
  await broker.stop()
}

/** A terminal that is closed sends the same signal: there it ends the broker, as it ends everything else. */
function reloadOnHangup(broker: Broker, options: BrokerOptions, logger: Logger | undefined, output: Output): void {
  if (options.tls?.cert === undefined || process.stdin.isTTY || process.stdout.isTTY) return
  process.on('SIGHUP', () => {
    try {
      broker.reloadTls()
      if (logger === undefined) output.out('SIGHUP: read the certificate again\n')
      else logger.info({ event: 'certificate-read' }, 'SIGHUP: read the certificate again')
    } catch (error) {
      if (logger === undefined) output.err(`SIGHUP: the certificate stays: ${error instanceof Error ? error.message : error}\n`)
      else logger.error({ event: 'certificate-kept', err: error }, 'SIGHUP: the certificate stays')
    }
  })
}

/** The options of the configuration file, under those of the flags. @throws {OptionError} */
export function serveOptions(flags: ServeFlags): BrokerOptions {
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined))
    throw new OptionError('--tls-cert and --tls-key belong together: give both or none')
  if (flags.tlsCert !== undefined && flags.tlsSelfSigned === true)
    throw new OptionError('--tls-self-signed makes a certificate of its own: give it or --tls-cert and --tls-key')
  const file = flags.config === undefined ? {} : readOptionsFile(flags.config)
  const given: Record<string, unknown> = {
    name: flags.name,
    host: flags.host,
    port: flags.port,
    httpPort: flags.httpPort,
    advertise: flags.advertise,
    autoCreate: flags.autoCreate,
    maxMemory: flags.maxMemory,
    data: flags.data,
    flush: flags.flush,
    retention: retentionOf(flags, file),
    maxDelay: flags.maxDelay,
    transport: flags.transport,
    tls: flags.tlsSelfSigned === true ? { selfSigned: true } : flags.tlsCert === undefined ? undefined : { cert: flags.tlsCert, key: flags.tlsKey },
  }
  return { ...file, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
}

/** Flags win one by one. */
function retentionOf({ retentionTime: time, retentionSize: size }: ServeFlags, { retention }: BrokerOptions): BrokerOptions['retention'] {
  if (time === undefined && size === undefined) return undefined
  return { ...retention, ...(time === undefined ? {} : { time }), ...(size === undefined ? {} : { size }) }
}

/** Where a browser or a command on this machine reaches a broker that listens on all addresses. */
const here = (address: string): string => address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')

/** What the gRPC port takes. */
function carried({ tls, transport }: BrokerOptions): string {
  if (tls === undefined) return 'plaintext'
  return (tls.alsoPlaintext ?? tls.selfSigned === true) && transport !== 'grpc-js' ? 'TLS and plaintext' : 'TLS'
}

/** Where messages are. */
function kept({ data, maxMemory, flush }: BrokerOptions): string {
  if (data === undefined) return `messages in memory (${maxMemory ?? '512MiB'})`
  const sync =
    flush === undefined || flush === 'commit'
      ? 'on disk before senders are told so'
      : flush === 'os'
        ? 'synced when the system does'
        : `synced within ${flush}`
  return `messages in ${data} (${sync})`
}

function greeting(broker: Broker, version: string, options: BrokerOptions): string {
  const { grpc, http: listening } = broker.addresses
  const http = here(listening)
  const admin = http === '127.0.0.1:8082' ? '' : ` --admin http://${http}`
  // Who came by npx or an npm script has no `feathermq` on the path.
  const command = process.env['npm_command'] === undefined ? 'feathermq' : 'npx @feathermq/broker'
  return [
    `FeatherMQ broker ${version}, "${broker.name}", pid ${process.pid}, ${kept(options)}, ${(options.autoCreate ?? options.data === undefined) ? 'topics and groups are made on first use' : 'topics and groups must be created'}`,
    '',
    `  gRPC     ${grpc} (${carried(options)})`,
    ...(broker.certificate === undefined ? [] : [`  TLS      self-signed, SHA-256 ${new X509Certificate(broker.certificate).fingerprint256}`]),
    `  Health   http://${http}/healthz`,
    `  Metrics  http://${http}/metrics`,
    `  Admin    http://${http}/api/topics`,
    '',
    `  Try:     ${command} topic create orders${admin}`,
  ].join('\n')
}
