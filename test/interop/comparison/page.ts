import { type Defect, defects } from '../../../sdk/src/testing-internal/defects.ts'

export interface Outcome {
  readonly official: string
  readonly ours: string
}

export type Outcomes = Readonly<Record<string, Outcome>>

const cell = (text: string) => text.replaceAll('|', '\\|')
const sentence = (text: string) => cell(`${text.charAt(0).toUpperCase()}${text.slice(1)}`)

function testsOf({ tests }: Defect): string {
  return Object.entries(tests)
    .map(([file, names]) => {
      const path = /^(proto|test)\//.test(file) ? `../${file}` : `../sdk/src/${file}`
      return `[${file.replace(/\.test\.ts$/, '')}](${path}): ${names.map((name) => `“${name}”`).join('; ')}`
    })
    .join(' · ')
}

/** docs/comparison.md, from what was recorded and the table of defects. */
export function page(outcomes: Outcomes): string {
  const lines = [
    '# Beside the official Node client',
    '',
    '<!-- Generated: FEATHERMQ_RECORD=1 npx mocha test/interop/comparison/comparison.test.ts -->',
    '',
    'What happens when things go wrong, and when they merely come in another order, to `rocketmq-client-nodejs` 1.0.8 and to `@feathermq/sdk`. Both talk to the',
    'same scripted server, the official client in a process of its own. The outcomes were recorded and are reproduced by `npm test -- --only interop`; the',
    'scenarios are in `test/interop/comparison/`. Clients change: later versions of the official client may do better.',
    '',
    '| what happens | rocketmq-client-nodejs 1.0.8 | @feathermq/sdk |',
    '| --- | --- | --- |',
    ...Object.entries(outcomes).map(([name, { official, ours }]) => `| ${sentence(name)} | ${sentence(official)} | ${sentence(ours)} |`),
    '',
    '## Defects that ours is kept from',
    '',
    'Each was seen or read in a client of RocketMQ 5, and for each there are tests of ours against a server that does the worst.',
    '',
  ]
  for (const [who, rows] of defects) {
    lines.push(`### ${who}`, '', '| it | kept from ours by |', '| --- | --- |')
    for (const row of rows) lines.push(`| ${sentence(row.defect)} | ${cell(testsOf(row))} |`)
    lines.push('')
  }
  return `${lines.join('\n').trimEnd()}\n`
}
