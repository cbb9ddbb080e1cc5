// A set of admitted keys with a hard bound that holds for the whole Envoy process, not per worker: the list lives in shared
// data, a key is added by compare-and-swap, and every VM keeps its own index of what it has seen. Nobody ever takes a key
// out, as Envoy never frees a metric either. A full list is known to be full, so names that are not in it cost one local look-up.
import { STATUS_CAS_MISMATCH, STATUS_OK } from '../abi/constants'
import { answerAt, answerCas, answerLength, getShared, setShared } from '../abi/host'
import { Bytes, hashOf, sameBytes } from '../abi/text'

/** Not admitted: counted under `~other`. */
export const OTHER: u32 = 0xffffffff

const TRIES: u32 = 8
const ENTRY_SIZE: usize = 12

@unmanaged
export class Registry {
  sharedKey: Bytes
  /** Keys in this VM's index; they are the first `count` keys of the shared list, in its order. */
  count: u32
  /** Slots of the hash table, a power of two. */
  slots: u32
  /** Per slot the number of a key plus one, 0 = empty. */
  table: usize
  /** Per key: address, length, value (free for the user; starts as OTHER). */
  entries: usize
  room: u32
}

export function newRegistry(sharedKey: Bytes): Registry {
  const registry = changetype<Registry>(heap.alloc(offsetof<Registry>()))
  registry.sharedKey = sharedKey
  registry.count = 0
  registry.room = 16
  registry.slots = 64
  registry.entries = heap.alloc(16 * ENTRY_SIZE)
  registry.table = heap.alloc(64 << 2)
  memory.fill(registry.table, 0, 64 << 2)
  return registry
}

function entryAt(registry: Registry, index: u32): usize {
  return registry.entries + <usize>index * ENTRY_SIZE
}

export function keyAt(registry: Registry, index: u32): usize {
  return <usize>load<u32>(entryAt(registry, index))
}

export function keyLength(registry: Registry, index: u32): usize {
  return <usize>load<u32>(entryAt(registry, index), 4)
}

export function valueOf(registry: Registry, index: u32): u32 {
  return load<u32>(entryAt(registry, index), 8)
}

export function setValue(registry: Registry, index: u32, value: u32): void {
  store<u32>(entryAt(registry, index), value, 8)
}

/** The slot that holds the key, or the empty one where it belongs. */
function slotOf(registry: Registry, at: usize, length: usize): usize {
  const mask = registry.slots - 1
  let slot = hashOf(at, length) & mask
  while (true) {
    const cell = registry.table + (<usize>slot << 2)
    const number = load<u32>(cell)
    if (number == 0) return cell
    if (sameBytes(keyAt(registry, number - 1), keyLength(registry, number - 1), at, length)) return cell
    slot = (slot + 1) & mask
  }
  return 0
}

function addLocal(registry: Registry, at: usize, length: usize): void {
  if (registry.count == registry.room) growEntries(registry)
  if ((registry.count + 1) << 1 > registry.slots) growTable(registry)
  const copy = heap.alloc(max<usize>(length, 1))
  memory.copy(copy, at, length)
  const entry = entryAt(registry, registry.count)
  store<u32>(entry, <u32>copy)
  store<u32>(entry, <u32>length, 4)
  store<u32>(entry, OTHER, 8)
  store<u32>(slotOf(registry, at, length), ++registry.count)
}

function growEntries(registry: Registry): void {
  const bigger = heap.alloc(<usize>registry.room * 2 * ENTRY_SIZE)
  memory.copy(bigger, registry.entries, <usize>registry.count * ENTRY_SIZE)
  heap.free(registry.entries)
  registry.entries = bigger
  registry.room *= 2
}

function growTable(registry: Registry): void {
  heap.free(registry.table)
  registry.slots *= 2
  registry.table = heap.alloc(<usize>registry.slots << 2)
  memory.fill(registry.table, 0, <usize>registry.slots << 2)
  for (let i: u32 = 0; i < registry.count; i++) store<u32>(slotOf(registry, keyAt(registry, i), keyLength(registry, i)), i + 1)
}

/** Makes sure that the shared list exists, so that every later change of it is a compare-and-swap. For on_configure. */
export function openRegistry(registry: Registry): void {
  if (getShared(registry.sharedKey) && answerCas() == 0) setShared(registry.sharedKey, answerAt(), 0, 0)
}

// Where an entry that is being appended is put together: the old list, the key's length in one byte, the key.
let draft: usize = 0
let draftSize: usize = 0

/**
 * Number of the key, the same in every VM of the process, or OTHER when the list holds `limit` keys already (or the host
 * cannot say). A key has at most 255 bytes.
 */
export function admit(registry: Registry, at: usize, length: usize, limit: u32): u32 {
  let number = load<u32>(slotOf(registry, at, length))
  if (number != 0) return number - 1
  if (registry.count >= limit || length > 255) return OTHER
  for (let attempt: u32 = 0; attempt < TRIES; attempt++) {
    if (!getShared(registry.sharedKey)) return OTHER
    const cas = answerCas()
    const listed = answerLength()
    learn(registry, answerAt(), listed)
    number = load<u32>(slotOf(registry, at, length))
    if (number != 0) return number - 1
    if (registry.count >= limit) return OTHER
    const size = listed + 1 + length
    if (draftSize < size) {
      if (draftSize != 0) heap.free(draft)
      draftSize = size * 2
      draft = heap.alloc(draftSize)
    }
    memory.copy(draft, answerAt(), listed)
    store<u8>(draft + listed, <u8>length)
    memory.copy(draft + listed + 1, at, length)
    const status = setShared(registry.sharedKey, draft, size, cas)
    if (status == STATUS_OK) {
      addLocal(registry, at, length)
      return registry.count - 1
    }
    if (status != STATUS_CAS_MISMATCH) return OTHER
  }
  return OTHER
}

/** Takes over the keys that other VMs have added since. */
function learn(registry: Registry, list: usize, length: usize): void {
  let offset: usize = 0
  let index: u32 = 0
  while (offset < length) {
    const size = <usize>load<u8>(list + offset)
    if (offset + 1 + size > length) return
    if (index >= registry.count) addLocal(registry, list + offset + 1, size)
    offset += 1 + size
    index++
  }
}
