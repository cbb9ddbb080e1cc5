import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import type { RequestHead } from '../http2/field-rules.ts'
import type { FieldWriter, Stream } from '../http2/stream.ts'
import { FieldList } from './field-list.ts'
import { refuseHttp } from './plain-http.ts'

const head = (method: string): RequestHead => ({ method, scheme: 'http', path: '/', authority: '', contentLength: -1, firstField: 0 })
const typed = (contentType: string): FieldList => new FieldList(['content-type', contentType])

/** Writes down what is sent on it. */
class Sent {
  readonly story: string[] = []

  get stream(): Stream {
    const { story } = this
    const stream: Pick<Stream, 'sendHeaders' | 'sendBytes' | 'end' | 'release'> = {
      sendHeaders(fields: FieldWriter, end = false) {
        const written: string[] = []
        fields({ field: (name, value) => void written.push(`${name}: ${value}`), fields: () => assert.fail('no fields of gRPC') })
        story.push(written.join(', '), ...(end ? ['end'] : []))
      },
      sendBytes(bytes) {
        story.push(Buffer.from(bytes).toString())
        return true
      },
      end: () => void story.push('end'),
      release: (count) => void story.push(`released ${count}`),
    }
    return stream as Stream
  }
}

describe('a request that is no gRPC', () => {
  it('is every one that is no POST of application/grpc', () => {
    for (const contentType of ['application/grpc', 'application/grpc+proto', 'application/grpc;charset=utf-8']) {
      assert.equal(refuseHttp(head('POST'), typed(contentType)), undefined, contentType)
    }
    for (const contentType of ['', 'application/json', 'application/grpc-web', 'application/grpcx', 'text/application/grpc']) {
      assert.notEqual(refuseHttp(head('POST'), typed(contentType)), undefined, contentType)
    }
    assert.notEqual(refuseHttp(head('POST'), new FieldList([])), undefined)
    for (const method of ['GET', 'HEAD', 'PUT', 'post', 'OPTIONS']) assert.notEqual(refuseHttp(head(method), typed('application/grpc')), undefined)
  })

  it('gets 415 and a sentence once it is whole, and its body is passed over', () => {
    const sent = new Sent()
    const handler = refuseHttp(head('POST'), typed('application/json'))?.(sent.stream)
    handler?.onData(Buffer.alloc(100), 20, 80, true)
    assert.deepEqual(sent.story, ['released 60'])
    handler?.onEnd()
    const [, fields, body, end] = sent.story
    assert.match(fields ?? '', /^:status: 415, content-type: text\/plain; charset=utf-8, content-length: \d+$/)
    assert.ok(fields?.endsWith(`: ${body?.length}`))
    assert.match(body ?? '', /"application\/json" is not application\/grpc/)
    assert.equal(end, 'end')
    assert.equal(sent.story.length, 4)
  })

  it('gets no body for HEAD', () => {
    const sent = new Sent()
    refuseHttp(head('HEAD'), typed(''))?.(sent.stream).onEnd()
    assert.deepEqual(sent.story, [':status: 415, content-type: text/plain; charset=utf-8', 'end'])
  })

  it('is not repeated at length', () => {
    const sent = new Sent()
    refuseHttp(head('POST'), typed('x'.repeat(10_000)))?.(sent.stream).onEnd()
    assert.ok((sent.story[1]?.length ?? 0) < 300)
  })
})
