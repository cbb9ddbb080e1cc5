import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { describeBad, type H2specCase, parseH2specReport, totalsOf } from './h2spec-report.ts'

const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="6.1. DATA" package="http2/6.1" id="6.1" tests="2" skipped="0" failures="0" errors="1">
    <testcase package="http2/6.1" classname="Sends a DATA frame with 0x0 stream identifier" time="0.0004"></testcase>
    <testcase package="http2/6.1" classname="Sends a DATA frame on the stream that is not in &#34;open&#34; state" time="2.0005">
      <error>GOAWAY Frame (Error Code: STREAM_CLOSED)
Connection closed
DATA Frame (a < b & c, opaque_data:h2spec\0\0)</error>
    </testcase>
  </testsuite>
  <testsuite name="6.9.1. The Flow-Control Window" package="http2/6.9.1" id="6.9.1" tests="1" skipped="1" failures="0" errors="0">
    <testcase package="http2/6.9.1" classname="Sends &lt;SETTINGS&gt; &amp; HEADERS" time="0.0009">
      <skipped></skipped>
    </testcase>
  </testsuite>
</testsuites>`

const cases: readonly H2specCase[] = [
  { group: 'http2/6.1', name: 'Sends a DATA frame with 0x0 stream identifier', outcome: 'passed', text: '' },
  {
    group: 'http2/6.1',
    name: 'Sends a DATA frame on the stream that is not in "open" state',
    outcome: 'failed',
    text: 'GOAWAY Frame (Error Code: STREAM_CLOSED)\nConnection closed\nDATA Frame (a < b & c, opaque_data:h2spec\0\0)',
  },
  { group: 'http2/6.9.1', name: 'Sends <SETTINGS> & HEADERS', outcome: 'skipped', text: '' },
]

/** As Go's encoding/xml writes attributes. */
const escaped = (value: string) =>
  value.replace(/[&<>"'\t\n\r]/g, (c) => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : c === '>' ? '&gt;' : `&#${c.charCodeAt(0)};`))

function written(all: readonly H2specCase[]): string {
  const groups = [...new Set(all.map((one) => one.group))]
  const suites = groups.map((group) => {
    const own = all.filter((one) => one.group === group)
    const elements = own.map(({ name, outcome, text }) => {
      const result = outcome === 'failed' ? `<error>${text}</error>` : outcome === 'skipped' ? '<skipped></skipped>' : ''
      return `<testcase package="${escaped(group)}" classname="${escaped(name)}" time="0.0001">${result}</testcase>`
    })
    return `<testsuite name="x" package="${escaped(group)}" id="1" tests="${own.length}" skipped="0" failures="0" errors="0">${elements.join('')}</testsuite>`
  })
  return `<testsuites>${suites.join('')}</testsuites>`
}

describe('the report of h2spec', () => {
  it('is read into cases, with the texts of failures as they were written, however little they are XML', () => {
    assert.deepEqual(parseH2specReport(report), cases)
  })

  it('is read back whatever names and texts there are', () => {
    const anyCase = fc.record<H2specCase>({
      group: fc.constantFrom('generic/1', 'http2/6.9.1', 'hpack/2.3.3'),
      name: fc.string({ unit: 'grapheme' }),
      outcome: fc.constantFrom('passed', 'skipped', 'failed'),
      text: fc.constant(''),
    })
    const withText = fc.tuple(anyCase, fc.string()).map(([one, text]) => ({ ...one, text: one.outcome === 'failed' ? text : '' }))
    fc.assert(
      fc.property(fc.array(withText, { minLength: 1 }), (all) => {
        const inOrder = [...new Set(all.map((one) => one.group))].flatMap((group) => all.filter((one) => one.group === group))
        assert.deepEqual(parseH2specReport(written(all)), inOrder)
      }),
    )
  })

  it('is refused when a group lacks a case', () => {
    assert.throws(() => parseH2specReport(report.replace('tests="2"', 'tests="3"')), /announces 3 cases of http2\/6\.1 and holds 2/)
  })

  it('is refused when there is no case in it at all', () => {
    assert.throws(() => parseH2specReport('Error: connection refused'), /no report of h2spec: Error: connection refused/)
  })

  it('is counted by outcome', () => {
    assert.deepEqual(totalsOf(cases), { passed: 1, skipped: 1, failed: 1 })
  })

  it('is told case by case: what was expected, what came, and what was skipped', () => {
    assert.equal(
      describeBad(cases, 'http2/6.1'),
      [
        'Sends a DATA frame on the stream that is not in "open" state: failed',
        '    expected GOAWAY Frame (Error Code: STREAM_CLOSED)',
        '          or Connection closed',
        '         got DATA Frame (a < b & c, opaque_data:h2spec\\0\\0)',
      ].join('\n'),
    )
    assert.equal(describeBad(cases, 'http2/6.9.1'), 'Sends <SETTINGS> & HEADERS: skipped')
    assert.equal(describeBad(cases, 'generic/1'), '')
  })
})
