import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { EnvoyBootstrap } from '../manifests/envoy.ts'
import { askAdmin } from './admin.ts'
import { EnvoyError } from './envoy-error.ts'
import { findEnvoy } from './find.ts'
import { leash } from './leash.ts'

const askTimeout = 2_000
const pollInterval = 20
const stopTimeout = 5_000
const validateTimeout = 30_000
const quotedLines = 30
const quotedWidth = 1_000

export interface StartEnvoyOptions {
  /** Path of the binary. Default: what `findEnvoy()` finds. */
  readonly envoy?: string | undefined
  /** Worker threads. Default 2. */
  readonly workers?: number | undefined
  /** Default `warning`. */
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warning' | 'error' | undefined
  /** How long it may take to be ready, ms. Default 20,000. */
  readonly readyTimeout?: number | undefined
}

export interface ProcessEnd {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** An Envoy that was started here. It does not hold this process, and ends with it. */
export interface RunningEnvoy {
  readonly pid: number
  /** `http://HOST:PORT` of the admin interface. */
  readonly adminUrl: string
  /** `HOST:PORT` by name of listener. */
  readonly listeners: ReadonlyMap<string, string>
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<ProcessEnd>
  /** What it wrote to stderr so far: its own log. */
  log(): string
  /** What it wrote to stdout so far: the access log, with at most 0.1 s delay. */
  output(): string
  /** Ends it and waits until it is gone. Safe to call again. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Files {
  readonly folder: string
  readonly bootstrap: string
  readonly admin: string
  readonly stdout: string
  readonly stderr: string
}

async function prepare(bootstrap: EnvoyBootstrap): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'feathermq-envoy-'))
  const files = {
    folder,
    bootstrap: join(folder, 'envoy.json'),
    admin: join(folder, 'admin'),
    stdout: join(folder, 'stdout'),
    stderr: join(folder, 'stderr'),
  }
  const admin = { address: { socket_address: { address: '127.0.0.1', port_value: 0 } } }
  await writeFile(files.bootstrap, JSON.stringify({ admin, ...bootstrap }))
  return files
}

function launch(path: string, files: Files, flags: readonly string[]): ChildProcess {
  // Files, not pipes: Envoy opens /dev/stdout anew for its access log, which a socket, Node's kind of pipe, does not allow.
  const stdout = openSync(files.stdout, 'a')
  const stderr = openSync(files.stderr, 'a')
  // A group of its own: a Ctrl-C in the terminal is for this process, which stops Envoy when it is done with it.
  const child = spawn(path, ['-c', files.bootstrap, '--disable-hot-restart', ...flags], { stdio: ['ignore', stdout, stderr], detached: true })
  closeSync(stdout)
  closeSync(stderr)
  return child
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
}

/**
 * Starts Envoy with a bootstrap and waits until it is ready. Ports given as 0 are chosen by the system and found in the result.
 * @throws EnvoyError `ENVOY_FAILED` with the end of Envoy's log when it refuses the bootstrap or is not ready in time.
 */
export async function startEnvoy(bootstrap: EnvoyBootstrap, options: StartEnvoyOptions = {}): Promise<RunningEnvoy> {
  const path = options.envoy ?? (await findEnvoy()).path
  const files = await prepare(bootstrap)
  const flags = ['--admin-address-path', files.admin, '--concurrency', String(options.workers ?? 2), '--file-flush-interval-msec', '100']
  const child = launch(path, files, ['--log-level', options.logLevel ?? 'warning', ...flags])
  const release = leash(child, files.folder)
  const ended = endOf(child)
  child.unref()

  let log: string | undefined
  let output: string | undefined
  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    child.ref()
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), stopTimeout)
    await ended
    clearTimeout(late)
    release()
    log = readFileSync(files.stderr, 'utf8')
    output = readFileSync(files.stdout, 'utf8')
    await rm(files.folder, { recursive: true, force: true })
  }
  const running = {
    ended,
    log: () => log ?? readFileSync(files.stderr, 'utf8'),
    output: () => output ?? readFileSync(files.stdout, 'utf8'),
    stop: () => {
      stopping ??= stop()
      return stopping
    },
    [Symbol.asyncDispose]: () => running.stop(),
  }
  try {
    const adminUrl = await ready(child, files, options.readyTimeout ?? 20_000)
    return { ...running, pid: child.pid ?? 0, adminUrl, listeners: await listenersOf(adminUrl) }
  } catch (error) {
    await running.stop()
    const reason = error instanceof Error ? error.message : String(error)
    throw new EnvoyError('ENVOY_FAILED', `Envoy (${path}) ${reason}. The end of its log:\n${tail(running.log())}`, { cause: error })
  }
}

/** Resolves with the admin URL once Envoy says that it is ready. */
async function ready(child: ChildProcess, files: Files, timeout: number): Promise<string> {
  const deadline = performance.now() + timeout
  while (performance.now() < deadline) {
    if (child.pid === undefined) throw new Error('does not start')
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended with ${child.exitCode ?? child.signalCode} before it was ready`)
    const address = await readFile(files.admin, 'utf8').catch(() => '')
    if (address !== '') {
      const url = `http://${address}`
      const answer = await askAdmin(url, '/ready', askTimeout).catch(() => undefined)
      if (answer?.status === 200) return url
    }
    await pause(pollInterval)
  }
  throw new Error(`was not ready within ${timeout} ms`)
}

interface ListenerStatus {
  readonly name?: string
  readonly local_address?: { readonly socket_address?: { readonly address?: string; readonly port_value?: number } }
}

async function listenersOf(adminUrl: string): Promise<ReadonlyMap<string, string>> {
  const { body } = await askAdmin(adminUrl, '/listeners?format=json', askTimeout)
  const { listener_statuses: statuses = [] }: { listener_statuses?: readonly ListenerStatus[] } = JSON.parse(body)
  const found = new Map<string, string>()
  for (const { name, local_address: local } of statuses) {
    const { address = '', port_value: port } = local?.socket_address ?? {}
    if (name !== undefined && port !== undefined) found.set(name, `${address.includes(':') ? `[${address}]` : address}:${port}`)
  }
  return found
}

/** The bootstrap, which Envoy likes to repeat in full, is not worth quoting. */
function tail(log: string): string {
  const lines = log.trimEnd().split('\n').slice(-quotedLines)
  return lines.map((line) => (line.length > quotedWidth ? `${line.slice(0, quotedWidth)} …` : line)).join('\n')
}

/** What Envoy says to a bootstrap without serving it. `output` holds its reasons; the filter's own stand among them. */
export interface EnvoyVerdict {
  readonly ok: boolean
  readonly output: string
}

/** Lets Envoy check a bootstrap (`--mode validate`). It loads the filter too, which then checks its configuration. */
export async function validateWithEnvoy(bootstrap: EnvoyBootstrap, options: Pick<StartEnvoyOptions, 'envoy'> = {}): Promise<EnvoyVerdict> {
  const path = options.envoy ?? (await findEnvoy()).path
  const files = await prepare(bootstrap)
  const child = launch(path, files, ['--mode', 'validate', '--log-level', 'warning'])
  const release = leash(child, files.folder)
  const late = setTimeout(() => child.kill('SIGKILL'), validateTimeout)
  try {
    const { code } = await endOf(child)
    if (child.pid === undefined) throw new EnvoyError('ENVOY_FAILED', `Envoy (${path}) does not start`)
    return { ok: code === 0, output: `${await readFile(files.stdout, 'utf8')}${await readFile(files.stderr, 'utf8')}` }
  } finally {
    clearTimeout(late)
    release()
    await rm(files.folder, { recursive: true, force: true })
  }
}
