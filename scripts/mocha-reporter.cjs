// Mocha's spec reporter that also appends its totals, and what failed, to the file named by FEATHERMQ_TEST_TOTALS, so that scripts/test.mjs can add up
// all suites and repeat the failures at its end.
const { appendFileSync } = require('node:fs')
const { reporters } = require('mocha')

module.exports = class Totals extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    const failed = []
    runner.on('fail', (test, error) => {
      failed.push({ title: test.titlePath().join(' › '), error: String(error?.stack ?? error) })
    })
    runner.once('end', () => {
      const { passes = 0, failures = 0, pending = 0 } = this.stats
      const file = process.env.FEATHERMQ_TEST_TOTALS
      if (file) appendFileSync(file, `${JSON.stringify({ passes, failures, pending, failed })}\n`)
    })
  }
}
