import { describe, it } from 'mocha'
import { properties } from './test-kit/properties.ts'

describe('the http2 transport and grpc-js', () => {
  properties({ client: 'own', server: 'grpc-js' }, { describe, it })
  properties({ client: 'grpc-js', server: 'own' }, { describe, it })
})
