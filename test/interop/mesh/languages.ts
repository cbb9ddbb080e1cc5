import { fileURLToPath } from 'node:url'
import { type Driver, type DriverProcess, startDriver } from '../../support/official/json-lines.ts'
import { nodeWire } from '../../support/official/node-wire.ts'
import type { OpenWire } from '../../support/official/wire.ts'
import { javaClientVersion, javaDriver } from '../support/java-client.ts'
import { pythonClientVersion, pythonDriver } from '../support/python-client.ts'

/** The clients of a language, in processes of their own. */
export interface Clients {
  readonly open: OpenWire
  /** Ends what is left of their processes. */
  end(): Promise<void>
}

export interface Language {
  /** Part of the names of its topics and groups. */
  readonly id: string
  readonly name: string
  /** Whether they speak TLS to the sidecar, as they do by default. */
  readonly tls: boolean
  /** @throws a MissingPeer where the machine cannot run them. */
  begin(): Promise<Clients>
}

function driven(find: () => Promise<Driver>): () => Promise<Clients> {
  return async () => {
    const process: DriverProcess = startDriver(await find())
    return { open: (onArrival) => process.open(onArrival), end: () => process.kill() }
  }
}

const sdk: Driver = {
  command: process.execPath,
  args: () => ['--conditions=feathermq-source', '--import', 'tsx', fileURLToPath(new URL('sdk-driver.ts', import.meta.url))],
}

/** Each of its clients has a process for itself, which would not end alone. */
async function eachAlone(): Promise<Clients> {
  const ends: (() => Promise<void>)[] = []
  return {
    open(onArrival, alone) {
      const wire = nodeWire(onArrival, alone)
      ends.push(() => wire.kill())
      return wire
    },
    end: async () => void (await Promise.all(ends.map((end) => end()))),
  }
}

export const languages: readonly Language[] = [
  { id: 'sdk', name: 'our SDK', tls: false, begin: driven(async () => sdk) },
  { id: 'node', name: 'the official Node client', tls: false, begin: eachAlone },
  { id: 'python', name: `the official Python client ${pythonClientVersion}`, tls: false, begin: driven(pythonDriver) },
  { id: 'java', name: `the official Java client ${javaClientVersion}, by TLS`, tls: true, begin: driven(javaDriver) },
]
