const i32 = 0x7f

function bytes(content: readonly number[]): number[] {
  return [content.length, ...content]
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  return [id, ...bytes([items.length, ...items.flat()])]
}

const name = (text: string) => bytes([...Buffer.from(text)])

/**
 * A WebAssembly module that Envoy takes for a filter, and that traps on the first byte of a request's body: `unreachable`, as a bug in a
 * filter would end. Calls without a body it passes.
 */
export function trappingModule(): Uint8Array {
  const functions = [
    { exported: 'proxy_abi_version_0_2_1', parameters: 0, answers: false, body: [] },
    // malloc: an address that is never read.
    { exported: 'malloc', parameters: 1, answers: true, body: [0x41, 16] },
    // if (size) unreachable; 0: go on.
    { exported: 'proxy_on_request_body', parameters: 3, answers: true, body: [0x20, 1, 0x04, 0x40, 0x00, 0x0b, 0x41, 0] },
  ]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      functions.map(({ parameters, answers }) => [0x60, ...bytes(Array.from({ length: parameters }, () => i32)), ...bytes(answers ? [i32] : [])]),
    ),
    ...section(
      3,
      functions.map((_, index) => [index]),
    ),
    ...section(5, [[0, 1]]),
    ...section(7, [...functions.map(({ exported }, index) => [...name(exported), 0, index]), [...name('memory'), 2, 0]]),
    ...section(
      10,
      functions.map(({ body }) => bytes([0, ...body, 0x0b])),
    ),
  ])
}
