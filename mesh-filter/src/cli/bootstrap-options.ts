import { type Command, InvalidArgumentError } from 'commander'
import type { DownstreamTls } from '../manifests/downstream-tls.ts'
import type { GenerateEnvoyOptions } from '../manifests/envoy.ts'
import { ManifestError } from '../manifests/manifest-error.ts'
import type { Output } from './output.ts'

/** Options of a bootstrap, as every command takes them that writes one. */
export interface BootstrapFlags {
  readonly cluster?: Readonly<Record<string, readonly string[]>>
  readonly listen: string
  readonly admin: string
  readonly accessLog: string
  readonly trustedCa?: string
  readonly clientCert?: string
  readonly clientKey?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsClientCa?: string
  readonly tlsOnly: boolean
  readonly traces?: string
  readonly node?: Readonly<Record<string, string>>
  readonly keepHeaders: boolean
  readonly rejectListener: string
}

/** `NAME=ADDRESS[,ADDRESS]`, given once per cluster. */
function collectCluster(text: string, found: Record<string, readonly string[]> = {}): Record<string, readonly string[]> {
  const [, name, addresses] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name === undefined || addresses === undefined) throw new InvalidArgumentError('write NAME=HOST:PORT, for example east=127.0.0.1:8081')
  if (Object.hasOwn(found, name)) throw new InvalidArgumentError(`cluster ${name} is given twice; several addresses go into one option: ${name}=A,B`)
  return { ...found, [name]: addresses.split(',') }
}

/** `KEY=VALUE`, given once per key. */
function collectNode(text: string, found: Record<string, string> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (key === undefined || value === undefined) throw new InvalidArgumentError('write KEY=VALUE, for example lane=canary')
  return { ...found, [key]: value }
}

export function addBootstrapOptions(command: Command): Command {
  return command
    .requiredOption('--config <file>', 'configuration of the filter (JSON)')
    .option('--cluster <name=address>', 'HOST:PORT or tls://HOST:PORT of a cluster, several by commas; once per cluster', collectCluster)
    .option('--listen <address>', 'where clients connect', '127.0.0.1:10000')
    .option('--admin <address>', "Envoy's admin interface", '127.0.0.1:9901')
    .option('--access-log <path>', 'access log on the machine of Envoy, or "none"', '/dev/stdout')
    .option('--trusted-ca <file>', 'authorities (PEM) for tls:// clusters, on the machine of Envoy')
    .option('--client-cert <file>', 'certificate (PEM) that Envoy shows to tls:// clusters')
    .option('--client-key <file>', 'its key (PEM)')
    .option('--tls-cert <file>', 'certificate (PEM) for clients that speak TLS on the same port')
    .option('--tls-key <file>', 'its key (PEM)')
    .option('--tls-client-ca <file>', 'authorities (PEM) of client certificates, which TLS clients then must show')
    .option('--tls-only', 'refuse plaintext', false)
    .option('--node <key=value>', "metadata of Envoy's node, for lanes; once per key", collectNode)
    .option('--traces <address>', 'HOST:PORT of an OpenTelemetry collector (OTLP over gRPC) for spans')
    .option('--keep-headers', 'leave x-fmq-* on requests that go to brokers', false)
    .option('--reject-listener <place>', 'where refused calls are answered: "internal", or HOST:PORT on the loopback', 'internal')
}

/** @throws ManifestError when options contradict each other. */
export function bootstrapOptions(flags: BootstrapFlags): GenerateEnvoyOptions {
  return {
    clusters: flags.cluster ?? {},
    listen: flags.listen,
    admin: flags.admin,
    accessLog: flags.accessLog === 'none' ? false : flags.accessLog,
    hideHeaders: !flags.keepHeaders,
    trustedCa: flags.trustedCa,
    clientCertificate: pair('client', flags.clientCert, flags.clientKey),
    tls: downstreamTls(flags),
    node: flags.node,
    traces: flags.traces,
    rejectListener: flags.rejectListener,
  }
}

/** Runs `work`; what it has to say about the command line or about a file is told without a stack, and the command fails. */
export async function explained(output: Output, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ManifestError) && !isFileError(error)) throw error
    output.err(`error: ${error.message}\n`)
    output.fail()
  }
}

/** A certificate is of no use without its key, and the other way round. */
function pair(name: string, certificate: string | undefined, key: string | undefined): { certificate: string; key: string } | undefined {
  if (certificate !== undefined && key !== undefined) return { certificate, key }
  if (certificate === undefined && key === undefined) return undefined
  throw new ManifestError(`--${name}-cert and --${name}-key go together`)
}

function downstreamTls(flags: BootstrapFlags): DownstreamTls | undefined {
  const own = pair('tls', flags.tlsCert, flags.tlsKey)
  if (own !== undefined) return { ...own, clientCa: flags.tlsClientCa, only: flags.tlsOnly }
  if (flags.tlsClientCa === undefined && !flags.tlsOnly) return undefined
  throw new ManifestError('--tls-client-ca and --tls-only need --tls-cert and --tls-key')
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
