import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { runProgram } from './program.ts'

const minute = 60_000

describe('runProgram', () => {
  it('answers with what the program wrote, and its code', async () => {
    const end = await runProgram(process.execPath, ['-e', 'console.log("out"); console.error("err"); process.exit(3)'], minute)
    assert.deepEqual(end, { code: 3, stdout: 'out\n', stderr: 'err\n' })
  })

  it('answers undefined for a program that is not there, and then holds the process no longer', async () => {
    const script = `import { runProgram } from ${JSON.stringify(new URL('./program.ts', import.meta.url).href)}
      console.log(await runProgram('/no/such/program', [], ${minute}))`
    const end = await runProgram(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], 15_000)
    assert.deepEqual(end, { code: 0, stdout: 'undefined\n', stderr: '' })
  })

  it('kills a program that does not end in time', async () => {
    const end = await runProgram(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], 200)
    assert.equal(end?.code, null)
  })
})
