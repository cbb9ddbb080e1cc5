import { writeFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DownstreamTls } from '../manifests/downstream-tls.ts'
import { generateEnvoy } from '../manifests/envoy.ts'
import { ManifestError } from '../manifests/manifest-error.ts'
import { renderEnvoy } from '../manifests/render.ts'
import { loadConfigFile } from './config-file.ts'
import type { Output } from './output.ts'
import { wasmSource } from './wasm-source.ts'

interface Flags {
  readonly config: string
  readonly cluster?: Readonly<Record<string, readonly string[]>>
  readonly listen: string
  readonly admin: string
  readonly wasm?: string
  readonly accessLog: string
  readonly trustedCa?: string
  readonly clientCert?: string
  readonly clientKey?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsClientCa?: string
  readonly tlsOnly: boolean
  readonly traces?: string
  readonly filterFile?: string
  readonly keepHeaders: boolean
  readonly rejectListener: string
  readonly format: 'yaml' | 'json'
  readonly output?: string
}

/** `NAME=ADDRESS[,ADDRESS]`, given once per cluster. */
function collectCluster(text: string, found: Record<string, readonly string[]> = {}): Record<string, readonly string[]> {
  const [, name, addresses] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name === undefined || addresses === undefined) throw new InvalidArgumentError('write NAME=HOST:PORT, for example east=127.0.0.1:8081')
  if (Object.hasOwn(found, name)) throw new InvalidArgumentError(`cluster ${name} is given twice; several addresses go into one option: ${name}=A,B`)
  return { ...found, [name]: addresses.split(',') }
}

export function addGenerateEnvoy(generate: Command, output: Output): void {
  generate
    .command('envoy')
    .description('Write the whole bootstrap of a stock Envoy that runs the filter')
    .requiredOption('--config <file>', 'configuration of the filter (JSON)')
    .option('--cluster <name=address>', 'HOST:PORT or tls://HOST:PORT of a cluster, several by commas; once per cluster', collectCluster)
    .option('--listen <address>', 'where clients connect', '127.0.0.1:10000')
    .option('--admin <address>', "Envoy's admin interface", '127.0.0.1:9901')
    .option('--wasm <file>', 'the filter on the machine of Envoy, or "inline" to put it into the manifest (default: the file of this package)')
    .option('--access-log <path>', 'access log on the machine of Envoy, or "none"', '/dev/stdout')
    .option('--trusted-ca <file>', 'authorities (PEM) for tls:// clusters, on the machine of Envoy')
    .option('--client-cert <file>', 'certificate (PEM) that Envoy shows to tls:// clusters')
    .option('--client-key <file>', 'its key (PEM)')
    .option('--tls-cert <file>', 'certificate (PEM) for clients that speak TLS on the same port')
    .option('--tls-key <file>', 'its key (PEM)')
    .option('--tls-client-ca <file>', 'authorities (PEM) of client certificates, which TLS clients then must show')
    .option('--tls-only', 'refuse plaintext', false)
    .option('--filter-file <path>', 'absolute path from which Envoy takes the filter, and new configurations while it runs; see "generate filter"')
    .option('--traces <address>', 'HOST:PORT of an OpenTelemetry collector (OTLP over gRPC) for spans')
    .option('--keep-headers', 'leave x-fmq-* on requests that go to brokers', false)
    .option('--reject-listener <place>', 'where refused calls are answered: "internal", or HOST:PORT on the loopback', 'internal')
    .addOption(new Option('--format <format>', 'how to write it').choices(['yaml', 'json']).default('yaml'))
    .option('-o, --output <file>', 'where to write it (default: stdout)')
    .action((flags: Flags) => run(flags, output))
}

async function run(flags: Flags, output: Output): Promise<void> {
  const config = await loadConfigFile(flags.config, output)
  if (config === undefined) return
  try {
    const bootstrap = generateEnvoy(config, {
      clusters: flags.cluster ?? {},
      listen: flags.listen,
      admin: flags.admin,
      wasm: await wasmSource(flags.wasm, output),
      accessLog: flags.accessLog === 'none' ? false : flags.accessLog,
      hideHeaders: !flags.keepHeaders,
      trustedCa: flags.trustedCa,
      clientCertificate: pair('client', flags.clientCert, flags.clientKey),
      tls: downstreamTls(flags),
      traces: flags.traces,
      filterFile: flags.filterFile,
      rejectListener: flags.rejectListener,
    })
    const text = renderEnvoy(bootstrap, flags.format, `Written by feathermq-mesh generate envoy from configuration "${config.name}".`)
    if (flags.output === undefined) output.out(text)
    else await writeFile(flags.output, text)
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

function downstreamTls(flags: Flags): DownstreamTls | undefined {
  const own = pair('tls', flags.tlsCert, flags.tlsKey)
  if (own !== undefined) return { ...own, clientCa: flags.tlsClientCa, only: flags.tlsOnly }
  if (flags.tlsClientCa === undefined && !flags.tlsOnly) return undefined
  throw new ManifestError('--tls-client-ca and --tls-only need --tls-cert and --tls-key')
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
