import { status } from './codes.ts'

export interface SharedValue {
  readonly value: Uint8Array
  /** Changes with every write, never 0. */
  readonly cas: number
}

/** Key-value data that all VMs with the same `vm_id` of a process share. */
export class SharedData {
  readonly #byVm = new Map<string, Map<string, SharedValue>>()
  readonly #onRead: ((key: string) => void) | undefined
  #nextCas = 1

  constructor(onRead?: (key: string) => void) {
    this.#onRead = onRead
  }

  get(vmId: string, key: string): SharedValue | undefined {
    const found = this.#byVm.get(vmId)?.get(key)
    // Whatever others write from here on, the reader has what it has read.
    this.#onRead?.(key)
    return found
  }

  /** Keys that VMs of this id have written. */
  keys(vmId: string): string[] {
    return [...(this.#byVm.get(vmId)?.keys() ?? [])]
  }

  /** A status. A `cas` of 0 writes in any case, and so does any other when there is no such key yet. */
  set(vmId: string, key: string, value: Uint8Array, cas: number): number {
    let values = this.#byVm.get(vmId)
    if (values === undefined) {
      values = new Map()
      this.#byVm.set(vmId, values)
    }
    const known = values.get(key)
    if (known !== undefined && cas !== 0 && cas !== known.cas) return status.casMismatch
    values.set(key, { value, cas: this.#nextCas })
    this.#nextCas = this.#nextCas === 0xffffffff ? 1 : this.#nextCas + 1
    return status.ok
  }
}
