import { SimulatedContent, type Unsynced } from './simulated-content.ts'

/** A file without its names. */
export interface Inode {
  readonly content: SimulatedContent
}

/** One operation on the names of a folder: what each name stands for afterwards. A rename is one operation, as on every journaling file system. */
export interface NameChange {
  readonly folder: string
  readonly names: readonly (readonly [path: string, inode: Inode | undefined])[]
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? path.slice(0, slash + 1) : path.slice(0, slash)
}

/** Which names there are, as the process sees them, with what is needed to lose those that were not synced. */
export class SimulatedFolders {
  readonly #random: () => number
  readonly #folders = new Set<string>(['', '/'])
  #seen = new Map<string, Inode>()
  #kept = new Map<string, Inode>()
  #unsynced: NameChange[] = []

  constructor(random: () => number) {
    this.#random = random
  }

  get files(): Iterable<Inode> {
    return this.#seen.values()
  }

  isFolder(path: string): boolean {
    return this.#folders.has(path)
  }

  file(path: string): Inode | undefined {
    return this.#seen.get(path)
  }

  get paths(): readonly string[] {
    return [...this.#seen.keys()].sort()
  }

  makeFolder(path: string): void {
    for (let folder = path; !this.#folders.has(folder); folder = folderOf(folder)) this.#folders.add(folder)
  }

  list(folder: string): string[] {
    const inside = [...this.#seen.keys(), ...this.#folders].filter((path) => path !== folder && folderOf(path) === folder)
    return inside
      .map((path) => path.slice(path.lastIndexOf('/') + 1))
      .filter((name) => name !== '')
      .sort()
  }

  create(path: string): Inode {
    const inode: Inode = { content: new SimulatedContent(this.#random) }
    this.#change({ folder: folderOf(path), names: [[path, inode]] })
    return inode
  }

  rename(from: string, to: string): void {
    const inode = this.#seen.get(from)
    // Within one folder, as this broker does it; across folders a loss of power could leave both names, or by POSIX none.
    this.#change({
      folder: folderOf(to),
      names: [
        [to, inode],
        [from, undefined],
      ],
    })
  }

  remove(path: string): void {
    this.#change({ folder: folderOf(path), names: [[path, undefined]] })
  }

  /** To give to {@link sync}: what changes from now on is not part of it. */
  get mark(): NameChange | undefined {
    return this.#unsynced.at(-1)
  }

  sync(folder: string, mark: NameChange | undefined): void {
    const count = mark === undefined ? 0 : this.#unsynced.indexOf(mark) + 1
    this.#unsynced = this.#unsynced.filter((change, index) => {
      if (index >= count || change.folder !== folder) return true
      apply(this.#kept, change)
      return false
    })
  }

  losePower(unsynced: Unsynced): void {
    for (const change of this.#unsynced) {
      if (unsynced === 'all' || (unsynced === 'random' && this.#random() < 0.5)) apply(this.#kept, change)
    }
    this.#unsynced = []
    this.#seen = new Map(this.#kept)
    for (const inode of this.#seen.values()) inode.content.losePower(unsynced)
  }

  #change(change: NameChange): void {
    apply(this.#seen, change)
    this.#unsynced.push(change)
  }
}

function apply(names: Map<string, Inode>, change: NameChange): void {
  for (const [path, inode] of change.names) {
    if (inode === undefined) names.delete(path)
    else names.set(path, inode)
  }
}
