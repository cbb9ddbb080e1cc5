/** A compiled module. */
export interface WasmModule {
  readonly kind?: 'module'
}

/** A linear memory. */
export interface WasmMemory {
  /** Another object after every growth; the old one is then empty. */
  readonly buffer: ArrayBuffer
}

/** An exported function. Numbers beyond its parameters are ignored; i64 is a bigint. */
export type WasmFunction = (...values: (number | bigint)[]) => number | bigint | undefined

/** What a host hands to a module, by module name and field. */
export type WasmImports = Record<string, Record<string, WasmFunction>>

interface WebAssemblyGlobal {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule
    imports(module: WasmModule): { readonly module: string; readonly name: string; readonly kind: string }[]
  }
  readonly Instance: new (module: WasmModule, imports: WasmImports) => { readonly exports: Readonly<Record<string, unknown>> }
  readonly Memory: new (limits: { initial: number }) => WasmMemory
  readonly RuntimeError: ErrorConstructor
  readonly CompileError: ErrorConstructor
}

declare const WebAssembly: WebAssemblyGlobal

/** What is used of WebAssembly here. TypeScript has its types in the library for browsers only, which a package for Node should not need. */
export const webAssembly: WebAssemblyGlobal = WebAssembly
