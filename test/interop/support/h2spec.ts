import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describeEnd, run } from '../../support/child.ts'
import { root } from '../../support/repository.ts'
import { type H2specCase, parseH2specReport } from './h2spec-report.ts'

export interface H2specRun {
  /** The path of h2spec itself. */
  readonly program: string
  /** `host:port` of the server to judge. */
  readonly address: string
  /** Over TLS, whatever its certificate. */
  readonly tls: boolean
}

/**
 * Lets h2spec judge a server, the cases for strict servers included, and tells how each one went.
 * @throws an Error that quotes what h2spec wrote when it came to no report: it breaks off when it cannot connect.
 */
export async function runH2spec({ program, address, tls }: H2specRun): Promise<readonly H2specCase[]> {
  const { hostname, port } = new URL(`http://${address}`)
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/h2spec-'))
  try {
    const report = join(folder, 'report.xml')
    const args = ['--strict', '--host', hostname, '--port', port, '--junit-report', report, ...(tls ? ['--tls', '--insecure'] : [])]
    // A case that fails may wait two seconds for what does not come, some of them twice.
    const end = await run(program, args, { timeout: 700_000 })
    let text: string
    try {
      text = readFileSync(report, 'utf8')
    } catch (error) {
      throw new Error(`h2spec ${describeEnd(end)} without a report.\n${end.stdout}${end.stderr}`, { cause: error })
    }
    return parseH2specReport(text)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The groups of h2spec 2.2.1, in its order, with how many cases each has when `--strict` is given. */
export const h2specGroups: readonly (readonly [group: string, title: string, cases: number])[] = [
  ['generic/1', 'Starting HTTP/2', 1],
  ['generic/2', 'Streams and Multiplexing', 5],
  ['generic/3.1', 'DATA', 3],
  ['generic/3.2', 'HEADERS', 3],
  ['generic/3.3', 'PRIORITY', 5],
  ['generic/3.4', 'RST_STREAM', 1],
  ['generic/3.5', 'SETTINGS', 1],
  ['generic/3.7', 'PING', 1],
  ['generic/3.8', 'GOAWAY', 1],
  ['generic/3.9', 'WINDOW_UPDATE', 2],
  ['generic/3.10', 'CONTINUATION', 2],
  ['generic/4', 'HTTP Message Exchanges', 4],
  ['generic/5', 'HPACK', 15],
  ['http2/3.5', 'HTTP/2 Connection Preface', 2],
  ['http2/4.1', 'Frame Format', 3],
  ['http2/4.2', 'Frame Size', 3],
  ['http2/4.3', 'Header Compression and Decompression', 3],
  ['http2/5.1', 'Stream States', 13],
  ['http2/5.1.1', 'Stream Identifiers', 2],
  ['http2/5.1.2', 'Stream Concurrency', 1],
  ['http2/5.3.1', 'Stream Dependencies', 2],
  ['http2/5.4.1', 'Connection Error Handling', 2],
  ['http2/5.5', 'Extending HTTP/2', 2],
  ['http2/6.1', 'DATA', 3],
  ['http2/6.2', 'HEADERS', 4],
  ['http2/6.3', 'PRIORITY', 2],
  ['http2/6.4', 'RST_STREAM', 3],
  ['http2/6.5', 'SETTINGS', 3],
  ['http2/6.5.2', 'Defined SETTINGS Parameters', 5],
  ['http2/6.5.3', 'Settings Synchronization', 2],
  ['http2/6.7', 'PING', 4],
  ['http2/6.8', 'GOAWAY', 1],
  ['http2/6.9', 'WINDOW_UPDATE', 3],
  ['http2/6.9.1', 'The Flow-Control Window', 3],
  ['http2/6.9.2', 'Initial Flow-Control Window Size', 3],
  ['http2/6.10', 'CONTINUATION', 6],
  ['http2/7', 'Error Codes', 2],
  ['http2/8.1', 'HTTP Request/Response Exchange', 1],
  ['http2/8.1.2', 'HTTP Header Fields', 1],
  ['http2/8.1.2.1', 'Pseudo-Header Fields', 4],
  ['http2/8.1.2.2', 'Connection-Specific Header Fields', 2],
  ['http2/8.1.2.3', 'Request Pseudo-Header Fields', 7],
  ['http2/8.1.2.6', 'Malformed Requests and Responses', 2],
  ['http2/8.2', 'Server Push', 1],
  ['hpack/2.3.3', 'Index Address Space', 1],
  ['hpack/4.2', 'Maximum Table Size', 1],
  ['hpack/5.2', 'String Literal Representation', 3],
  ['hpack/6.1', 'Indexed Header Field Representation', 1],
  ['hpack/6.3', 'Dynamic Table Size Update', 1],
]
