import type { Transport } from '../../contract.ts'
import { addressCases } from './addresses.ts'
import { cancellationCases } from './cancellation.ts'
import { connectionCases } from './connection.ts'
import type { Runner, Traits } from './harness.ts'
import { headerCases } from './headers.ts'
import { limitCases } from './limits.ts'
import { oddServerCases } from './odd-servers.ts'
import { strangerCases } from './strangers.ts'
import { streamCases } from './streams.ts'
import { tlsCases } from './tls.ts'
import { unaryCases } from './unary.ts'

/**
 * What the contract says, as tests. Every implementation runs them; a case that needs more than the contract promises belongs into the tests of its
 * implementation.
 *
 * @param createTransport called for each case.
 * @param runner `{ describe, it }` of mocha, given so that this package needs no test runner.
 */
export function conformanceSuite(name: string, createTransport: () => Transport, traits: Traits, runner: Runner): void {
  const bench = { describe: runner.describe, it: runner.it, traits, createTransport }
  runner.describe(`transport contract, ${name}`, () => {
    runner.describe('unary calls', () => unaryCases(bench))
    runner.describe('headers, trailers and options', () => headerCases(bench))
    runner.describe('streams', () => streamCases(bench))
    runner.describe('message size limits', () => limitCases(bench))
    runner.describe('deadlines and cancellation', () => cancellationCases(bench))
    runner.describe('connections and closing', () => connectionCases(bench))
    runner.describe('addresses', () => addressCases(bench))
    if (traits.sockets) runner.describe('strangers at the port', () => strangerCases(bench))
    if (traits.sockets) runner.describe('odd servers', () => oddServerCases(bench))
    if (traits.sockets) runner.describe('TLS', () => tlsCases(bench))
  })
}
