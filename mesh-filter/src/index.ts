// For who compiles without naming either: TypeScript 6 and later take no types on their own (https://www.typescriptlang.org/tsconfig/#types).
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export type { DurationText, FactHeader, MeshConfig, MetricLabel, Operation, Patterns, Route, When } from './config/model.ts'
export { operations } from './config/model.ts'
export type { ConfigProblem } from './config/problem.ts'
export type { LocatedProblem, Reading } from './config/read.ts'
export { readConfig } from './config/read.ts'
export type { Validation } from './config/validate.ts'
export { schemaUrl, validateConfig } from './config/validate.ts'
export { EnvoyError } from './envoy/envoy-error.ts'
export type { CallCount, FilterMetrics } from './envoy/filter-metrics.ts'
export { readFilterMetrics } from './envoy/filter-metrics.ts'
export type { FindEnvoyOptions, FoundEnvoy } from './envoy/find.ts'
export { defaultEnvoyVersion, findEnvoy } from './envoy/find.ts'
export type { EnvoyVerdict, RunningEnvoy, StartEnvoyOptions } from './envoy/start.ts'
export { startEnvoy, validateWithEnvoy } from './envoy/start.ts'
export type { EnvoyBootstrap, GenerateEnvoyOptions } from './manifests/envoy.ts'
export { generateEnvoy } from './manifests/envoy.ts'
export { filterFile } from './manifests/filter-file.ts'
export { ManifestError } from './manifests/manifest-error.ts'
export { renderEnvoy } from './manifests/render.ts'
export type { WasmSource } from './manifests/wasm-filter.ts'
