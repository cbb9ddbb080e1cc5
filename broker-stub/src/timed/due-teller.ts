import type { RecordStamp } from '../log/segments/record.ts'
import { readEntries } from './due-reader.ts'
import type { DueTable, Slot } from './due-table.ts'
import type { Entry } from './entry.ts'
import type { Shelf } from './shelf.ts'

/** So much of what is due is read at a time. */
const GROUP = 64
const GROUP_BYTES = 1024 * 1024

export interface DueSource {
  readonly table: DueTable
  readonly stamp: RecordStamp
  readonly path: string
  readonly access: 'read' | 'write'
}

export type Hand = (slot: Slot, position: number, dueAt: number, entry: Entry) => void

/** Reads what is due and tells of it, some at a time, while there is room in the owner's hand. Never rejects. */
export async function tellDue(shelf: Shelf, source: DueSource, hand: Hand): Promise<void> {
  for (let slots = takeDue(shelf, source.table); slots.length > 0; slots = takeDue(shelf, source.table)) {
    const entries = await readSlots(shelf, source, slots)
    if (entries !== undefined) for (const [index, slot] of slots.entries()) tell(shelf, source, slot, entries[index], hand)
  }
}

function takeDue({ clock, inHand, mostInHand, isClosing }: Shelf, table: DueTable): Slot[] {
  const slots: Slot[] = []
  const now = clock.now()
  for (let bytes = 0; !isClosing() && slots.length < Math.min(GROUP, mostInHand - inHand) && bytes < GROUP_BYTES; ) {
    const slot = table.take(now)
    if (slot === undefined) break
    slots.push(slot)
    bytes += table.length(slot)
  }
  return slots
}

async function readSlots(
  { disk, onEvent, clock, retryAfter }: Shelf,
  { table, stamp, path, access }: DueSource,
  slots: readonly Slot[],
): Promise<(Entry | undefined)[] | undefined> {
  const extents = slots.map((slot) => ({ position: table.position(slot), length: table.length(slot) }))
  try {
    return await disk.open.use(path, access, (file) => readEntries(file, extents, stamp))
  } catch (error) {
    onEvent({ kind: 'unreadable', path, error, retried: true })
    for (const slot of slots) if (table.state(slot) === 'reading') table.wait(slot, clock.now() + retryAfter)
    return undefined
  }
}

function tell(shelf: Shelf, { table, path }: DueSource, slot: Slot, entry: Entry | undefined, hand: Hand): void {
  // Cancelled or postponed meanwhile.
  if (table.state(slot) !== 'reading') return
  if (entry === undefined) {
    shelf.onEvent({ kind: 'damaged', path, position: table.position(slot), length: table.length(slot), found: 'due' })
    table.end(slot)
    return
  }
  // The clock was set back while it was read.
  if (shelf.clock.now() < table.due(slot)) {
    table.wait(slot)
    return
  }
  table.hand(slot, entry.kind)
  if (entry.kind === 'delayed') shelf.inHand++
  hand(slot, table.position(slot), table.due(slot), entry)
}
