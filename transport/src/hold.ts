import { ProcessHolder } from './clock.ts'

let holder: ProcessHolder | undefined
/** How many {@link Hold}s have something pending. */
let holding = 0

/** Keeps the process alive while something is pending, with one timer for all of them however much that is. */
export class Hold {
  #count = 0

  acquire(): void {
    this.#count += 1
    if (this.#count > 1) return
    holding += 1
    if (holding > 1) return
    holder ??= new ProcessHolder()
    holder.hold()
  }

  release(): void {
    this.#count -= 1
    if (this.#count > 0) return
    holding -= 1
    if (holding === 0) holder?.letGo()
  }
}
