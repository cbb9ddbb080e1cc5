import type { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { dumpData, type Finding, repairData, verifyData } from '../data/inspection.ts'
import { realFiles } from '../files/real-files.ts'
import { counted } from './form.ts'
import type { Output } from './output.ts'

const at = (folder: string): { readonly files: typeof realFiles; readonly folder: string; readonly clock: typeof systemClock } => ({
  files: realFiles,
  folder,
  clock: systemClock,
})

const isDamage = ({ kind }: Finding): boolean => kind === 'damaged'

const lines = (findings: readonly Finding[]): string =>
  findings.map(({ kind, text }) => `${kind === 'damaged' ? 'damaged' : 'torn   '}  ${text}\n`).join('')

/** `feathermq log …`, on the data directory of a broker that is stopped. */
export function addLogCommands(program: Command, output: Output): void {
  const log = program.command('log').description('check, read and repair the data directory of a stopped broker')
  log
    .command('verify <directory>')
    .description('read all of it and say what is damaged; changes nothing; code 1 when something is')
    .action(async (directory: string) => {
      const { segments, messages, topics, groups, findings } = await verifyData(at(directory))
      output.out(lines(findings))
      const damaged = findings.filter(isDamage).length
      const sum = damaged === 0 ? 'no damage' : counted(damaged, 'damaged place')
      output.out(
        `${directory}: ${counted(messages, 'message')} in ${counted(segments, 'segment')}, ${counted(topics, 'topic')}, ${counted(groups, 'group')}: ${sum}\n`,
      )
      if (damaged > 0) output.fail(1)
    })
  log
    .command('dump <directory>')
    .description('print its messages as lines of JSON, in the order of writing; changes nothing')
    .option('--topic <name>', 'only messages of this topic')
    .option('--body', 'with bodies, in Base64')
    .action(async (directory: string, options: { topic?: string; body?: true }) => {
      const findings = await dumpData({ ...at(directory), ...options }, (message) => output.out(`${JSON.stringify(message)}\n`))
      output.err(lines(findings))
      if (findings.some(isDamage)) output.fail(1)
    })
  log
    .command('repair <directory>')
    .description('cut what was being written when the broker ended, and leave damaged places out, as its next start would')
    .action(async (directory: string) => {
      const findings = await repairData(at(directory))
      output.out(lines(findings))
      output.out(
        `${directory}: ${findings.length === 0 ? 'nothing to repair' : `${counted(findings.length, 'place')} dealt with`}; the broker can be started\n`,
      )
    })
}
