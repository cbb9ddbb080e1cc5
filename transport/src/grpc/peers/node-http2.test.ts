import { describe, it } from 'mocha'
import { properties } from './test-kit/properties.ts'

describe('the http2 transport and node:http2', () => {
  properties({ client: 'own', server: 'node' }, { describe, it })
  properties({ client: 'node', server: 'own' }, { describe, it })
})
