/** Bytes that are no record of the kind that they say they are. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
}
