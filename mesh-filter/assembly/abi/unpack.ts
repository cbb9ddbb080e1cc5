// The module's constants come compressed (scripts/pack-data.mjs): half of them are the zeros between the letters of UTF-16. This
// runs before anything else of the module does, as the first import of index.ts, and puts them where the compiler wants them.
// A build that was not packed has zeros in the header and nothing happens.
//
// Packed bytes are a series of: n < 128 and n literal bytes; or n >= 128, a distance of two bytes, and n - 125 bytes from there.

/** Below `memoryBase` of asconfig.json, where the compiler puts nothing: where the packed bytes begin and end, and where they go to. */
const HEADER: usize = 16

function unpack(from: usize, end: usize, to: usize): void {
  let at = from
  while (at < end) {
    const token = <usize>load<u8>(at++)
    if (token < 128) {
      memory.copy(to, at, token)
      at += token
      to += token
      continue
    }
    // Byte by byte: a run repeats what it is just writing.
    let source = to - <usize>load<u16>(at)
    at += 2
    for (let left = token - 125; left != 0; left--) store<u8>(to++, load<u8>(source++))
  }
  memory.fill(from, 0, end - from)
}

unpack(<usize>load<u32>(HEADER), <usize>load<u32>(HEADER, 4), <usize>load<u32>(HEADER, 8))
