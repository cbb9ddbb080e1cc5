/** One case of h2spec. */
export interface H2specCase {
  /** Where it stands, e.g. `http2/6.9.1`. */
  readonly group: string
  /** What it does to the server. */
  readonly name: string
  readonly outcome: 'passed' | 'skipped' | 'failed'
  /** For a failed case what was expected, one line for each possibility, and last what came. Empty otherwise. */
  readonly text: string
}

export interface H2specTotals {
  readonly passed: number
  readonly skipped: number
  readonly failed: number
}

const SUITE = /<testsuite\b([^>]*)>([\s\S]*?)<\/testsuite>/g
const CASE = /<testcase\b([^>]*)>([\s\S]*?)<\/testcase>/g
const SKIPPED = /<skipped\b/
const FAILED = /<(error|failure)\b[^>]*>([\s\S]*)<\/\1>/

/**
 * Reads the JUnit report that h2spec 2.2.1 writes. That is no XML in the strict sense: attributes are escaped, but the texts of failures are written
 * as they come, NUL bytes included (reporter/junit_report.go). So it is read by its known form, and by no XML parser.
 *
 * @throws an Error for a text without a single case, and when a group does not hold as many cases as it says.
 */
export function parseH2specReport(report: string): readonly H2specCase[] {
  const cases: H2specCase[] = []
  for (const [, head = '', body = ''] of report.matchAll(SUITE)) {
    const group = attribute(head, 'package')
    const found = [...body.matchAll(CASE)]
    const announced = Number(attribute(head, 'tests'))
    if (found.length !== announced) throw new Error(`The h2spec report announces ${announced} cases of ${group} and holds ${found.length}`)
    for (const [, own = '', result = ''] of found) cases.push({ group, name: attribute(own, 'classname'), ...outcomeOf(result) })
  }
  if (cases.length === 0) throw new Error(`This is no report of h2spec: ${report.slice(0, 200)}`)
  return cases
}

function outcomeOf(result: string): Pick<H2specCase, 'outcome' | 'text'> {
  // A failure comes first: its text may say anything.
  const [, , text] = FAILED.exec(result) ?? []
  if (text !== undefined) return { outcome: 'failed', text }
  return { outcome: SKIPPED.test(result) ? 'skipped' : 'passed', text: '' }
}

function attribute(head: string, name: string): string {
  const [, value] = new RegExp(`\\b${name}="([^"]*)"`).exec(head) ?? []
  if (value === undefined) throw new Error(`The h2spec report has an element without ${name}: ${head}`)
  return unescaped(value)
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Go's encoding/xml writes quotes and blanks as numbers, in decimal or in hexadecimal. */
function unescaped(value: string): string {
  return value.replace(/&(?:#x([0-9A-Fa-f]+)|#(\d+)|(\w+));/g, (whole, hex: string | undefined, decimal: string | undefined, name: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    return named[name] ?? whole
  })
}

export function totalsOf(cases: readonly H2specCase[]): H2specTotals {
  const count = (outcome: H2specCase['outcome']) => cases.filter((one) => one.outcome === outcome).length
  return { passed: count('passed'), skipped: count('skipped'), failed: count('failed') }
}

/** The cases of a group that did not pass, for a person to read; empty when all did. */
export function describeBad(cases: readonly H2specCase[], group: string): string {
  return cases
    .filter((one) => one.group === group && one.outcome !== 'passed')
    .map(({ name, outcome, text }) => [`${name}: ${outcome}`, ...printable(text)].join('\n    '))
    .join('\n  ')
}

function printable(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.replaceAll('\0', '\\0'))
  if (lines.length < 2) return text === '' ? [] : lines
  return [...lines.slice(0, -1).map((line, index) => `${index === 0 ? 'expected' : '      or'} ${line}`), `     got ${lines.at(-1)}`]
}
