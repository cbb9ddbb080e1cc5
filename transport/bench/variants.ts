import { ours } from './ours.ts'
import { plainGrpcJs } from './plain-grpc-js.ts'
import { plainNodeHttp2 } from './plain-node-http2.ts'
import type { Variant } from './variant.ts'

export const names = ['ours', 'node:http2', 'grpc-js'] as const

export type Name = (typeof names)[number]

export const variants: Readonly<Record<Name, Variant>> = { ours, 'node:http2': plainNodeHttp2, 'grpc-js': plainGrpcJs }
