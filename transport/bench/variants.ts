import type { Variant } from './variant.ts'

export const names = ['ours', 'node:http2', 'grpc-js'] as const

export type Name = (typeof names)[number]

/** A process loads the one that it measures. */
export const variants: Readonly<Record<Name, () => Promise<Variant>>> = {
  ours: async () => (await import('./ours.ts')).ours,
  'node:http2': async () => (await import('./plain-node-http2.ts')).plainNodeHttp2,
  'grpc-js': async () => (await import('./plain-grpc-js.ts')).plainGrpcJs,
}
