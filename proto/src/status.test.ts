import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import { type Code, codeInfo, codeName, codeNumber } from './index.ts'

const enums = JSON.parse(readFileSync(new URL('../vectors/enums.json', import.meta.url), 'utf8')) as readonly {
  readonly enum: string
  readonly values: Readonly<Record<string, number>>
}[]
const codes = enums.find((entry) => entry.enum === 'Code')?.values ?? {}

describe('the catalogue of status codes', () => {
  it('knows the numbers of the protocol, both ways', () => {
    assert.equal(codes['TOPIC_NOT_FOUND'], 40402)
    for (const [name, number] of Object.entries(codes) as [Code, number][]) {
      assert.equal(codeNumber(name), number)
      assert.equal(codeName(number), name)
      assert.equal(codeInfo(number)?.name, name)
      assert.equal(codeInfo(name)?.number, number)
    }
  })

  it('explains every code in a sentence, and says nothing of numbers that it does not know', () => {
    for (let number = 0; number < 61000; number++) {
      const name = codeName(number)
      const info = codeInfo(number)
      assert.equal(info === undefined, typeof name === 'number')
      assert.equal(info === undefined, !Object.values(codes).includes(number), `code ${number}`)
      if (info !== undefined) assert.match(info.meaning, /\.$/, info.name)
    }
    assert.equal(codeInfo(-1), undefined)
  })

  it('calls an overload retryable, and a mistake of the client not', () => {
    assert.equal(codeInfo('TOO_MANY_REQUESTS')?.retryable, true)
    assert.equal(codeInfo('ILLEGAL_TOPIC')?.retryable, false)
    assert.equal(codeInfo('OK')?.retryable, false)
  })
})
