import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expectSuccess, run } from '../../support/child.ts'
import { officialClients } from '../../support/official/clients.ts'
import { type Driver, startDriver } from '../../support/official/json-lines.ts'
import { root } from '../../support/repository.ts'
import { fetched, MissingPeer, madeOnce, pinned, sizeOf } from './runtime.ts'

export const javaClientVersion: string = pinned('rocketmq-client-java')

const { JAVA_HOME } = process.env
const jdk = (program: string) => (JAVA_HOME === undefined ? program : join(JAVA_HOME, 'bin', program))

async function findCompiler(): Promise<string> {
  const end = await run(jdk('javac'), ['-version'])
  const version = /javac (\S+)/.exec(`${end.stdout}${end.stderr}`)?.[1]
  if (end.code !== 0 || version === undefined) {
    throw new MissingPeer(
      'There is no JDK: neither JAVA_HOME nor the PATH has a javac. On Debian and Ubuntu it is the package openjdk-17-jdk-headless.',
    )
  }
  if (Number.parseInt(version, 10) < 17) throw new MissingPeer(`${jdk('javac')} is of version ${version}, and 17 is needed.`)
  return version
}

/** The folder with the client and what it needs, fetched by Maven. */
function libraries(pom: string, versions: readonly string[]): Promise<string> {
  return madeOnce('java', 'lib', [readFileSync(pom, 'utf8'), ...versions], async (folder) => {
    if ((await run('mvn', ['--version'])).code !== 0) {
      throw new MissingPeer('There is no Maven ("mvn") to fetch the official Java client with. On Debian and Ubuntu it is the package maven.')
    }
    console.log(`    Fetching the official Java client ${javaClientVersion} once, into .cache/java/, to judge the broker (about 30 MB)`)
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`]
    await fetched('Fetching the official Java client with Maven', 'mvn', ['-q', '-B', '-f', pom, ...versions, ...goal])
    console.log(`    It takes ${sizeOf(folder)} there, and as much in Maven's own repository`)
  })
}

const main = 'feathermq.interop.Driver'

// Only quick to start: what the optimising compiler and a parallel collector gain does not come back in a test's seconds.
const frugal = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m']
// A JVM writes its own warnings to stdout, among the lines.
const quiet = ['-Xlog:disable', '-Xlog:all=error:stderr']

/**
 * The classes of the client as a JVM has them in memory, which halves what each of the many starts costs. Taken from a client that finds no broker: that
 * loads nearly all of them. A JVM that cannot use the archive starts without it.
 */
async function classArchive(jars: string): Promise<string> {
  const folder = await madeOnce('java', 'archive', [jars], async (target) => {
    const home = join(target, 'home')
    const driver = startDriver({
      command: jdk('java'),
      args: () => [...frugal, ...quiet, `-XX:ArchiveClassesAtExit=${join(target, 'classes.jsa')}`, `-Duser.home=${home}`, '-cp', jars, main],
    })
    // Nothing listens on port 1.
    await assert.rejects(officialClients((onArrival) => driver.open(onArrival)).producer({ endpoints: '127.0.0.1:1', topic: 'orders' }))
    const end = await driver.finish()
    rmSync(home, { recursive: true, force: true })
    if (end.code !== 0) console.log(`    The JVM made no archive of its classes, so that each test starts more slowly. ${end.stderr}`)
  })
  return join(folder, 'classes.jsa')
}

/** What is needed to run the programs of `test/interop/java/`, compiled when they have changed. */
export interface JavaPrograms {
  readonly command: string
  readonly classPath: string
}

export async function javaPrograms(): Promise<JavaPrograms> {
  const compiler = await findCompiler()
  const project = join(root, 'test/interop/java')
  const versions = ['rocketmq-client-java', 'gson'].map((name) => `-D${name}=${pinned(name)}`)
  const lib = await libraries(join(project, 'pom.xml'), versions)

  const folder = join(project, 'src/main/java/feathermq/interop')
  const sources = readdirSync(folder).map((name) => join(folder, name))
  const inputs = [compiler, lib, ...sources, ...sources.map((source) => readFileSync(source, 'utf8'))]
  const program = await madeOnce('java', 'driver', inputs, async (target) => {
    const classes = join(target, 'classes')
    const options = ['--release', '17', '-Xlint:all', '-Werror', '-cp', join(lib, '*'), '-d', classes]
    expectSuccess('Compiling test/interop/java', await run(jdk('javac'), [...options, ...sources], { timeout: 120_000 }))
    expectSuccess('Packing test/interop/java', await run(jdk('jar'), ['--create', '--file', join(target, 'driver.jar'), '-C', classes, '.']))
  })
  const jars = [join(program, 'driver.jar'), ...readdirSync(lib).map((name) => join(lib, name))].join(delimiter)
  return { command: jdk('java'), classPath: jars }
}

/** The program around the official Java client that a test leads. */
export async function javaDriver(): Promise<Driver> {
  const { command, classPath: jars } = await javaPrograms()
  const archive = await classArchive(jars)
  return {
    command,
    // The JVM takes the home directory from the list of users, not from HOME.
    args: (home) => [...frugal, ...quiet, `-XX:SharedArchiveFile=${archive}`, `-Duser.home=${home}`, '-cp', jars, main],
  }
}
