/** A manifest cannot be written from what was given. The message says which part is missing or wrong, and what to add. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'
}
