// For who compiles without naming either: TypeScript 6 and later take no types on their own (https://www.typescriptlang.org/tsconfig/#types).
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export type { Decision } from './decision.ts'
export type { Fault, FaultKind } from './faults.ts'
export type { HeaderList } from './header-map.ts'
export type { StartVmOptions, WasmHostOptions } from './host.ts'
export { WasmHost, WasmLoadError } from './host.ts'
export type { LocalReply } from './local-reply.ts'
export type { Metrics } from './metrics.ts'
export type { ImportType, ModuleTypes, Signature } from './module-types.ts'
export type { Output } from './output.ts'
export type { Plugin, PluginOptions } from './plugin.ts'
export type { LogLine, PropertyValue } from './services.ts'
export type { FilterStream, HeadersFrame, Step, StreamState } from './stream.ts'
export type { WasmVm } from './vm.ts'
