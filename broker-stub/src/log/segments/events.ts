/** What an operator wants to know of the log. */
export type SegmentLogEvent =
  /** Records that were on disk cannot be read any more; whatever else is in the file can. */
  | { readonly kind: 'damaged'; readonly path: string; readonly position: number; readonly length: number; readonly found: 'opening' | 'reading' }
  /** What was being written when the process or the machine stopped; nobody was told that it is stored. */
  | { readonly kind: 'torn'; readonly path: string; readonly position: number; readonly length: number }
  /** One of the two heads of a file is damaged; the other one was read. */
  | { readonly kind: 'head-damaged'; readonly path: string }
  /** Records from … to were not stored (none, when it happened behind their senders' backs): the file is left alone and another one begins. */
  | { readonly kind: 'failed'; readonly path: string; readonly from: number; readonly to: number; readonly error: Error }
  /** No segment can be made; what is stored can be read. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'available' }

export type SegmentLogListener = (event: SegmentLogEvent) => void
