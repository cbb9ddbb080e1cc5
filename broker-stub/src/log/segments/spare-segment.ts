import { type File, FileError, type Files } from '../../files/files.ts'

/**
 * The file of the next segment, made ahead of need: filling it takes long, and nobody should wait for that. It gets its name when it is used, so that a
 * file with a segment's name is one that was begun.
 */
export class SpareSegment {
  readonly #files: Files
  readonly #folder: string
  readonly #path: string
  readonly #capacity: number
  #making: Promise<boolean> | undefined

  constructor(files: Files, folder: string, capacity: number) {
    this.#files = files
    this.#folder = folder
    this.#path = `${folder}/spare`
    this.#capacity = capacity
  }

  /** In the background; what fails is tried again when the file is needed. */
  prepare(): void {
    this.#making ??= this.#make(true).then(
      () => true,
      () => false,
    )
  }

  /** A file of zeros at `path`, whose name is lasting. @throws {FileError} */
  async take(path: string): Promise<File> {
    const made = await this.#making
    this.#making = undefined
    if (made !== true) await this.#make(false)
    await this.#files.rename(this.#path, path)
    await this.#files.syncFolder(this.#folder)
    return this.#files.open(path, 'write')
  }

  async discard(): Promise<void> {
    await this.#making
    this.#making = undefined
    await this.#files.remove(this.#path).catch((thrown: unknown) => {
      if (!(thrown instanceof FileError)) throw thrown
    })
  }

  async #make(sync: boolean): Promise<void> {
    // Of a process that ended, filled who knows how far.
    await this.#files.remove(this.#path)
    const file = await this.#files.create(this.#path, this.#capacity)
    try {
      // So that the first commit does not wait for all the zeros.
      if (sync) await file.sync()
    } finally {
      await file.close()
    }
  }
}
