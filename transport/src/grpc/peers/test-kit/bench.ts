import { strict as assert } from 'node:assert'
import type * as http2 from 'node:http2'
import fc from 'fast-check'
import { systemClock, type Timer } from '../../../clock.ts'
import { grpcJsTransport } from '../../../grpc-js/transport.ts'
import { testAuthority } from '../../../testing/certificates.ts'
import { http2Transport } from '../../transport.ts'
import { ClientScript, type Rules } from './client-script.ts'
import { type Cuts, CuttingProxy } from './cutting-proxy.ts'
import type { ClientEnd, ServerEnd } from './ends.ts'
import { LONGEST_MESSAGE } from './material.ts'
import { type CallPlan, kinds, methodOf } from './plan.ts'
import { RawClient, type RawOptions } from './raw-client.ts'
import { RawServer } from './raw-server.ts'
import { ServerScript } from './server-script.ts'
import { turns } from './turns.ts'

/** Who makes calls, and who serves them. */
export type End = 'own' | 'node' | 'grpc-js'
export interface Pairing {
  readonly client: End
  readonly server: End
}

/** What an end on `node:http2` does beside its calls. */
export interface Habits extends RawOptions {
  /** It changes its window of streams while calls are under way, after so many turns each. */
  readonly windows: readonly { readonly after: number; readonly size: number }[]
}

export interface Scenario {
  readonly tls: boolean
  readonly cuts: Cuts | undefined
  readonly habits: Habits
  readonly calls: readonly CallPlan[]
}

const authority = testAuthority()
const certificate = authority.issue('127.0.0.1')
/** So long open calls may take when everybody has been told that they are over, ms: for ever. */
const GRACE = 600_000
/** What the transport lets a peer send ahead on a connection, bytes, and what of it has to be there again when all is done. */
const LEAST_WINDOW_LEFT = 8 * 1024 * 1024
/** A scenario that takes so long has come to a standstill, ms. */
export const STANDSTILL = 15_000
/** Turns within which the system has closed what was given up. */
const PATIENCE = 2_000

function serverOf(end: End, { tls, habits }: Scenario): ServerEnd {
  if (end === 'node') return new RawServer(habits, tls ? certificate : undefined)
  const transport = end === 'own' ? http2Transport() : grpcJsTransport()
  return transport.createServer({
    maxReceiveMessageBytes: LONGEST_MESSAGE,
    maxConcurrentStreams: habits.settings.maxConcurrentStreams,
    onError: (error) => {
      throw error
    },
    ...(tls ? { tls: certificate } : {}),
  })
}

async function clientOf(end: End, port: number, { tls, habits }: Scenario): Promise<ClientEnd> {
  if (end === 'node') {
    const client = new RawClient(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, habits, tls ? authority.ca : undefined)
    await client.ready()
    return client
  }
  const transport = end === 'own' ? http2Transport() : grpcJsTransport()
  return transport.createChannel({ address: `127.0.0.1:${port}`, connectTimeout: 60_000, ...(tls ? { tls: { ca: authority.ca } } : {}) })
}

/** Plays all calls of a scenario over one pair, and sees that everything is as planned and that nothing is left of it. */
export async function play(pairing: Pairing, scenario: Scenario): Promise<void> {
  let standing = (): readonly string[] => []
  let watch: Timer | undefined
  const standstill = new Promise<never>((_resolve, reject) => {
    watch = systemClock.setTimer(() => reject(new Error(`a standstill:\n${standing().join('\n')}`)), STANDSTILL, true)
  })
  try {
    await Promise.race([
      standstill,
      playOut(pairing, scenario, (tell) => {
        standing = tell
      }),
    ])
  } finally {
    watch?.cancel()
  }
}

async function playOut(
  { client: clientEnd, server: serverEnd }: Pairing,
  scenario: Scenario,
  onStanding: (tell: () => string[]) => void,
): Promise<void> {
  const before = resources()
  const problems: string[] = []
  const loose = clientEnd === 'grpc-js' || serverEnd === 'grpc-js'
  const rules: Rules = {
    comparison: loose ? 'loose' : 'exact',
    sendsHeaders: clientEnd === 'node' ? 'node' : 'other',
    sendsTrailers: serverEnd === 'node' ? 'node' : 'other',
    serverCanReset: serverEnd === 'node',
    failsEarly: clientEnd === 'grpc-js',
  }
  const clients = scenario.calls.map((plan, index) => new ClientScript(plan, index, rules, problems))
  const script = new ServerScript(scenario.calls, clients, rules, problems)
  const server = serverOf(serverEnd, scenario)
  for (const kind of kinds) server.handle(methodOf(kind), script)
  const { port } = await server.listen('127.0.0.1', 0)
  const proxy = scenario.cuts === undefined ? undefined : new CuttingProxy(port, scenario.cuts)
  const client = await clientOf(clientEnd, (await proxy?.listen()) ?? port, scenario)

  let stage = 'the calls are under way'
  onStanding(() => [stage, ...problems, ...clients.flatMap((one) => one.standing ?? []), ...script.standing, resources().join()])
  const sessions = (): Iterable<http2.Http2Session> =>
    client instanceof RawClient ? [client.session] : server instanceof RawServer ? server.sessions : []
  void changeWindows(sessions, scenario.habits)
  await Promise.all(clients.map((one) => one.run(client)))
  if (timersOf(resources()) > timersOf(before)) problems.push('the process is held after the last call has ended')
  stage = 'the clients have heard the end of their calls'
  await script.settled()
  for (const session of sessions()) {
    if (!(await eventually(() => (session.state.remoteWindowSize ?? 0) > LEAST_WINDOW_LEFT))) {
      problems.push(`${session.state.remoteWindowSize} bytes are left of the connection's window`)
    }
  }
  // A connection whose TLS handshake ends when it has begun to close is one that node:http2, and grpc-js above it, never closes: a client at the limit of
  // streams may have made it.
  if (serverEnd !== 'own' && scenario.tls) client.close()
  stage = 'all calls are over, the server closes'
  // Waits for streams that are open: there are none.
  await server.close(GRACE)
  stage = 'the server has closed'
  client.close()
  await proxy?.close()
  problems.push(...script.standing)
  if (!(await eventually(() => resources().join() === before.join()))) problems.push(`left open: ${resources()}; before: ${before}`)
  assert.deepEqual(problems, [])
}

async function changeWindows(sessions: () => Iterable<http2.Http2Session>, { windows }: Habits): Promise<void> {
  for (const { after, size } of windows) {
    await turns(after)
    for (const session of sessions()) if (!session.closed && !session.destroyed) session.settings({ initialWindowSize: size })
  }
}

async function eventually(condition: () => boolean): Promise<boolean> {
  for (let left = PATIENCE; left > 0; left -= 1) {
    if (condition()) return true
    await turns(1)
  }
  return false
}

/** What holds the process: sockets, servers, timers. */
function resources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|TLS|HTTP2|Timeout/.test(name))
    .sort()
}

const timersOf = (list: readonly string[]): number => list.filter((name) => name === 'Timeout').length

// ── what is tried ──

const MIB = 1024 * 1024
const habitsOf = (windows: readonly number[], connectionWindows: readonly (number | undefined)[], streams: readonly number[]): fc.Arbitrary<Habits> =>
  fc.record({
    settings: fc.record({
      headerTableSize: fc.constantFrom(4_096, 0, 100, 65_536),
      initialWindowSize: fc.constantFrom(...windows),
      maxFrameSize: fc.constantFrom(16_384, 16_385, 100_000, 16 * MIB - 1),
      maxConcurrentStreams: fc.constantFrom(...streams),
    }),
    padded: fc.boolean(),
    connectionWindow: fc.constantFrom(...connectionWindows),
    windows: fc.array(fc.record({ after: fc.nat(12), size: fc.constantFrom(...windows) }), { maxLength: 3 }),
  })

/** Windows that let large messages through in good time. */
export const wideHabits: fc.Arbitrary<Habits> = habitsOf([65_535, 70_001, MIB, 16 * MIB], [undefined, MIB, 32 * MIB], [1_000])
/** With a limit of streams as well; Node's servers refuse streams within it while they have not taken note of the end of others that were broken off. */
export const strictHabits: fc.Arbitrary<Habits> = habitsOf([65_535, 16 * MIB], [undefined], [1, 3, 1_000])
/** Windows of a few bytes as well. */
export const narrowHabits: fc.Arbitrary<Habits> = habitsOf([65_535, 1_000, 37, 16 * MIB], [undefined], [1_000])

export interface Sort {
  readonly call: fc.Arbitrary<CallPlan>
  readonly leastCalls: number
  readonly mostCalls: number
  readonly habits: fc.Arbitrary<Habits>
  readonly cuts: fc.Arbitrary<Cuts | undefined>
}

export function scenarios({ call, leastCalls, mostCalls, habits, cuts }: Sort): fc.Arbitrary<Scenario> {
  return fc.record({
    tls: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    cuts,
    habits,
    calls: fc.array(call, { minLength: leastCalls, maxLength: mostCalls, size: 'max' }),
  })
}
