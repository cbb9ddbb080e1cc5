// Required by mocha before any test: what is left to chance begins at one seed for everything, so that a commit that was green once stays green, and a
// failure comes back. FEATHERMQ_SEED=N begins elsewhere; the long variants (npm run test:full) begin elsewhere every time, and say where in what fails.
import { createRequire } from 'node:module'
import imported from 'fast-check'

const USUAL = 20_261_127
const { FEATHERMQ_SEED: given, FEATHERMQ_LONG: long } = process.env
const seed = given !== undefined ? Number(given) : long === '1' ? Math.floor(Math.random() * 2 ** 31) : USUAL
if (!Number.isSafeInteger(seed)) throw new Error(`FEATHERMQ_SEED must be an integer, not ${given}`)

// Tests may be loaded either way, and each has a copy of fast-check with settings of its own.
const required = createRequire(import.meta.url)('fast-check')
for (const fc of [imported, required]) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed })
process.env.FEATHERMQ_SEED = String(seed)
