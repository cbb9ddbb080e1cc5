import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { examineAdmin, examineFile, examineWithEnvoy } from '../doctor/doctor.ts'
import type { Finding } from '../doctor/finding.ts'
import { ManifestError } from '../manifests/manifest-error.ts'
import { explained } from './bootstrap-options.ts'
import type { Output } from './output.ts'

interface Flags {
  readonly file?: string
  readonly admin?: string
  readonly envoy?: string
  readonly format: 'text' | 'json'
}

export function addDoctor(program: Command, output: Output): void {
  program
    .command('doctor')
    .description('Look at a bootstrap or a running Envoy, and say what is wrong and what to do')
    .option('-f, --file <file>', 'a bootstrap (YAML or JSON)')
    .option('--admin <address>', 'the admin interface of a running Envoy, for example 127.0.0.1:9901')
    .option('--envoy <program>', 'with --file: also lets this Envoy check the bootstrap, which loads the filter')
    .addOption(new Option('--format <format>', 'how to write it').choices(['text', 'json']).default('text'))
    .action((flags: Flags) => explained(output, () => run(flags, output)))
}

async function run(flags: Flags, output: Output): Promise<void> {
  const findings = await find(flags)
  if (flags.format === 'json') output.out(`${JSON.stringify(findings, null, 2)}\n`)
  else {
    for (const { code, severity, where, what, next } of findings) output.out(`${severity} ${code} (${where}): ${what}\n  → ${next}\n`)
    if (findings.length === 0) output.out('nothing is wrong\n')
  }
  // Warnings are for people; a pipeline stops at errors.
  if (findings.some(({ severity }) => severity === 'error')) output.fail()
}

async function find({ file, admin, envoy }: Flags): Promise<readonly Finding[]> {
  if ((file === undefined) === (admin === undefined)) throw new ManifestError('give either --file or --admin')
  if (admin !== undefined) return await examineAdmin(admin.includes('://') ? admin : `http://${admin}`)
  const text = await readFile(file ?? '', 'utf8')
  return envoy === undefined ? examineFile(text) : await examineWithEnvoy(text, envoy)
}
