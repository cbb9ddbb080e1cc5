import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetched, MissingPeer, madeOnce } from '../interop/support/runtime.ts'
import { run, start } from '../support/child.ts'
import type { Served } from './served.ts'

/** Ms that a server may live. */
const LIFE = 900_000
/** The program is in redis-tools, whatever its name says; the rest is what it is linked with and no system is sure to have. */
const debianPackages = ['redis-server', 'redis-tools', 'libatomic1', 'libjemalloc2', 'liblua5.1-0', 'liblzf1', 'lua-bitop', 'lua-cjson']

interface Redis {
  readonly command: string
  readonly libraries: string | undefined
}

/** The `redis-server` of the PATH, or Debian's, unpacked without being installed. @throws a MissingPeer */
async function findRedis(): Promise<Redis> {
  if ((await run('redis-server', ['--version'])).code === 0) return { command: 'redis-server', libraries: undefined }
  if ((await run('apt-get', ['--version'])).code !== 0)
    throw new MissingPeer('There is no redis-server in the PATH, and no apt-get to fetch one with.')
  const release = (await run('sh', ['-c', '. /etc/os-release && echo "$ID $VERSION_ID"'])).stdout.trim()
  const folder = await madeOnce('redis', 'debian', [release, process.arch, ...debianPackages], async (into) => {
    console.log('    Fetching Redis once, into .cache/redis/, for BullMQ to be measured with (2 MB)')
    const script = `cd "$0" && apt-get -q download ${debianPackages.join(' ')} && for file in *.deb; do dpkg -x "$file" . && rm "$file"; done`
    await fetched('Fetching Redis with apt-get', 'sh', ['-c', script, into])
  })
  const lib = join(folder, 'usr/lib')
  const [architecture] = readdirSync(lib).filter((name) => name.endsWith('-linux-gnu'))
  return { command: join(folder, 'usr/bin/redis-server'), libraries: join(lib, architecture ?? '') }
}

/** Redis with an append-only file that is synced each second, as BullMQ's documentation asks for. */
export async function startRedis(): Promise<Served> {
  const { command, libraries } = await findRedis()
  const folder = mkdtempSync(join(tmpdir(), 'feathermq-redis-'))
  const begin = Date.now()
  // It takes no port 0; a port of its own comes from a socket in the folder, which nobody else can hold.
  const socket = join(folder, 'redis.sock')
  const options = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '']
  const child = start(command, [...options, '--maxmemory-policy', 'noeviction'], {
    timeout: LIFE,
    ...(libraries === undefined ? {} : { env: { LD_LIBRARY_PATH: libraries } }),
  })
  const stop = async () => {
    child.kill('SIGKILL')
    await child.ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await child.line((line) => /The server is now ready to accept connections/.test(line))
    return {
      endpoints: socket,
      pid: child.process.pid ?? Number.NaN,
      others: {},
      startTime: Date.now() - begin,
      createTopic: async () => {},
      createGroup: async () => {},
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
