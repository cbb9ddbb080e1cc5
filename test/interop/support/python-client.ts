import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../support/child.ts'
import type { Driver } from '../../support/official/json-lines.ts'
import { root } from '../../support/repository.ts'
import { fetched, MissingPeer, madeOnce, pinned, sizeOf } from './runtime.ts'

export const pythonClientVersion: string = pinned('rocketmq-python-client')

/** A Python that can run the client and fetch it, with its version. */
async function findPython(): Promise<readonly [command: string, version: string]> {
  const seen: string[] = []
  for (const command of ['python3', 'python']) {
    const end = await run(command, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'])
    if (end.code !== 0) continue
    const version = end.stdout.trim()
    const [major = 0, minor = 0] = version.split('.').map(Number)
    if (major < 3 || (major === 3 && minor < 10)) seen.push(`${command} is Python ${version}, and 3.10 is needed`)
    else if ((await run(command, ['-m', 'pip', '--version'])).code !== 0) seen.push(`${command} has no pip`)
    else return [command, version]
  }
  throw new MissingPeer(`There is no Python for the official Python client: ${seen.length > 0 ? seen.join('; ') : 'the PATH has none'}.`)
}

/** The program of `test/interop/python/` around the official Python client. */
export async function pythonDriver(): Promise<Driver> {
  const [python, version] = await findPython()
  const project = join(root, 'test/interop/python')
  const constraints = join(project, 'constraints.txt')
  const requirement = `rocketmq-python-client==${pythonClientVersion}`
  const lib = await madeOnce('python', 'lib', [version, requirement, readFileSync(constraints, 'utf8')], async (folder) => {
    console.log(`    Fetching the official Python client ${pythonClientVersion} once, into .cache/python/, to judge the broker (about 50 MB)`)
    const options = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore', '--target', folder, '--constraint', constraints]
    await fetched('Fetching the official Python client with pip', python, ['-m', 'pip', 'install', ...options, requirement])
    console.log(`    It takes ${sizeOf(folder)} there`)
  })
  return { command: python, args: () => [join(project, 'driver.py')], env: { PYTHONPATH: lib, PYTHONNOUSERSITE: '1', PYTHONDONTWRITEBYTECODE: '1' } }
}
