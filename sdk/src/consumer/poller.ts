import { randomUUID } from 'node:crypto'
import type { Clock, Timer } from '../clock.ts'
import { isCode } from '../connection/failure.ts'
import type { Filter } from '../connection/filter.ts'
import { receiveMessage } from '../connection/receive-message.ts'
import type { Queue } from '../connection/route.ts'
import type { Rpc } from '../connection/rpc.ts'
import type { FeatherMQError } from '../errors.ts'
import type { ReceivedFields } from '../message/received.ts'
import type { Budget, Share } from './budget.ts'

/** As Java. */
const PAUSE_AFTER_THROTTLE = 20
const PAUSE_AFTER_FAILURE = 1_000
/** A server that answers "nothing" sooner than this does not wait, and must not be asked in a circle. */
const HASTY = 20

export interface PollerOptions {
  readonly rpc: Rpc
  readonly clock: Clock
  readonly namespace: string
  readonly group: string
  readonly queue: Queue
  readonly filter: Filter
  /** An ordered group takes a receive as a whole or not at all. */
  readonly ordered: boolean
  readonly budget: Budget
  /** What the server pushed last. */
  readonly limits: () => { readonly batchSize: number; readonly longPolling: number }
  readonly onMessages: (messages: readonly ReceivedFields[], poller: Poller) => void
  /** A receive failed; it is tried again unless the owner stops the poller. */
  readonly onFailure: (failure: FeatherMQError, poller: Poller) => void
  readonly onUnreadable: (failure: FeatherMQError, poller: Poller) => void
  /** The server answered a receive. */
  readonly onSuccess: (poller: Poller) => void
}

type State =
  | { readonly name: 'receiving'; readonly cancel: () => void }
  /** The cache is full; the budget calls when it is not any more. */
  | { readonly name: 'full' }
  | { readonly name: 'pausing'; readonly timer: Timer }
  | { readonly name: 'stopped' }

/** Keeps one long poll open at one queue, for as long as there is room for what it may bring. */
export class Poller {
  readonly queue: Queue
  readonly share: Share
  readonly #options: PollerOptions
  #state: State = { name: 'full' }
  #attemptId = randomUUID()

  constructor(options: PollerOptions) {
    this.queue = options.queue
    this.#options = options
    this.share = options.budget.open(() => {
      if (this.#state.name === 'full') this.#next()
    })
  }

  get state(): State['name'] {
    return this.#state.name
  }

  start(): void {
    if (this.#state.name === 'full') this.#next()
  }

  /** Cancels the poll at once: the server sees it and gives what it was about to deliver to others. */
  stop(): void {
    this.#transition({ name: 'stopped' })
    this.#options.budget.close(this.share)
  }

  #next(): void {
    const { batchSize, longPolling } = this.#options.limits()
    const room = Math.min(batchSize, this.share.room())
    if (room === 0) {
      this.#transition({ name: 'full' })
      return
    }
    const { rpc, namespace, group, queue, filter, ordered, onMessages } = this.#options
    const held: ReceivedFields[] = []
    let brought = 0
    const since = this.#options.clock.monotonic()
    const call = {
      rpc,
      namespace,
      group,
      queue,
      filter,
      batchSize: room,
      invisible: undefined,
      longPolling,
      attemptId: this.#attemptId,
      background: true,
    }
    const cancel = receiveMessage(call, {
      onMessage: (message) => {
        brought += 1
        if (ordered) held.push(message)
        else onMessages([message], this)
      },
      onUnreadable: (failure) => this.#options.onUnreadable(failure, this),
      onEnd: (failure) => {
        // Of an ordered receive that broke off, the same attempt id brings the whole again, with handles that count; half of it is worth nothing.
        if (failure !== undefined && ordered) brought = 0
        else if (held.length > 0) onMessages(held, this)
        if (this.#state.name !== 'receiving') return
        if (brought > 0) this.#attemptId = randomUUID()
        this.#ended(failure, brought === 0 && this.#options.clock.monotonic() - since < HASTY)
      },
    })
    this.#transition({ name: 'receiving', cancel })
  }

  #ended(failure: FeatherMQError | undefined, hasty: boolean): void {
    if (failure === undefined) {
      this.#options.onSuccess(this)
      if (hasty) this.#pause(HASTY)
      else this.#next()
      return
    }
    // A poll that ran into its deadline was empty: a server whose clock stands still never ends it.
    if (failure.code === 'NO_ANSWER') {
      this.#next()
      return
    }
    this.#options.onFailure(failure, this)
    if (this.#state.name !== 'receiving') return
    this.#pause(isCode(failure, 'TOO_MANY_REQUESTS') ? PAUSE_AFTER_THROTTLE : PAUSE_AFTER_FAILURE)
  }

  #pause(delay: number): void {
    this.#transition({ name: 'pausing', timer: this.#options.clock.setTimer(() => this.#next(), delay) })
  }

  #transition(next: State): void {
    const left = this.#state
    if (left.name === 'stopped') return
    this.#state = next
    if (left.name === 'receiving' && next.name === 'stopped') left.cancel()
    if (left.name === 'pausing') left.timer.cancel()
  }
}
