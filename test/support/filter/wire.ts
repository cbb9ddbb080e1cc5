/** A protobuf varint, for values up to 2^53. */
export function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return [...bytes, rest]
}

/** A string, bytes or message field. */
export function delimited(number: number, content: Uint8Array | readonly number[]): number[] {
  return [...varint(number * 8 + 2), ...varint(content.length), ...content]
}
