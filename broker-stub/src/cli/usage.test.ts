import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'mocha'
import { captured } from './test-kit/captured.ts'

/** Names of the commands in a help text. */
const commandsOf = (help: string): string[] =>
  [...(help.split('Commands:')[1] ?? '').matchAll(/^ {2}(\w+)/gm)].flatMap(([, name]) => (name === undefined || name === 'help' ? [] : [name]))

describe('the command line of feathermq', () => {
  const HINT = '(feathermq --help lists all commands)\n'
  const PORT = 'A port is a number from 0 to 65535.'
  const wrong: readonly (readonly [args: string, err: string])[] = [
    ['serve --prt 1', `error: unknown option '--prt'\n(Did you mean --port?)\n${HINT}`],
    ['--port eight', `error: option '--port <port>' argument 'eight' is invalid. ${PORT}\n${HINT}`],
    ['--port 65536', `error: option '--port <port>' argument '65536' is invalid. ${PORT}\n${HINT}`],
    ['--http-port 0x10', `error: option '--http-port <port>' argument '0x10' is invalid. ${PORT}\n${HINT}`],
    ['--name', `error: option '--name <name>' argument missing\n${HINT}`],
    ['--name a/b', 'feathermq: options: name: must be 1 to 64 letters, digits, "_", "-" or "."\n'],
    ['--max-memory lots', 'feathermq: options: maxMemory: must be bytes, 1 or more, or a number with K, M or G, e.g. "512MiB"\n'],
    ['--max-delay 30', 'feathermq: options: maxDelay: must be milliseconds, 0 or more, or a number with ms, s, m, h or d, e.g. "30s"\n'],
    ['--advertise here', 'feathermq: options: advertise: must be host:port, IPv6 in brackets\n'],
    ['--tls-cert a.pem', 'feathermq: --tls-cert and --tls-key belong together: give both or none\n'],
    [
      '--tls-self-signed --tls-cert a.pem --tls-key b.pem',
      'feathermq: --tls-self-signed makes a certificate of its own: give it or --tls-cert and --tls-key\n',
    ],
    [
      '--tls-cert /no/a.pem --tls-key /no/b.pem',
      "feathermq: the PEM file /no/a.pem cannot be read: ENOENT: no such file or directory, open '/no/a.pem'\n",
    ],
    [
      '--config /no/broker.yaml',
      "feathermq: the configuration file /no/broker.yaml cannot be read: ENOENT: no such file or directory, open '/no/broker.yaml'\n",
    ],
    ['topics list', `error: unknown command 'topics'\n${HINT}`],
    ['topic lst', `error: unknown command 'lst'\n(Did you mean list?)\n${HINT}`],
    ['topic create', `error: missing required argument 'name'\n${HINT}`],
    ['topic create a --queues 0', `error: option '--queues <count>' argument '0' is invalid. Give a whole number, 1 or more.\n${HINT}`],
    [
      'group create a --max-attempts 1.5',
      `error: option '--max-attempts <count>' argument '1.5' is invalid. Give a whole number, 1 or more.\n${HINT}`,
    ],
    ['group list -o xml', `error: option '-o, --output <form>' argument 'xml' is invalid. Allowed choices are table, json.\n${HINT}`],
  ]
  for (const [args, err] of wrong) {
    it(`ends with code 2 and a sentence: ${args}`, async () => {
      assert.deepEqual(await captured(args.split(' ')), { code: 2, out: '', err })
    })
  }

  it('is in the reference, every command and every flag of it', async () => {
    const reference = await readFile(new URL('../../../docs/broker.md', import.meta.url), 'utf8')
    const missing: string[] = []
    let flags = 0
    const look = async (path: readonly string[]): Promise<void> => {
      const { out } = await captured([...path, '--help'])
      for (const [flag] of out.matchAll(/(?<=^ {2}(?:-\w, )?)--[\w-]+/gm)) {
        flags++
        if (!['--help', '--version'].includes(flag) && !reference.includes(flag)) missing.push(`${path.join(' ')} ${flag}`)
      }
      for (const name of commandsOf(out)) {
        if (!reference.includes(`\`${[...path, name].join(' ')}`)) missing.push([...path, name].join(' '))
        await look([...path, name])
      }
    }
    await look([])
    assert.deepEqual(missing, [])
    assert.ok(flags > 50, `${flags} flags`)
  })

  it('prints its help and its version with code 0, and its help as an error where a command is missing', async () => {
    const { version } = (await import('../../package.json', { with: { type: 'json' } })).default
    const [asked, help, topic] = await Promise.all([['--version'], ['serve', '--help'], ['topic']].map(captured))
    assert.deepEqual(asked, { code: 0, out: `${version}\n`, err: '' })
    assert.ok(help && topic)
    assert.equal(help.code, 0)
    for (const flag of [
      'name',
      'host',
      'port',
      'http-port',
      'advertise',
      'no-auto-create',
      'max-memory',
      'max-delay',
      'tls-cert',
      'tls-key',
      'tls-self-signed',
      'config',
    ]) {
      assert.match(help.out, new RegExp(`^  --${flag}\\b`, 'm'))
    }
    assert.equal(topic.code, 2)
    assert.match(topic.err, /^Usage: feathermq topic /)
  })
})
