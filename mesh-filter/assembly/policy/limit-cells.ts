// The state of limits: cells in shared data, so that all workers of a process draw from the same ones. A cell is a GCRA: the
// moment at which it would be full again, once for messages and once for bytes ("theoretical arrival time", ITU-T I.371).
// A cell whose moments have passed is full, whoever it belonged to, so it may be given to somebody else without a loss.
//
// Nothing can be deleted from shared data and it knows no moment of its own, therefore the number of cells of a rule is fixed.
// They stand in sets of up to eight under one key, because one compare-and-swap then covers the search for a cell, taking it
// over and the charge. Who finds no cell of his own and no full one in his set shares the overflow cell behind them; who gets a
// cell of his own later starts with what the overflow cell owes. So too few cells make a limit stricter, never wider.
import { STATUS_CAS_MISMATCH, STATUS_OK } from '../abi/constants'
import { answerAt, answerCas, answerLength, getSharedAt, setSharedAt } from '../abi/host'
import { beginLine, line, lineLength, put, putNumber } from '../abi/text'

/** Cells that stand under one key. */
export const SET_SIZE: u32 = 8
const CELL_SIZE: usize = 24
/** Behind the owner's hash: the two moments, in ns of the host's clock. */
const MESSAGES: usize = 8
const BYTES: usize = 16

/** Every try reads anew what another worker wrote meanwhile; that takes well under a microsecond, so nobody loses so often by chance. */
const TRIES: u32 = 16

export const TAKEN: u32 = 0
export const EXCEEDED: u32 = 1
/** The host would not say, or somebody else was always faster: refused, since a limit may be stricter than it says but not wider. */
export const CONTENDED: u32 = 2

/** What a call costs in one limit, and how far the limit may be overdrawn, all in ns. */
@unmanaged
export class Charge {
  /** Where the cells are: prefix of their keys, how many sets, cells per set. */
  prefixAt: usize
  prefixLength: usize
  sets: u32
  perSet: u32
  owner: u64
  messageCost: u64
  messageSpan: u64
  byteCost: u64
  byteSpan: u64
}

const EMPTY_SIZE: usize = (<usize>SET_SIZE + 1) * CELL_SIZE
const empty: usize = heap.alloc(EMPTY_SIZE)
memory.fill(empty, 0, EMPTY_SIZE)

// @ts-ignore: decorator
@inline
function sizeOf(charge: Charge): usize {
  return (<usize>charge.perSet + 1) * CELL_SIZE
}

/** Composes the key of a set in the scratch line. */
function beginKey(charge: Charge, set: u32): void {
  beginLine()
  put(charge.prefixAt, charge.prefixLength)
  putNumber(set)
}

/**
 * Writes the sets that nobody has written yet. For on_configure, which Envoy runs on its main thread before any worker has the
 * configuration: a set that came into being later could not be created by compare-and-swap.
 */
export function openCells(charge: Charge): void {
  for (let set: u32 = 0; set < charge.sets; set++) {
    beginKey(charge, set)
    if (getSharedAt(line, lineLength()) && answerCas() == 0) setSharedAt(line, lineLength(), empty, sizeOf(charge), 0)
  }
}

/** Offset of the cell that the owner is to be charged in; a full one becomes his. */
function cellOf(charge: Charge, cells: usize, now: u64): usize {
  const overflow = <usize>charge.perSet * CELL_SIZE
  let full: usize = overflow
  for (let offset: usize = 0; offset < overflow; offset += CELL_SIZE) {
    const cell = cells + offset
    if (load<u64>(cell) == charge.owner) return offset
    if (full == overflow && load<u64>(cell, MESSAGES) <= now && load<u64>(cell, BYTES) <= now) full = offset
  }
  if (full == overflow) return overflow
  store<u64>(cells + full, charge.owner)
  store<u64>(cells + full, load<u64>(cells + overflow, MESSAGES), MESSAGES)
  store<u64>(cells + full, load<u64>(cells + overflow, BYTES), BYTES)
  return full
}

/** The moment after the charge, or 0 when there is no room for it. */
// @ts-ignore: decorator
@inline
function after(moment: u64, now: u64, cost: u64, span: u64): u64 {
  const next = max(now, moment) + cost
  return next <= now + span ? next : 0
}

/**
 * No cell can be emptier than empty: a moment beyond the span comes from other settings of the rule, or from a clock that was set
 * back since. True when there was one, which has to be written even if the charge is refused, or it would stay so all the time.
 */
function isCorrected(cell: usize, now: u64, charge: Charge): bool {
  const messages = load<u64>(cell, MESSAGES)
  const bytes = load<u64>(cell, BYTES)
  const mostMessages = charge.messageSpan != 0 ? now + charge.messageSpan : messages
  const mostBytes = charge.byteSpan != 0 ? now + charge.byteSpan : bytes
  if (messages <= mostMessages && bytes <= mostBytes) return false
  store<u64>(cell, min(messages, mostMessages), MESSAGES)
  store<u64>(cell, min(bytes, mostBytes), BYTES)
  return true
}

/** Reads the set into the arena. False when the host does not say. */
function readSet(charge: Charge): bool {
  beginKey(charge, <u32>((charge.owner ^ (charge.owner >> 32)) % <u64>charge.sets))
  return getSharedAt(line, lineLength())
}

/** Address of the cells as they were read; those of an older, different configuration of the rule count for nothing. */
function cellsRead(charge: Charge): usize {
  if (answerLength() == sizeOf(charge)) return answerAt()
  memory.copy(scratch, empty, EMPTY_SIZE)
  return scratch
}
const scratch: usize = heap.alloc(EMPTY_SIZE)

/** Whether the charge would be accepted, without making it. */
export function hasRoom(charge: Charge, now: u64): bool {
  if (!readSet(charge)) return false
  const cas = answerCas()
  const cells = cellsRead(charge)
  const cell = cells + cellOf(charge, cells, now)
  const isNew = isCorrected(cell, now, charge)
  const isRoom = isAccepted(charge, cell, now)
  if (isNew && !isRoom) setSharedAt(line, lineLength(), cells, sizeOf(charge), cas)
  return isRoom
}

/** Whether it was the bytes that the last refused charge was short of. */
export let lacksBytes: bool = false

function isAccepted(charge: Charge, cell: usize, now: u64): bool {
  lacksBytes = false
  if (charge.messageSpan != 0 && after(load<u64>(cell, MESSAGES), now, charge.messageCost, charge.messageSpan) == 0) return false
  lacksBytes = charge.byteSpan != 0 && after(load<u64>(cell, BYTES), now, charge.byteCost, charge.byteSpan) == 0
  return !lacksBytes
}

/** Where the last successful `take` stood; `giveBack` wants to know. */
export let takenFromOverflow: bool = false

/** Charges one cell, in messages and bytes or not at all. */
export function take(charge: Charge, now: u64): u32 {
  for (let attempt: u32 = 0; attempt < TRIES; attempt++) {
    if (!readSet(charge)) return CONTENDED
    const cas = answerCas()
    const cells = cellsRead(charge)
    const offset = cellOf(charge, cells, now)
    const cell = cells + offset
    const isNew = isCorrected(cell, now, charge)
    if (!isAccepted(charge, cell, now)) {
      if (isNew) setSharedAt(line, lineLength(), cells, sizeOf(charge), cas)
      return EXCEEDED
    }
    if (charge.messageSpan != 0) store<u64>(cell, after(load<u64>(cell, MESSAGES), now, charge.messageCost, charge.messageSpan), MESSAGES)
    if (charge.byteSpan != 0) store<u64>(cell, after(load<u64>(cell, BYTES), now, charge.byteCost, charge.byteSpan), BYTES)
    const status = setSharedAt(line, lineLength(), cells, sizeOf(charge), cas)
    if (status == STATUS_OK) {
      takenFromOverflow = offset == <usize>charge.perSet * CELL_SIZE
      return TAKEN
    }
    if (status != STATUS_CAS_MISMATCH) return CONTENDED
  }
  return CONTENDED
}

/** Of a moment, what a charge of `cost` from `age` ns ago still makes out. What has passed meanwhile would be given twice. */
// @ts-ignore: decorator
@inline
function without(moment: u64, cost: u64, age: u64): u64 {
  const left = cost > age ? cost - age : 0
  return moment > left ? moment - left : 0
}

/** Takes back what `take` charged at `then`. When that fails the limit stays stricter for a moment. */
export function giveBack(charge: Charge, then: u64, now: u64, fromOverflow: bool): void {
  const age = now > then ? now - then : 0
  for (let attempt: u32 = 0; attempt < TRIES; attempt++) {
    if (!readSet(charge) || answerLength() != sizeOf(charge)) return
    const cas = answerCas()
    const cells = answerAt()
    const overflow = <usize>charge.perSet * CELL_SIZE
    let offset: usize = fromOverflow ? overflow : 0
    while (offset < overflow && load<u64>(cells + offset) != charge.owner) offset += CELL_SIZE
    if (offset == overflow && !fromOverflow) return
    const cell = cells + offset
    if (charge.messageSpan != 0) store<u64>(cell, without(load<u64>(cell, MESSAGES), charge.messageCost, age), MESSAGES)
    if (charge.byteSpan != 0) store<u64>(cell, without(load<u64>(cell, BYTES), charge.byteCost, age), BYTES)
    if (setSharedAt(line, lineLength(), cells, sizeOf(charge), cas) != STATUS_CAS_MISMATCH) return
  }
}
