// Root contexts: one per plugin configuration and VM. Plugins with the same vm_id share this VM and every global in it, so
// whatever belongs to one configuration hangs here and nowhere else.
import { Settings, releaseSettings } from '../config/settings'

/** Whether Envoy lets the filter hold headers (`allow_on_headers_stop_iteration`): learnt from what happens to held calls. */
export const FLAG_UNKNOWN: u32 = 0
export const FLAG_CONFIRMED: u32 = 1
export const FLAG_MISSING: u32 = 2

@unmanaged
export class Root {
  id: u32
  next: usize
  settings: Settings | null
  flag: u32
  /** Held calls that saw no body yet; counted only while the flag is unknown. */
  waiting: u32
  /** Something was counted for it that Envoy does not know of. */
  untold: u32
  /** Its ticks, 0 = none. */
  tickMs: u32
  /** Set when the host said good-bye while streams were still there; the last of them frees it. */
  gone: u32
  streams: u32
}

let first: usize = 0

export function createRoot(id: u32): void {
  if (findRoot(id) !== null) return
  const root = changetype<Root>(heap.alloc(offsetof<Root>()))
  memory.fill(changetype<usize>(root), 0, offsetof<Root>())
  root.id = id
  root.next = first
  first = changetype<usize>(root)
}

/** The list is as long as there are plugins on this VM: a handful. */
export function findRoot(id: u32): Root | null {
  let at = first
  while (at != 0) {
    const root = changetype<Root>(at)
    if (root.id == id && root.gone == 0) return root
    at = root.next
  }
  return null
}

export function configureRoot(root: Root, settings: Settings): void {
  const old = root.settings
  if (old !== null) releaseSettings(old)
  root.settings = settings
  root.flag = FLAG_UNKNOWN
}

export function deleteRoot(root: Root): void {
  root.gone = 1
  const settings = root.settings
  if (settings !== null) releaseSettings(settings)
  root.settings = null
  freeIfUnused(root)
}

export function freeIfUnused(root: Root): void {
  if (root.gone == 0 || root.streams != 0) return
  const target = changetype<usize>(root)
  let cell: usize = 0
  let at = first
  while (at != 0 && at != target) {
    cell = at
    at = changetype<Root>(at).next
  }
  if (at == 0) return
  if (cell == 0) first = root.next
  else changetype<Root>(cell).next = root.next
  heap.free(target)
}
