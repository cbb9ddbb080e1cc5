import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { messagingService } from '@feathermq/protocol'
import { type Channel, type ChannelTls, grpcJsTransport } from '@feathermq/transport'
import { testAuthority } from '@feathermq/transport/testing'
import { afterEach, describe, it } from 'mocha'
import { RawClient } from '../testing/index.ts'
import { feathermq, Program } from './test-kit/program.ts'

const FREE = ['--port', '0', '--http-port', '0', '--log-level', 'warn']

interface Ready {
  readonly grpc: string
  readonly http: string
  readonly pid: number
  readonly certificate?: string
}

describe('feathermq serve', function () {
  // Each process takes a second to come up on a busy machine.
  this.timeout(60_000)

  const programs: Program[] = []
  const channels: Channel[] = []
  function start(args: readonly string[], env?: Readonly<Record<string, string>>): Program {
    const program = new Program(args, env)
    programs.push(program)
    return program
  }
  async function ready(program: Program): Promise<Ready> {
    const [line] = await program.find(/^\{.*\}$/m)
    return JSON.parse(line) as Ready
  }
  function connect(address: string, tls?: ChannelTls): RawClient {
    const channel = grpcJsTransport().createChannel({ address, tls })
    channels.push(channel)
    return new RawClient(channel, 'tester')
  }
  afterEach(async () => {
    for (const channel of channels.splice(0)) channel.close()
    for (const program of programs) program.kill('SIGKILL')
    await Promise.all(programs.splice(0).map((program) => program.ended))
  })

  it('prints one line of JSON when it is ready, and nothing else', async () => {
    const program = start(['serve', ...FREE, '--json'])
    const { grpc, http, pid } = await ready(program)
    assert.equal(pid, program.pid)
    assert.equal((await fetch(`http://${http}/healthz`)).status, 200)
    assert.equal(await connect(grpc).send('orders', 'a'), 'OK')
    program.kill('SIGTERM')
    assert.deepEqual(await program.ended, { code: 0, out: `${JSON.stringify({ grpc, http, pid })}\n`, err: '' })
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  })

  it('writes what happens to stderr, a line each, from the level that is asked for', async () => {
    const lines = async (...flags: string[]): Promise<string[]> => {
      const program = start(['serve', '--port', '0', '--http-port', '0', '--json', ...flags])
      const { grpc } = await ready(program)
      assert.equal(await connect(grpc).send('orders', 'a'), 'OK')
      program.kill('SIGTERM')
      return (await program.ended).err.split('\n').slice(0, -1)
    }
    const events = (await lines()).map((line) => JSON.parse(line) as { event: string; level: string })
    assert.deepEqual(
      events.map(({ event, level }) => [event, level]),
      ['listening', 'topic-created', 'stopping', 'stopped'].map((event) => [event, 'info']),
    )
    assert.deepEqual(await lines('--log-level', 'silent'), [])
    const warnings = (await lines('--log-level', 'warn', '--host', '0.0.0.0')).map((line) => JSON.parse(line) as { event: string; host: string })
    assert.deepEqual(
      warnings.map(({ event, host }) => [event, host]),
      [['open-to-others', '0.0.0.0']],
    )
  })

  it('writes it in words for people', async () => {
    const program = start(['--port', '0', '--http-port', '0'])
    await program.find(/^[\d:.]{12} INFO {2}the broker listens {2}grpc=127\.0\.0\.1:\d+ http=127\.0\.0\.1:\d+$/m)
    program.kill('SIGTERM')
    assert.equal((await program.ended).code, 0)
  })

  it('greets people with addresses that answer and a command that works', async () => {
    const program = start([...FREE, '--name', 'edge', '--max-memory', '64MiB'])
    const [, command = ''] = await program.find(/^ {2}Try: +(.*)\n/m)
    const { version } = (await import('../../package.json', { with: { type: 'json' } })).default
    const [, grpc = ''] = /^ {2}gRPC +(\S+) \(plaintext\)$/m.exec(program.out) ?? []
    const urls = ['Health', 'Metrics', 'Admin'].map((what) => new RegExp(`^  ${what} +(http://\\S+)$`, 'm').exec(program.out)?.[1] ?? '')
    for (const url of urls) assert.equal((await fetch(url)).status, 200, url)
    assert.equal(await connect(grpc).send('payments', 'a'), 'OK')

    const [name, ...args] = command.split(' ')
    assert.equal(name, 'feathermq')
    assert.deepEqual(await feathermq(args), { code: 0, out: 'created topic orders: NORMAL, FIFO, DELAY, TRANSACTION; 4 queues\n', err: '' })
    program.kill('SIGINT')
    const end = await program.ended
    assert.equal(end.code, 0)
    assert.equal(end.err, '')
    const [first, ...rest] = end.out.split('\n')
    assert.equal(
      first,
      `FeatherMQ broker ${version}, "edge", pid ${program.pid}, messages in memory (64MiB), topics and groups are made on first use`,
    )
    assert.deepEqual(rest.slice(-3), ['', 'SIGINT: answering what waits, then stopping …', ''])
  })

  it('names the command as those can run it who came by npx', async () => {
    const program = start([...FREE], { npm_command: 'exec' })
    const [, http] = await program.find(/^ {2}Try: +npx @feathermq\/broker topic create orders --admin http:\/\/(\S+)\n/m)
    assert.equal((await fetch(`http://${http}/healthz`)).status, 200)
  })

  it('takes its options from a file, under those of its flags', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'feathermq-cli-'))
    const config = join(folder, 'broker.yaml')
    writeFileSync(config, 'name: file\nautoCreate: true\nport: 1\ntopics:\n  orders: { queues: 2 }\n')
    const program = start(['--config', config, ...FREE, '--name', 'flag', '--no-auto-create', '--json'])
    const { grpc, http } = await ready(program)
    rmSync(folder, { recursive: true })
    assert.deepEqual(await (await fetch(`http://${http}/healthz`)).json(), { status: 'ok', name: 'flag' })
    const client = connect(grpc)
    assert.equal(await client.send('orders', 'a'), 'OK')
    assert.equal(await client.send('others', 'a'), 'TOPIC_NOT_FOUND')
  })

  it('warns of a host that other machines can reach', async () => {
    const open = start([...FREE, '--host', '0.0.0.0'])
    const closed = start([...FREE, '--host', 'localhost'])
    const [, http] = await open.find(/--admin http:\/\/(127\.0\.0\.1:\d+)$/m)
    assert.equal((await fetch(`http://${http}/healthz`)).status, 200)
    await closed.find(/Try:/)
    for (const program of [open, closed]) program.kill('SIGTERM')
    const warning = 'Warning: 0.0.0.0 can be reached from other machines, and this broker asks nobody for credentials.\n'
    assert.equal((await open.ended).err, warning)
    assert.equal((await closed.ended).err, '')
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`answers the receives that wait on ${signal}, and ends with code 0`, async () => {
      const program = start([...FREE, '--json'])
      const { grpc, pid } = await ready(program)
      const client = connect(grpc)
      const waiting = ['orders', 'orders', 'others'].map((topic) => client.receive(topic, 'billing', { wait: '15s' }))
      await client.receive('last', 'billing')
      program.kill(signal)
      assert.deepEqual(await Promise.all(waiting), [[], [], []])
      const { code, err } = await program.ended
      assert.deepEqual([code, err], [0, ''])
      assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
    })
  }

  it('does not cut its draining short when Ctrl-C comes twice', async () => {
    const program = start(FREE)
    const [, grpc = ''] = await program.find(/^ {2}gRPC +(\S+) /m)
    await program.find(/Try:/)
    const client = connect(grpc)
    const waiting = client.receive('orders', 'billing', { wait: '15s' })
    // A request that never ends: the broker gives it two seconds.
    const ended = new Promise<string>((resolve) => {
      channels[0]?.start(messagingService.sendMessage, { onMessage: () => {}, onEnd: (status) => resolve(status.code) })
    })
    await client.receive('last', 'billing')
    program.kill('SIGINT')
    await program.find(/^SIGINT: answering what waits/m)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) program.kill(signal)
    assert.deepEqual(await waiting, [])
    assert.notEqual(await ended, 'OK')
    const { code, out, err } = await program.ended
    assert.deepEqual([code, err], [0, ''])
    assert.equal(out.split('answering').length, 2)
  })

  it('takes TLS by a certificate of its own, which it tells, and plaintext', async () => {
    const [program, greeting] = [start([...FREE, '--tls-self-signed', '--json']), start([...FREE, '--tls-self-signed'])]
    const { grpc, certificate = '' } = await ready(program)
    assert.equal(await connect(grpc, { ca: certificate }).send('orders', 'a'), 'OK')
    assert.equal(await connect(grpc).send('orders', 'a'), 'OK')
    const [, address = '', fingerprint] = await greeting.find(/^ {2}gRPC +(\S+) \(TLS and plaintext\)\n {2}TLS +self-signed, SHA-256 (\S+)\n/m)
    const { host, port } = { host: '127.0.0.1', port: Number(address.split(':')[1]) }
    const socket = connectTls({ host, port, ALPNProtocols: ['h2'], rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    assert.equal(socket.getPeerX509Certificate()?.fingerprint256, fingerprint)
    socket.destroy()
  })

  it('reads its certificate again on SIGHUP, and says when it cannot', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'feathermq-tls-'))
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const write = (identity: { certificate: string; key: string }): void => {
      writeFileSync(cert, identity.certificate)
      writeFileSync(key, identity.key)
    }
    const [before, after] = [testAuthority(), testAuthority('another authority')]
    write(before.issue('127.0.0.1'))
    const program = start([...FREE, '--tls-cert', cert, '--tls-key', key])
    const [, grpc = ''] = await program.find(/^ {2}gRPC +(\S+) \(TLS\)$/m)
    await program.find(/Try:/)
    assert.equal(await connect(grpc, { ca: before.ca }).send('orders', 'a'), 'OK')
    write(after.issue('127.0.0.1'))
    program.kill('SIGHUP')
    await program.find(/^SIGHUP: read the certificate again\n/m)
    assert.equal(await connect(grpc, { ca: after.ca }).send('orders', 'a'), 'OK')
    rmSync(folder, { recursive: true })
    program.kill('SIGHUP')
    await program.find(/^SIGHUP: the certificate stays: the PEM file .*cert\.pem cannot be read/m)
    program.kill('SIGTERM')
    assert.equal((await program.ended).code, 0)
  })

  it('says which port is taken and which flag moves it', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = String(typeof address === 'object' ? address?.port : 0)
    const taken = (what: string, flag: string) => ({
      code: 2,
      out: '',
      err: `feathermq: cannot open the ${what} port 127.0.0.1:${port}: something else listens there; choose another port with ${flag}, or ${flag} 0 for a free one\n`,
    })
    assert.deepEqual(await Promise.all([feathermq(['--port', port, '--http-port', '0']), feathermq(['--port', '0', '--http-port', port])]), [
      taken('gRPC', '--port'),
      taken('HTTP', '--http-port'),
    ])
    await new Promise((resolve) => other.close(resolve))
  })
})

describe('feathermq', function () {
  this.timeout(60_000)

  it('ends with code 2 and a sentence on stderr when an option is wrong', async () => {
    assert.deepEqual(await feathermq(['--max-delay', '30']), {
      code: 2,
      out: '',
      err: 'feathermq: options: maxDelay: must be milliseconds, 0 or more, or a number with ms, s, m, h or d, e.g. "30s"\n',
    })
  })

  it('fails with code 1 where no broker answers, and says what to do', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const dead = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    await new Promise((resolve) => other.close(resolve))
    const end = (path: string) => ({
      code: 1,
      out: '',
      err: `feathermq: no broker answers at http://${dead}${path} (ECONNREFUSED). Start one with "feathermq serve", or name its HTTP address with --admin or FEATHERMQ_ADMIN.\n`,
    })
    assert.deepEqual(
      await Promise.all([feathermq(['topic', 'list', '--admin', dead]), feathermq(['group', 'show', 'a'], { FEATHERMQ_ADMIN: `http://${dead}` })]),
      [end('/api/topics'), end('/api/groups/a')],
    )
  })
})
