export { type TestAuthority, type TestCertificate, testAuthority } from './certificates.ts'
export type { Runner, Traits } from './conformance/harness.ts'
export { conformanceSuite } from './conformance/suite.ts'
