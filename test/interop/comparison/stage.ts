import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FeatherMQ, type FeatherMQOptions, silentLogger } from '@feathermq/sdk'
import { http2Transport, selfSignedCertificate } from '@feathermq/transport'
import { delivered, FakeServer } from '../../../sdk/src/testing-internal/fake-server.ts'
import { Link } from '../../../sdk/src/testing-internal/link.ts'
import { type Child, type Ended, start } from '../../support/child.ts'

/** After so long a program is ended, whatever it does: no scenario needs it all. */
const LIFE = 30_000

/** What a program did until it had done what the scenario waits for, its time was over, or it ended. */
export type Saw = 'said' | 'nothing' | 'ended'

/** A program of a scenario. */
export interface Program {
  readonly child: Child
  readonly said: readonly string[]
  /** Waits at most `ms` for it to say what begins like that. */
  says(start: string, ms: number): Promise<Saw>
  /** Waits at most `ms` for its end. */
  ends(ms: number): Promise<Ended | undefined>
  tell(text: string): void
}

/** One scenario's server, the link to it, and whoever talks to it; all of it is gone at its end. */
export interface Stage extends AsyncDisposable {
  readonly server: FakeServer
  readonly link: Link
  readonly endpoints: string
  /** PEM of the server's certificate; undefined for plaintext. */
  readonly certificate: string | undefined
  official(scenario: string, endpoints?: string, env?: Readonly<Record<string, string>>): Program
  ours(scenario: string): Program
  /** Our client, in this process. */
  client(options?: FeatherMQOptions): FeatherMQ
}

export async function stage(tls = false): Promise<Stage> {
  const identity = tls ? selfSignedCertificate({ hosts: ['127.0.0.1'], now: Date.now() }) : undefined
  const server = await FakeServer.start(http2Transport(), 0, identity)
  const link = await Link.open(server.port)
  // Routes lead over the link, so that it can be cut.
  const queue = server.queue.bind(server)
  server.queue = (topic, id, address = link.address) => queue(topic, id, address)
  const programs: Child[] = []
  const clients: FeatherMQ[] = []
  const home = mkdtempSync(join(tmpdir(), 'feathermq-comparison-'))
  const launch = (file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program => {
    const program = fileURLToPath(new URL(file, import.meta.url))
    const flags = ['--conditions=feathermq-source', '--import', 'tsx']
    // HOME: the official client writes its logs below the home directory.
    const child = start(process.execPath, [...flags, program, ...args], { ipc: true, timeout: LIFE, env: { HOME: home, ...env } })
    programs.push(child)
    return watched(child)
  }
  return {
    server,
    link,
    endpoints: link.address,
    certificate: identity?.certificate,
    official: (scenario, endpoints = link.address, env = {}) => launch('official-program.ts', [scenario, endpoints], env),
    ours: (scenario) => launch('our-program.ts', [scenario, link.address]),
    client(options = {}) {
      const client = new FeatherMQ({ endpoints: link.address, logger: silentLogger, ...options })
      clients.push(client)
      return client
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close({ drain: 0, abort: 0 })))
      for (const child of programs) child.kill('SIGKILL')
      await Promise.all(programs.map((child) => child.ended))
      await link.close()
      await server.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function watched(child: Child): Program {
  const said: string[] = []
  const listeners = new Set<() => void>()
  child.process.on('message', (text: string) => {
    said.push(text)
    for (const listener of listeners) listener()
  })
  return {
    child,
    said,
    says(beginning, ms) {
      return new Promise((resolve) => {
        const done = (saw: Saw) => {
          clearTimeout(timer)
          listeners.delete(look)
          resolve(saw)
        }
        const look = () => {
          if (said.some((text) => text.startsWith(beginning))) done('said')
        }
        const timer = setTimeout(() => done('nothing'), ms)
        listeners.add(look)
        look()
        void child.ended.then(() => {
          look()
          done('ended')
        })
      })
    },
    async ends(ms) {
      return await within(child.ended, ms)
    },
    tell: (text) => void child.process.send(text),
  }
}

/** What the promise resolves with; undefined when that takes longer than `ms`. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A message with the digest that stock servers send; the official client takes no other. */
export function digested(fields: Parameters<typeof delivered>[0]) {
  const { body = 'hello' } = fields
  const checksum = createHash('md5').update(body).digest('hex').toUpperCase()
  return delivered({ ...fields, body, system: { bodyDigest: { type: 'MD5', checksum }, ...fields.system } })
}
