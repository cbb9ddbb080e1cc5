// Mocha's spec reporter that also appends its totals to the file named by FEATHERMQ_TEST_TOTALS, so that scripts/test.mjs can add up all suites.
const { appendFileSync } = require('node:fs')
const { reporters } = require('mocha')

module.exports = class Totals extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    runner.once('end', () => {
      const { passes = 0, failures = 0, pending = 0 } = this.stats
      const file = process.env.FEATHERMQ_TEST_TOTALS
      if (file) appendFileSync(file, `${JSON.stringify({ passes, failures, pending })}\n`)
    })
  }
}
