import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AckPolicy, type JetStreamManager, jetstreamManager, StorageType } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { goPrograms, natsModule } from '../interop/support/go-programs.ts'
import { start } from '../support/child.ts'
import type { Served } from './served.ts'

/** Ms that a server may live. */
const LIFE = 900_000
const LISTENING = /Listening for client connections on (127\.0\.0\.1:\d+)/

/** NATS with JetStream and everything else as it is by default. Streams are kept in files, which are written at once and synced every two minutes. */
export async function startNats(): Promise<Served> {
  const program = (await goPrograms(natsModule)).get('nats-server')
  if (program === undefined) throw new Error('unreachable: the module names its program')
  const folder = mkdtempSync(join(tmpdir(), 'feathermq-nats-'))
  const begin = Date.now()
  const child = start(program, ['-js', '-sd', folder, '-a', '127.0.0.1', '-p', '-1'], { timeout: LIFE })
  const stop = async () => {
    child.kill('SIGKILL')
    await child.ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const [, endpoints = ''] = LISTENING.exec(await child.line((line) => LISTENING.test(line))) ?? []
    const manage = async <T>(action: (manager: JetStreamManager) => Promise<T>): Promise<T> => {
      const connection = await connect({ servers: endpoints })
      try {
        return await action(await jetstreamManager(connection))
      } finally {
        await connection.close()
      }
    }
    await manage((manager) => manager.getAccountInfo())
    return {
      endpoints,
      pid: child.process.pid ?? Number.NaN,
      others: {},
      startTime: Date.now() - begin,
      createTopic: (name) => manage(async (manager) => void (await manager.streams.add({ name, subjects: [name], storage: StorageType.File }))),
      createGroup: (name, topic) =>
        manage(async (manager) => void (await manager.consumers.add(topic, { durable_name: name, ack_policy: AckPolicy.Explicit }))),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
