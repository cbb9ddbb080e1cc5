import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../support/child.ts'
import { root } from '../../support/repository.ts'
import { fetched, MissingPeer, madeOnce, pinned, sizeOf } from '../support/runtime.ts'

export const rocketmqVersion: string = pinned('rocketmq-server')

const { JAVA_HOME } = process.env

/** What a stock server runs on. */
export interface Jars {
  /** The program `java`. */
  readonly java: string
  /** The folder with all its packages. */
  readonly folder: string
}

/**
 * A stock RocketMQ server, as Maven resolves it, kept in `.cache/rocketmq/`.
 *
 * @throws a MissingPeer where there is no Java, no Maven, or no network for the first time.
 */
export async function rocketmqJars(): Promise<Jars> {
  const java = JAVA_HOME === undefined ? 'java' : join(JAVA_HOME, 'bin/java')
  const end = await run(java, ['-version'])
  const version = /version "(\d+)/.exec(`${end.stdout}${end.stderr}`)?.[1]
  if (end.code !== 0 || version === undefined) {
    throw new MissingPeer('There is no Java: neither JAVA_HOME nor the PATH has it. On Debian and Ubuntu it is the package openjdk-17-jdk-headless.')
  }
  if (Number(version) < 17) throw new MissingPeer(`${java} is of version ${version}, and 17 is needed.`)

  const pom = join(root, 'test/interop/rocketmq/pom.xml')
  const folder = await madeOnce('rocketmq', 'lib', [readFileSync(pom, 'utf8'), rocketmqVersion], async (target) => {
    if ((await run('mvn', ['--version'])).code !== 0) {
      throw new MissingPeer('There is no Maven ("mvn") to fetch a stock RocketMQ server with. On Debian and Ubuntu it is the package maven.')
    }
    console.log(
      `    Fetching Apache RocketMQ ${rocketmqVersion} once, into .cache/rocketmq/, as the server that the SDK must work with (about 102 MB)`,
    )
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${target}`]
    await fetched('Fetching Apache RocketMQ with Maven', 'mvn', ['-q', '-B', '-f', pom, `-Drocketmq-server=${rocketmqVersion}`, ...goal])
    console.log(`    It takes ${sizeOf(target)} there, and as much in Maven's own repository`)
  })
  return { java, folder }
}
