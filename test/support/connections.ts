import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

// https://docs.kernel.org/networking/proc_net_tcp.html; the numbers are those of include/net/tcp_states.h.
const ESTABLISHED = '01'
const SYN_SENT = '02'

/**
 * The peers (`host:port`) to which a process has TCP connections, or is about to have one, each once. Linux alone. Clients of RocketMQ keep a connection for
 * as long as they live, so that one look after the work sees wherever they have been.
 */
export function connectionsOf(pid: number): readonly string[] {
  const own = socketsOf(pid)
  const peers = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state = '', , , , , , inode = '']) => (state === ESTABLISHED || state === SYN_SENT) && own.has(inode))
      .map(([, , remote = '']) => peer(remote)),
  )
  return [...new Set(peers)].sort()
}

/** Inodes of the sockets of a process. */
export function socketsOf(pid: number): ReadonlySet<string> {
  const folder = `/proc/${pid}/fd`
  return new Set(
    readdirSync(folder).flatMap((descriptor) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${descriptor}`))?.[1] ?? []
      } catch {
        // Closed meanwhile.
        return []
      }
    }),
  )
}

/** An address of the table: 32-bit words in the machine's order of bytes, which is little-endian wherever Envoy runs; a port as people write it. */
function peer(remote: string): string {
  const [address = '', port = ''] = remote.split(':')
  const words = address.match(/.{8}/g) ?? []
  const bytes = words.map((word) => Buffer.from(word, 'hex').reverse())
  // The JVM speaks IPv4 through sockets of IPv6.
  const host =
    words.length === 1 || /^0{16}FFFF0000/.test(address)
      ? bytes.at(-1)?.join('.')
      : `[${Buffer.concat(bytes).toString('hex').match(/.{4}/g)?.join(':')}]`
  return `${host}:${Number.parseInt(port, 16)}`
}
