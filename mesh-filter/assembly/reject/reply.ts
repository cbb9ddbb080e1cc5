// A response of the service that says nothing but a Status, as a gRPC frame: what a broker sends when it refuses.

/** Kept from the refusal of a call until its answer is on the way. Blocks of one size, from a pool. */
@unmanaged
export class Reply {
  nextFree: usize
  length: u32
}

const FRAME: usize = offsetof<Reply>()
const ROOM: usize = 1024
/** Frame prefix, two field keys with lengths, the code: what stands around the text. */
const AROUND: usize = 24
let free: usize = 0

// @ts-ignore: decorator
@inline
export function frameOf(reply: Reply): usize {
  return changetype<usize>(reply) + FRAME
}

/** Every response of the service is `{ 1: Status }`, and Status is `{ 1: code, 2: message }`. */
export function takeReply(code: u32, text: usize, given: usize): Reply {
  let block = free
  if (block != 0) free = changetype<Reply>(block).nextFree
  else block = heap.alloc(FRAME + ROOM)
  const reply = changetype<Reply>(block)
  const length = fitting(text, given)
  const status: u32 = 1 + varintLength(code) + 1 + varintLength(length) + length
  const message: u32 = 1 + varintLength(status) + status
  let at = frameOf(reply)
  store<u8>(at, 0)
  store<u32>(at, bswap<u32>(message), 1)
  store<u8>(at, 0x0a, 5)
  at = putVarint(at + 6, status)
  store<u8>(at, 0x08)
  at = putVarint(at + 1, code)
  store<u8>(at, 0x12)
  at = putVarint(at + 1, length)
  memory.copy(at, text, length)
  reply.length = 5 + message
  return reply
}

export function giveReplyBack(reply: Reply): void {
  reply.nextFree = free
  free = changetype<usize>(reply)
}

/** No more bytes than fit, and no half character: a text that is no UTF-8 would fail the whole answer. */
function fitting(at: usize, length: usize): u32 {
  let fit = <u32>min(length, ROOM - AROUND)
  if (<usize>fit < length) while (fit != 0 && (load<u8>(at + fit) & 0xc0) == 0x80) fit--
  return fit
}

function varintLength(value: u32): u32 {
  let length: u32 = 1
  while (value >= 128) {
    value >>= 7
    length++
  }
  return length
}

function putVarint(at: usize, value: u32): usize {
  while (value >= 128) {
    store<u8>(at++, <u8>(value | 128))
    value >>= 7
  }
  store<u8>(at, <u8>value)
  return at + 1
}
