import { describe, it } from 'mocha'
import { properties } from './test-kit/properties.ts'

describe('the http2 transport and itself', () => {
  properties({ client: 'own', server: 'own' }, { describe, it })
})
