import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { grpcGoModule, h2specModule, isGoNewEnough, natsModule, requiredVersion } from './go-programs.ts'
import { pinned } from './runtime.ts'

describe('the Go programs of the tests', () => {
  for (const module of [h2specModule, grpcGoModule, natsModule]) {
    it(`are made of the ${module.peer} that test/peers.json names`, () => {
      assert.equal(requiredVersion(module), pinned(module.peer))
    })
  }

  it('ask for Go 1.24, whose modules can name tools', () => {
    for (const printed of [
      'go version go1.24 linux/amd64',
      'go version go1.26.8 darwin/arm64',
      'go version go1.100rc1 linux/amd64',
      'go version go2.0 x',
    ]) {
      assert.ok(isGoNewEnough(printed), printed)
    }
    for (const printed of ['go version go1.23.9 linux/amd64', 'go version go1.9 linux/amd64', 'go version devel', '']) {
      assert.ok(!isGoNewEnough(printed), printed)
    }
  })
})
