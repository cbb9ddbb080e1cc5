import { abiVersion } from '../abi.ts'
import type { ImportType, Signature } from '../module-types.ts'

interface Parts {
  readonly imports?: readonly ImportType[]
  /** Exported functions; each answers 0. */
  readonly functions?: Readonly<Record<string, Signature>>
  readonly memory?: boolean
}

const codes: Readonly<Record<string, number>> = { i: 0x7f, l: 0x7e, f: 0x7d, d: 0x7c }
const zeros: Readonly<Record<string, readonly number[]>> = { i: [0x41, 0], l: [0x42, 0], f: [0x43, 0, 0, 0, 0], d: [0x44, 0, 0, 0, 0, 0, 0, 0, 0] }

function number(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >> 7)]
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...number(items.length), ...items.flat()]
}

function bytes(content: readonly number[]): number[] {
  return [...number(content.length), ...content]
}

const name = (text: string) => bytes([...Buffer.from(text)])

function type(signature: Signature): number[] {
  const [parameters = '', results = ''] = signature.split('>')
  const types = (letters: string) => list([...letters].map((letter) => [codes[letter] ?? 0]))
  return [0x60, ...types(parameters), ...types(results)]
}

/** The least that Envoy loads. */
export const least: Readonly<Record<string, Signature>> = { [abiVersion]: '>', malloc: 'i>i' }

/** A module, byte by byte: everything of it is as it should be, but what the test wants otherwise. */
export function assemble({ imports = [], functions = least, memory = true }: Parts): Uint8Array {
  const own = Object.entries(functions)
  const imported = imports.filter(({ signature }) => signature !== undefined).length
  const section = (id: number, content: readonly number[]) => [id, ...bytes(content)]
  const signatures = [...imports.flatMap(({ signature }) => signature ?? []), ...own.map(([, signature]) => signature)]
  let next = 0
  const importEntries = imports.map((entry) => [
    ...name(entry.module),
    ...name(entry.name),
    // What is no function is an i32 global here.
    ...(entry.signature === undefined ? [3, 0x7f, 0] : [0, ...number(next++)]),
  ])
  const exported = own.map(([exportName], index) => [...name(exportName), 0, ...number(imported + index)])
  const bodies = own.map(([, signature]) => bytes([0, ...(zeros[signature.split('>')[1] ?? ''] ?? []), 0x0b]))
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(signatures.map(type))),
    ...section(2, list(importEntries)),
    ...section(3, list(own.map((_, index) => number(imported + index)))),
    ...section(5, list(memory ? [[0, 1]] : [])),
    ...section(7, list([...exported, ...(memory ? [[...name('memory'), 2, 0]] : [])])),
    ...section(10, list(bodies)),
  ])
}
