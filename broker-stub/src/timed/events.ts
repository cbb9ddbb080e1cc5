/** What an operator wants to know of timed messages. */
export type TimedEvent =
  /** Entries, or marks of what became of some, that were on the disk cannot be read any more; whatever else is in the file can. */
  | { readonly kind: 'damaged'; readonly path: string; readonly position: number; readonly length: number; readonly found: 'loading' | 'due' }
  /** What was being written when the process or the machine stopped; nobody was told that it is stored. */
  | { readonly kind: 'torn'; readonly path: string; readonly position: number; readonly length: number }
  /** A file that cannot be read: it is left alone. With `retried` it is tried again soon. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly error: unknown; readonly retried: boolean }
  /** A file cannot be written to any more; another one takes what comes. Who waits for what was on its way is told. */
  | { readonly kind: 'failed'; readonly path: string; readonly error: unknown }
  /** A file that nobody needs any more could not be removed; it goes when the broker starts again. */
  | { readonly kind: 'not-removed'; readonly path: string; readonly error: unknown }
  /** No file can be made: nothing more is taken until one can. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'available' }
  /** Whoever is told of due messages threw; the message comes again. */
  | { readonly kind: 'owner-failed'; readonly id: string; readonly error: unknown }
