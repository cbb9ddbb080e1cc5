import { net, tls } from '../builtins.ts'
import type { Clock } from '../clock.ts'
import { clientError, type FeatherMQError } from '../errors.ts'

const PATIENCE = 1_000
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])
const TLS_ALERT = 0x15

type Voice = 'tls' | 'http1' | 'http2' | 'other' | 'silent' | 'unreachable'

/**
 * Looks once at the first bytes that an address answers to plaintext HTTP/2, when a start failed with nothing more than "no connection": a plaintext client
 * at a TLS port, a TLS client at a plaintext port and a client at some other protocol's port all look alike to gRPC.
 *
 * Returns the error itself when the look tells nothing better.
 */
export async function explainUnreachable(error: FeatherMQError, encrypted: boolean, clock: Clock): Promise<FeatherMQError> {
  const address = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d+)$/.exec(error.endpoint ?? '')?.groups
  if (error.code !== 'UNREACHABLE' || address === undefined) return error
  const [host, port] = [address['ipv6'] ?? address['host'] ?? '', Number(address['port'])]
  const first = await listen(host, port, clock)
  // Most TLS servers close without a word when they hear plaintext, so they are asked in their own language.
  const voice = first === 'silent' && !encrypted && (await speaksTls(host, port, clock)) ? 'tls' : first
  const rest = { cause: error, endpoint: error.endpoint, requestId: error.requestId, topic: error.topic, group: error.group }
  if (voice === 'tls' && !encrypted) return clientError('TLS_MISMATCH', `${error.endpoint} speaks TLS, but the client is set to plaintext`, rest)
  if (voice === 'http2' && encrypted) return clientError('TLS_MISMATCH', `${error.endpoint} speaks plaintext, but the client is set to TLS`, rest)
  if (voice === 'http1') return clientError('NOT_A_BROKER', `${error.endpoint} speaks HTTP/1.1, not gRPC`, rest)
  if (voice === 'other') return clientError('NOT_A_BROKER', `${error.endpoint} answers in a protocol that is not gRPC`, rest)
  return error
}

function listen(host: string, port: number, clock: Clock): Promise<Voice> {
  return new Promise((resolve) => {
    const socket = net().connect({ host, port })
    const answer = (voice: Voice) => {
      timer.cancel()
      socket.destroy()
      resolve(voice)
    }
    const timer = clock.setTimer(() => answer('silent'), PATIENCE, true)
    socket.on('connect', () => socket.write(Buffer.concat([Buffer.from(PREFACE), EMPTY_SETTINGS])))
    socket.on('data', (bytes) => answer(voiceOf(bytes)))
    socket.on('error', () => answer('unreachable'))
    socket.on('close', () => answer('silent'))
  })
}

/** The certificate is not looked at: nothing is sent over the connection, and it is closed at once. */
function speaksTls(host: string, port: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tls().connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'] })
    const answer = (speaks: boolean) => {
      timer.cancel()
      socket.destroy()
      resolve(speaks)
    }
    const timer = clock.setTimer(() => answer(false), PATIENCE, true)
    socket.on('secureConnect', () => answer(true))
    socket.on('error', () => answer(false))
    socket.on('close', () => answer(false))
  })
}

function voiceOf(bytes: Buffer): Voice {
  if (bytes[0] === TLS_ALERT && bytes[1] === 3) return 'tls'
  if (bytes.subarray(0, 5).toString('latin1') === 'HTTP/') return 'http1'
  // A server's first HTTP/2 frame is SETTINGS (type 4) on stream 0.
  if (bytes.length >= 4 && bytes[3] === 4) return 'http2'
  return 'other'
}
