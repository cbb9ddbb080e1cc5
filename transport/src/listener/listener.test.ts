import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, it } from 'mocha'
import type { ServerTls } from '../contract.ts'
import { ManualClock } from '../http2/test-kit/manual-clock.ts'
import { testAuthority } from '../testing/certificates.ts'
import { Inbox } from '../testing/conformance/harness.ts'
import { type Arrival, Listener } from './listener.ts'

const authority = testAuthority()
const tls: ServerTls = authority.issue('127.0.0.1')
const both: ServerTls = { ...tls, alsoPlaintext: true }

interface Bench {
  readonly listener: Listener
  readonly clock: ManualClock
  readonly arrivals: Inbox<Arrival>
  /** Codes, each with the address of who was refused. */
  readonly refusals: Inbox<string>
  readonly port: number
  connect(): Promise<Socket>
}

async function withListener(material: ServerTls | undefined, body: (bench: Bench) => Promise<void>, maxConnections = 100): Promise<void> {
  const arrivals = new Inbox<Arrival>()
  const clock = new ManualClock()
  const refusals = new Inbox<string>()
  const listener = new Listener(
    material,
    maxConnections,
    {
      accept: (arrival) => arrivals.put(arrival),
      answerTo: (speech) => (String(speech).startsWith('GET') ? Buffer.from('no') : undefined),
      refused: (code, _reason, address) => refusals.put(`${code} ${address}`),
    },
    clock,
  )
  const port = await listener.listen('127.0.0.1', 0)
  const open = async (): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => {})
    socket.resume()
    await once(socket, 'connect')
    return socket
  }
  try {
    await body({ listener, clock, arrivals, refusals, port, connect: open })
  } finally {
    for (const { socket } of arrivals.all) socket.destroy()
    await listener.close()
  }
}

/** With a reset or without. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())))

describe('a port with TLS', () => {
  it('takes TLS and plaintext alike where it may, with every byte', async () => {
    await withListener(both, async ({ arrivals, connect: open, port }) => {
      const plain = await open()
      plain.write('PRI * HTTP/2.0')
      const first = await arrivals.next()
      assert.deepEqual([first.encrypted, String(first.first)], [false, 'PRI * HTTP/2.0'])
      const secure = connectTls({ host: '127.0.0.1', port, ca: authority.ca, ALPNProtocols: ['h2'] })
      await once(secure, 'secureConnect')
      secure.write('hello')
      const second = await arrivals.next()
      assert.equal(second.encrypted, true)
      const [chunk] = (await once(second.socket, 'data')) as [Buffer]
      assert.equal(String(chunk), 'hello')
      secure.destroy()
      plain.destroy()
    })
  })

  it('hangs up on plaintext where it may not', async () => {
    await withListener(tls, async ({ arrivals, refusals, connect: open }) => {
      const socket = await open()
      const { localPort } = socket
      socket.write('PRI * HTTP/2.0')
      await closed(socket)
      assert.deepEqual(arrivals.all, [])
      assert.deepEqual(refusals.all, [`TLS_FAILED 127.0.0.1:${localPort}`])
    })
  })

  it('answers plaintext where it may not come when there are words for it, and gives a second to read them', async () => {
    await withListener(tls, async ({ arrivals, refusals, clock, connect: open }) => {
      const socket = await open()
      const heard: Buffer[] = []
      socket.on('data', (chunk: Buffer) => heard.push(chunk))
      socket.on('end', () => heard.push(Buffer.from('|')))
      socket.write('GET / HTTP/1.1\r\n\r\n')
      assert.match(await refusals.next(), /^TLS_FAILED /)
      await closed(socket)
      assert.equal(String(Buffer.concat(heard)), 'no|')
      assert.deepEqual(arrivals.all, [])
      while (clock.armed > 0) await new Promise(setImmediate)
    })
  })

  it('cuts off who is told so and does not go', async () => {
    await withListener(tls, async ({ refusals, clock, port }) => {
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
      socket.on('error', () => {})
      socket.resume()
      socket.write('GET / HTTP/1.1\r\n\r\n')
      await refusals.next()
      await once(socket, 'end')
      clock.advance(999)
      await new Promise(setImmediate)
      assert.equal(clock.armed, 1)
      clock.advance(1)
      while (!socket.closed) {
        socket.write('still here')
        await new Promise(setImmediate)
      }
    })
  })

  for (const [title, speech] of [
    ['nothing', ''],
    ['half a handshake', Buffer.from('160301', 'hex')],
  ] as const) {
    it(`hangs up on who has said ${title} for 20 s, and at once when it closes`, async () => {
      await withListener(both, async ({ listener, clock, connect: open }) => {
        const first = await open()
        if (speech !== '') first.write(speech)
        while (clock.armed === 0) await new Promise(setImmediate)
        clock.advance(19_999)
        assert.equal(first.closed, false)
        clock.advance(1)
        await closed(first)
        assert.equal(clock.armed, 0)
        const second = await open()
        if (speech !== '') second.write(speech)
        while (clock.armed === 0) await new Promise(setImmediate)
        await listener.close()
        await closed(second)
      })
    })
  }

  it('says who did not get through the handshake', async () => {
    await withListener(tls, async ({ refusals, connect: open }) => {
      const socket = await open()
      const { localPort } = socket
      socket.write(Buffer.from('16030100050100000100', 'hex'))
      assert.equal(await refusals.next(), `TLS_FAILED 127.0.0.1:${localPort}`)
      await closed(socket)
    })
  })

  it('lets go of connections that have said what they are: they live as long as they like', async () => {
    await withListener(both, async ({ listener, arrivals, clock, connect: open, port }) => {
      const plain = await open()
      plain.write('P')
      const secure = connectTls({ host: '127.0.0.1', port, ca: authority.ca, ALPNProtocols: ['h2'] })
      await once(secure, 'secureConnect')
      const taken = await arrivals.take(2)
      assert.equal(clock.armed, 0)
      clock.advance(3_600_000)
      const closing = listener.close()
      for (const socket of [plain, secure]) socket.write('still here')
      for (const { socket } of taken) {
        const [chunk] = (await once(socket, 'data')) as [Buffer]
        assert.equal(String(chunk), 'still here')
        socket.destroy()
      }
      await closing
    })
  })

  it('shows the certificate that it was given last', async () => {
    await withListener(tls, async ({ listener, port }) => {
      const serialOf = async (): Promise<string> => {
        const socket = connectTls({ host: '127.0.0.1', port, ca: authority.ca, ALPNProtocols: ['h2'] })
        await once(socket, 'secureConnect')
        const { serialNumber } = socket.getPeerCertificate()
        socket.destroy()
        return serialNumber
      }
      const before = await serialOf()
      assert.equal(await serialOf(), before)
      listener.setTls(authority.issue('127.0.0.1'))
      assert.notEqual(await serialOf(), before)
    })
  })
})

describe('a port', () => {
  it('closes connections over its limit at once, says so, and takes the next when there is room', async () => {
    const body = async ({ refusals, arrivals, connect: open }: Bench): Promise<void> => {
      await open()
      const { socket } = await arrivals.next()
      await closed(await open())
      assert.match(await refusals.next(), /^TOO_MANY_CONNECTIONS 127\.0\.0\.1:\d+$/)
      socket.destroy()
      await once(socket, 'close')
      await open()
      await arrivals.next()
    }
    await withListener(undefined, body, 1)
  })

  it('counts connections before their handshake, too', async () => {
    const body = async ({ refusals, arrivals, clock, connect: open }: Bench): Promise<void> => {
      const first = await open()
      await closed(await open())
      assert.match(await refusals.next(), /^TOO_MANY_CONNECTIONS /)
      first.destroy()
      while (clock.armed > 0) await new Promise(setImmediate)
      await open()
      while (clock.armed === 0) await new Promise(setImmediate)
      assert.deepEqual(arrivals.all, [])
      assert.equal(refusals.all.length, 1)
    }
    await withListener(tls, body, 1)
  })
})
