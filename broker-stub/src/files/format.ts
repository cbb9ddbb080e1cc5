/** A file that this version cannot read: of a newer version, of something else, or damaged where nothing can be left out. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly path: string
  readonly kind: 'newer' | 'foreign' | 'damaged'

  constructor(kind: 'newer' | 'foreign' | 'damaged', path: string, message: string) {
    super(message)
    this.kind = kind
    this.path = path
  }
}

/** Eight bytes that say whose file it is, then its version (u32, little endian). */
export const FORMAT_BYTES = 12

/** What the files of one family begin with. */
export interface Format {
  /** Eight ASCII characters. */
  readonly magic: string
  readonly version: number
}

export function writeFormat(into: Uint8Array, { magic, version }: Format): void {
  into.set(Buffer.from(magic, 'latin1').subarray(0, 8))
  new DataView(into.buffer, into.byteOffset).setUint32(8, version, true)
}

/**
 * Looks at the first {@link FORMAT_BYTES} of a file. Only its magic and version are judged: a newer one may have anything behind them.
 * @returns the version, which is ours or an older one.
 * @throws {FormatError}
 */
export function checkFormat(bytes: Uint8Array, path: string, { magic, version: ours }: Format): number {
  if (bytes.length < FORMAT_BYTES || Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== magic) {
    throw new FormatError('foreign', path, `${path} is not a file of this broker, or its beginning is damaged: it does not begin with ${magic}`)
  }
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true)
  if (version > ours) {
    throw new FormatError(
      'newer',
      path,
      `${path} has format version ${version}, and this version of FeatherMQ reads up to ${ours}: it was written by a newer one`,
    )
  }
  return version
}
