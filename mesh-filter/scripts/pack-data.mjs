// Packs the data section of a module whose assembly/abi/unpack.ts puts it back: see there for the format. Strings of AssemblyScript
// are UTF-16 with headers, so that two thirds of the section go away.

const DATA = 11
const DATA_COUNT = 12
const MEMORY = 5
/** The same as in assembly/abi/unpack.ts. */
const HEADER = 16
const PAGE = 65_536
const longestMatch = 130
const shortestMatch = 4
const longestLiteral = 127

function varint(value) {
  const bytes = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 128)
  }
}

/** A signed one, as the constants of instructions are. */
function signedVarint(value) {
  const bytes = []
  let rest = value
  while (true) {
    const byte = rest & 127
    rest >>= 7
    if ((rest === 0 && (byte & 64) === 0) || (rest === -1 && (byte & 64) !== 0)) return [...bytes, byte]
    bytes.push(byte | 128)
  }
}

function reader(bytes) {
  let at = 0
  const self = {
    get at() {
      return at
    },
    get done() {
      return at >= bytes.length
    },
    byte: () => bytes[at++],
    take(length) {
      at += length
      return bytes.subarray(at - length, at)
    },
    number() {
      let value = 0
      for (let factor = 1; ; factor *= 128) {
        const byte = bytes[at++]
        value += (byte % 128) * factor
        if (byte < 128) return value
      }
    },
  }
  return self
}

/** The memory that the active segments fill, from the first of their bytes to the last. */
function imageOf(section) {
  const input = reader(section)
  const segments = []
  for (let left = input.number(); left > 0; left--) {
    if (input.number() !== 0 || input.byte() !== 0x41) throw new Error('a data segment is not active at a constant place')
    const offset = input.number()
    // A signed constant below 2^31 whose last byte has its sign bit clear reads the same.
    if (input.byte() !== 0x0b) throw new Error('the place of a data segment is no constant')
    segments.push({ offset, bytes: input.take(input.number()) })
  }
  const start = Math.min(...segments.map(({ offset }) => offset))
  const image = new Uint8Array(Math.max(...segments.map(({ offset, bytes }) => offset + bytes.length)) - start)
  for (const { offset, bytes } of segments) image.set(bytes, offset - start)
  return { start, image }
}

export function compress(image) {
  const packed = []
  const literal = []
  const flush = () => {
    while (literal.length > 0) {
      const some = literal.splice(0, longestLiteral)
      packed.push(some.length, ...some)
    }
  }
  const places = new Map()
  const keyAt = (at) => image[at] | (image[at + 1] << 8) | (image[at + 2] << 16) | (image[at + 3] << 24)
  const remember = (at) => {
    if (at + shortestMatch > image.length) return
    const known = places.get(keyAt(at))
    if (known === undefined) places.set(keyAt(at), [at])
    else known.push(at)
  }
  for (let at = 0; at < image.length; ) {
    let length = 0
    let distance = 0
    for (const place of at + shortestMatch <= image.length ? (places.get(keyAt(at)) ?? []) : []) {
      let same = 0
      while (same < longestMatch && at + same < image.length && image[place + same] === image[at + same]) same++
      if (same >= length && at - place < PAGE) {
        length = same
        distance = at - place
      }
    }
    if (length < shortestMatch) {
      literal.push(image[at])
      remember(at++)
      continue
    }
    flush()
    packed.push(length + 125, distance & 255, distance >> 8)
    for (const end = at + length; at < end; ) remember(at++)
  }
  flush()
  return Uint8Array.from(packed)
}

/** What unpack.ts does, to be sure. */
function decompress(packed, length) {
  const image = new Uint8Array(length)
  let to = 0
  for (let at = 0; at < packed.length; ) {
    const token = packed[at++]
    if (token < 128) {
      image.set(packed.subarray(at, at + token), to)
      at += token
      to += token
      continue
    }
    let source = to - (packed[at] | (packed[at + 1] << 8))
    at += 2
    for (let left = token - 125; left > 0; left--) image[to++] = image[source++]
  }
  return image
}

/** The module with its data packed. The packed bytes stand at the end of the memory that it begins with, where nothing else is yet. */
export function packData(module) {
  const input = reader(module)
  const sections = []
  input.take(8)
  while (!input.done) sections.push({ id: input.byte(), bytes: input.take(input.number()) })
  const data = sections.find(({ id }) => id === DATA)
  const memory = sections.find(({ id }) => id === MEMORY)
  if (data === undefined || memory === undefined) throw new Error('the module has no data or no memory of its own')
  const { start, image } = imageOf(data.bytes)
  if (start <= HEADER + 12) throw new Error('there is no room for the header below the data: set memoryBase')
  const packed = compress(image)
  if (Buffer.compare(decompress(packed, image.length), image) !== 0) throw new Error('what was packed does not come out again')

  const limits = reader(memory.bytes)
  limits.number()
  const flags = limits.byte()
  const pages = limits.number()
  const needed = Math.max(pages, Math.ceil((start + image.length + packed.length + PAGE / 4) / PAGE))
  memory.bytes = Uint8Array.from([...varint(1), flags, ...varint(needed), ...memory.bytes.subarray(limits.at)])
  const from = needed * PAGE - packed.length
  const header = new Uint8Array(Uint32Array.from([from, needed * PAGE, start]).buffer)
  const segment = (at, bytes) => [...varint(0), 0x41, ...signedVarint(at), 0x0b, ...varint(bytes.length), ...bytes]
  data.bytes = Uint8Array.from([...varint(2), ...segment(HEADER, header), ...segment(from, packed)])
  for (const section of sections) if (section.id === DATA_COUNT) section.bytes = Uint8Array.from(varint(2))
  const out = [module.subarray(0, 8)]
  for (const { id, bytes } of sections) out.push(Uint8Array.from([id, ...varint(bytes.length)]), bytes)
  return Buffer.concat(out)
}
