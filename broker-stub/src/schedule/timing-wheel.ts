import type { Clock, Timer } from '../clock.ts'

/** What is called when its time has come. */
export interface DueTarget {
  onDue(): void
}

const LEVELS = 4
const SLOTS = 256
const NONE = -1
/** Ticks that one slot of each level spans. */
const SPANS = [1, SLOTS, SLOTS ** 2, SLOTS ** 3] as const
const REACH = SLOTS ** LEVELS

/**
 * A hierarchical timing wheel (Varghese and Lauck, 1987): four levels of 256 slots, lists threaded through typed arrays.
 *
 * Adding and cancelling cost the same however many timers wait. One clock timer is armed, for the next slot that holds anything, and none when the
 * wheel is empty, so an idle broker uses no CPU. A target is never called early, and at most one tick late; targets of one tick are called in the order
 * in which they were added.
 */
export class TimingWheel {
  readonly #clock: Clock
  readonly #tick: number
  /** Monotonic time of tick 0. */
  readonly #origin: number
  #current = 0
  #count = 0
  #armed: { readonly timer: Timer; readonly tick: number } | undefined
  readonly #heads = new Int32Array(LEVELS * SLOTS).fill(NONE)
  readonly #tails = new Int32Array(LEVELS * SLOTS).fill(NONE)
  #next = new Int32Array(1024)
  #previous = new Int32Array(1024)
  /** Slot that holds the entry; NONE when the entry is free. */
  #slot = new Int32Array(1024).fill(NONE)
  #due = new Float64Array(1024)
  readonly #targets: (DueTarget | undefined)[] = []
  readonly #free: number[] = []

  /** @param tick Length of a tick, ms. */
  constructor(clock: Clock, tick = 10) {
    this.#clock = clock
    this.#tick = tick
    this.#origin = clock.monotonic()
  }

  /** Timers that wait. */
  get size(): number {
    return this.#count
  }

  /** Calls `target` when the clock's monotonic time has reached `at`. The id is valid until then, or until {@link cancel}. */
  add(at: number, target: DueTarget): number {
    const id = this.#free.pop() ?? this.#targets.length
    if (id >= this.#next.length) this.#grow()
    this.#targets[id] = target
    if (this.#count === 0) this.#current = Math.max(this.#current, this.#tickNow())
    this.#due[id] = Math.max(Math.ceil((at - this.#origin) / this.#tick), this.#current + 1)
    this.#count++
    const candidate = this.#insert(id)
    if (this.#armed === undefined || candidate < this.#armed.tick) this.#arm(candidate)
    return id
  }

  cancel(id: number): void {
    if (this.#slot[id] === NONE || this.#targets[id] === undefined) return
    this.#remove(id)
    this.#release(id)
    if (this.#count === 0) this.#disarm()
  }

  close(): void {
    this.#disarm()
  }

  #tickNow(): number {
    return Math.floor((this.#clock.monotonic() - this.#origin) / this.#tick)
  }

  #grow(): void {
    const size = this.#next.length * 2
    const wider = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(size).fill(NONE)
      array.set(old)
      return array
    }
    this.#next = wider(this.#next)
    this.#previous = wider(this.#previous)
    this.#slot = wider(this.#slot)
    const due = new Float64Array(size)
    due.set(this.#due)
    this.#due = due
  }

  /** Puts the entry into its slot; answers the tick at which that slot must be looked at. */
  #insert(id: number): number {
    // What lies beyond the wheel's reach waits in the farthest slot and is put in again from there.
    const tick = Math.min(this.#due[id] as number, this.#current + REACH - 1)
    const ahead = tick - this.#current
    let level = 0
    while (level < LEVELS - 1 && ahead >= (SPANS[level + 1] as number)) level++
    const span = SPANS[level] as number
    const index = Math.floor(tick / span)
    const slot = level * SLOTS + (index % SLOTS)
    const tail = this.#tails[slot] as number
    this.#slot[id] = slot
    this.#next[id] = NONE
    this.#previous[id] = tail
    if (tail === NONE) this.#heads[slot] = id
    else this.#next[tail] = id
    this.#tails[slot] = id
    return index * span
  }

  #remove(id: number): void {
    const slot = this.#slot[id] as number
    const next = this.#next[id] as number
    const previous = this.#previous[id] as number
    if (previous === NONE) this.#heads[slot] = next
    else this.#next[previous] = next
    if (next === NONE) this.#tails[slot] = previous
    else this.#previous[next] = previous
    this.#slot[id] = NONE
  }

  #release(id: number): void {
    this.#targets[id] = undefined
    this.#free.push(id)
    this.#count--
  }

  /** The next tick at which a slot that holds something must be looked at. */
  #nextTick(): number | undefined {
    let nearest: number | undefined
    for (let level = 0; level < LEVELS; level++) {
      const span = SPANS[level] as number
      const base = Math.floor(this.#current / span)
      for (let ahead = 1; ahead <= SLOTS; ahead++) {
        const tick = (base + ahead) * span
        if (nearest !== undefined && tick >= nearest) break
        if (this.#heads[level * SLOTS + ((base + ahead) % SLOTS)] !== NONE) {
          nearest = tick
          break
        }
      }
    }
    return nearest
  }

  #arm(tick: number): void {
    this.#armed?.timer.cancel()
    const delay = this.#origin + tick * this.#tick - this.#clock.monotonic()
    this.#armed = { tick, timer: this.#clock.setTimer(() => this.#run(), delay) }
  }

  #disarm(): void {
    this.#armed?.timer.cancel()
    this.#armed = undefined
  }

  #run(): void {
    this.#armed = undefined
    const now = this.#tickNow()
    while (this.#count > 0) {
      const tick = this.#nextTick()
      if (tick === undefined) return
      if (tick > now) {
        this.#arm(tick)
        return
      }
      this.#current = tick
      this.#turn(tick)
    }
  }

  /** Moves what the higher levels hold for this tick one level down, then calls what is due. */
  #turn(tick: number): void {
    for (let level = LEVELS - 1; level > 0; level--) {
      const span = SPANS[level] as number
      if (tick % span !== 0) continue
      const slot = level * SLOTS + ((tick / span) % SLOTS)
      // Only what is there now: an entry beyond the reach goes back into the same slot.
      let id = this.#heads[slot] as number
      this.#heads[slot] = NONE
      this.#tails[slot] = NONE
      while (id !== NONE) {
        const next = this.#next[id] as number
        if ((this.#due[id] as number) <= tick) this.#putDue(id, tick)
        else this.#insert(id)
        id = next
      }
    }
    const slot = tick % SLOTS
    for (let id = this.#heads[slot] as number; id !== NONE; id = this.#heads[slot] as number) {
      const target = this.#targets[id]
      this.#remove(id)
      this.#release(id)
      target?.onDue()
    }
  }

  /** Into the lowest level's slot of this very tick, which is called next. */
  #putDue(id: number, tick: number): void {
    const slot = tick % SLOTS
    const tail = this.#tails[slot] as number
    this.#slot[id] = slot
    this.#next[id] = NONE
    this.#previous[id] = tail
    if (tail === NONE) this.#heads[slot] = id
    else this.#next[tail] = id
    this.#tails[slot] = id
  }
}
