import { readFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { defaultEnvoyVersion } from '../envoy/find.ts'
import { inject } from '../injector/inject.ts'
import { uninject } from '../injector/uninject.ts'
import { filterFile } from '../manifests/filter-file.ts'
import { ManifestError } from '../manifests/manifest-error.ts'
import { addBootstrapOptions, type BootstrapFlags, bootstrapOptions, explained } from './bootstrap-options.ts'
import { loadConfigFile } from './config-file.ts'
import { type Output, writeResult } from './output.ts'

interface Flags extends BootstrapFlags {
  readonly file: string
  readonly config: string
  readonly wasm?: string
  readonly image: string
  readonly redirect?: number
  readonly redirectImage?: string
  readonly output?: string
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('write a port, for example 8081')
  return port
}

/** A file, or `-` for stdin. */
async function readManifest(file: string): Promise<string> {
  if (file !== '-') return await readFile(file, 'utf8')
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

function redirectOf({ redirect: port, redirectImage: image }: Flags): { port: number; image: string } | undefined {
  if (port !== undefined && image !== undefined) return { port, image }
  if (port === undefined && image === undefined) return undefined
  throw new ManifestError('--redirect needs --redirect-image, an image with iptables, and the other way round')
}

export function addInject(program: Command, output: Output): void {
  addBootstrapOptions(
    program.command('inject').description('Add a sidecar with the filter to every workload of a Kubernetes manifest; again to replace it'),
  )
    .requiredOption('-f, --file <file>', 'the manifest (YAML), "-" for stdin')
    .option('--image <image>', 'image of the sidecar', `envoyproxy/envoy:v${defaultEnvoyVersion}`)
    .option('--wasm <file>', 'the filter, on this machine (default: the file of this package)')
    .option('--redirect <port>', 'send what the application sends to this port to the sidecar; needs NET_ADMIN', portOf)
    .option('--redirect-image <image>', 'image with iptables, for --redirect')
    .option('-o, --output <file>', 'where to write it (default: stdout)')
    .action(async (flags: Flags) => {
      const config = await loadConfigFile(flags.config, output)
      if (config === undefined) return
      await explained(output, async () => {
        const options = {
          ...bootstrapOptions(flags),
          image: flags.image,
          redirect: redirectOf(flags),
          wasm: await readFile(flags.wasm ?? filterFile),
        }
        const { text, workloads } = inject(await readManifest(flags.file), config, options)
        await writeResult(text, flags.output, output)
        output.err(`injected into ${workloads.join(', ')}\n`)
      })
    })
}

export function addUninject(program: Command, output: Output): void {
  program
    .command('uninject')
    .description('Take out of a Kubernetes manifest what inject put there')
    .requiredOption('-f, --file <file>', 'the manifest (YAML), "-" for stdin')
    .option('-o, --output <file>', 'where to write it (default: stdout)')
    .action(async (flags: Pick<Flags, 'file' | 'output'>) => {
      await explained(output, async () => {
        const { text, workloads } = uninject(await readManifest(flags.file))
        await writeResult(text, flags.output, output)
        output.err(workloads.length === 0 ? 'nothing was injected here\n' : `taken out of ${workloads.join(', ')}\n`)
      })
    })
}
