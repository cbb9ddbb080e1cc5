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
/** An id is its entry's index plus this times the entry's generation, so that the id of a timer that is over never names a later one. */
const INDEXES = 2 ** 26
const LAST_GENERATION = 2 ** 27 - 1

/**
 * A hierarchical timing wheel (Varghese and Lauck, 1987): four levels of 256 slots, lists threaded through typed arrays.
 *
 * Adding and cancelling cost the same however many timers wait. One clock timer is armed, for the next slot that holds anything, and none when the
 * wheel is empty, so an idle broker uses no CPU. A target is never called early, and at most one tick late; targets of one tick are called in the order
 * in which they were added, unless one of them was farther away than the wheel reaches (256^4 ticks, 497 days of 10 ms).
 */
export class TimingWheel {
  readonly #clock: Clock
  readonly #tick: number
  /** Monotonic time of tick 0. */
  readonly #origin: number
  #current = 0
  #count = 0
  #armed: { readonly timer: Timer; readonly tick: number } | undefined
  #closed = false
  readonly #heads = new Int32Array(LEVELS * SLOTS).fill(NONE)
  readonly #tails = new Int32Array(LEVELS * SLOTS).fill(NONE)
  #next = new Int32Array(1024)
  #previous = new Int32Array(1024)
  /** Slot that holds the entry; NONE when the entry is free. */
  #slot = new Int32Array(1024).fill(NONE)
  #due = new Float64Array(1024)
  #generation = new Int32Array(1024)
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

  /** Calls `target` when the clock's monotonic time has reached `at`, on a later turn even if it has. The id is for {@link cancel}. */
  add(at: number, target: DueTarget): number {
    const index = this.#free.pop() ?? this.#targets.length
    if (index >= this.#next.length) this.#grow()
    this.#targets[index] = target
    if (this.#count === 0) this.#current = Math.max(this.#current, this.#tickAt(this.#clock.monotonic()))
    const last = this.#tickAt(at)
    this.#due[index] = Math.max(this.#timeOf(last) === at ? last : last + 1, this.#current + 1)
    this.#count++
    const candidate = this.#insert(index)
    if (this.#armed === undefined || candidate < this.#armed.tick) this.#arm(candidate)
    return (this.#generation[index] as number) * INDEXES + index
  }

  /** Does nothing for the id of a timer that was called or cancelled. */
  cancel(id: number): void {
    const index = id % INDEXES
    if (this.#generation[index] !== Math.floor(id / INDEXES) || this.#slot[index] === NONE) return
    this.#remove(index)
    this.#release(index)
    if (this.#count === 0) this.#disarm()
  }

  /** Nothing is called any more. */
  close(): void {
    this.#closed = true
    this.#disarm()
  }

  /**
   * The last tick that has come at `time`, by {@link #timeOf} and not by the quotient alone: that one may be rounded to just below a tick whose time it
   * is, and on a clock that stands still its timer would then be armed again for ever.
   */
  #tickAt(time: number): number {
    const tick = Math.floor((time - this.#origin) / this.#tick)
    if (time >= this.#timeOf(tick + 1)) return tick + 1
    return time < this.#timeOf(tick) ? tick - 1 : tick
  }

  #timeOf(tick: number): number {
    return this.#origin + tick * this.#tick
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
    const generation = new Int32Array(size)
    generation.set(this.#generation)
    this.#generation = generation
  }

  /**
   * Puts the entry into its slot; answers the tick at which that slot must be looked at.
   *
   * A level holds what lies within the same turn of it as the current tick, not what is so far ahead: else a later entry of a tick could go into a lower
   * level, and be called, before an earlier one that still waits in a higher level.
   */
  #insert(id: number): number {
    // What lies beyond the wheel's reach waits in the farthest slot and is put in again from there.
    const tick = Math.min(this.#due[id] as number, this.#current + REACH - 1)
    let level = 0
    while (level < LEVELS - 1 && Math.floor(tick / (SPANS[level + 1] as number)) !== Math.floor(this.#current / (SPANS[level + 1] as number))) level++
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
    this.#generation[id] = ((this.#generation[id] as number) + 1) & LAST_GENERATION
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
    this.#disarm()
    if (this.#closed) return
    const delay = this.#timeOf(tick) - this.#clock.monotonic()
    this.#armed = { tick, timer: this.#clock.setTimer(() => this.#run(), delay) }
  }

  #disarm(): void {
    this.#armed?.timer.cancel()
    this.#armed = undefined
  }

  #run(): void {
    this.#armed = undefined
    const now = this.#tickAt(this.#clock.monotonic())
    while (this.#count > 0 && !this.#closed) {
      const tick = this.#nextTick()
      if (tick === undefined) return
      if (tick > now) {
        this.#arm(tick)
        return
      }
      this.#current = tick
      this.#turn(tick)
    }
    // A target may have added one that was due at once, and was called in the same run.
    this.#disarm()
  }

  /** Moves what the higher levels hold for this tick one level down, then calls what is due. */
  #turn(tick: number): void {
    for (let level = LEVELS - 1; level > 0; level--) {
      const span = SPANS[level] as number
      if (tick % span !== 0) continue
      const slot = level * SLOTS + ((tick / span) % SLOTS)
      let id = this.#heads[slot] as number
      this.#heads[slot] = NONE
      this.#tails[slot] = NONE
      while (id !== NONE) {
        const next = this.#next[id] as number
        this.#insert(id)
        id = next
      }
    }
    const slot = tick % SLOTS
    // A target that empties the wheel and adds to it moves the current tick to the present; what is in the slot then is for a later turn.
    for (let id = this.#heads[slot] as number; id !== NONE && this.#current === tick && !this.#closed; id = this.#heads[slot] as number) {
      const target = this.#targets[id]
      this.#remove(id)
      this.#release(id)
      target?.onDue()
    }
  }
}
