import type { Clock, Timer } from '../clock.ts'
import { isCode } from '../connection/failure.ts'
import type { Filter } from '../connection/filter.ts'
import { receiveMessage } from '../connection/receive-message.ts'
import type { Queue } from '../connection/route.ts'
import type { Rpc } from '../connection/rpc.ts'
import type { FeatherMQError } from '../errors.ts'
import type { ReceivedFields } from '../message/received.ts'
import { type Enrolled, Roll } from '../roll.ts'
import type { Attempt, AttemptIds } from './attempt-ids.ts'
import type { Budget, Share } from './budget.ts'

/** As Java. */
const PAUSE_AFTER_THROTTLE = 20
const PAUSE_AFTER_FAILURE = 1_000
/** A server that answers "nothing" sooner than this does not wait, and must not be asked in a circle. */
const HASTY = 20
/**
 * Receives in flight at one queue while there is a backlog. One brings a batch of 32 per round trip, which holds up fast handlers on a slow network; four
 * hide the round trip, and more would only take messages from other consumers of the group.
 */
const MOST_IN_FLIGHT = 4

export interface PollerOptions {
  readonly rpc: Rpc
  readonly clock: Clock
  readonly namespace: string
  readonly group: string
  readonly queue: Queue
  readonly filter: Filter
  /**
   * An ordered group takes a receive as a whole or not at all, and has one in flight: servers lock what was received, so that a second brings nothing, and
   * a receive whose answer was lost has to be the next one to be repeated, under its attempt id.
   */
  readonly ordered: boolean
  readonly budget: Budget
  readonly attemptIds: AttemptIds
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
  /** At least one receive is open. */
  | { readonly name: 'receiving' }
  /** The cache is full; the budget calls when it is not any more. */
  | { readonly name: 'full' }
  | { readonly name: 'pausing'; readonly timer: Timer }
  | { readonly name: 'stopped' }

/** One open receive. */
interface Open extends Enrolled {
  readonly attempt: Attempt
  readonly asked: number
  readonly whole: boolean
  readonly since: number
  readonly longPolling: number
  /** Messages of an ordered receive, until it is complete. */
  readonly held: ReceivedFields[]
  /** Those that were handed over one by one. */
  readonly handed: ReceivedFields[]
  brought: number
  /** It brought something that is no message. */
  unreadable: boolean
  cancel: () => void
}

/** Keeps long polls open at one queue, for as long as there is room for what they may bring: one while the queue is empty, several at a backlog. */
export class Poller {
  readonly queue: Queue
  readonly share: Share
  readonly #options: PollerOptions
  readonly #open = new Roll<Open>()
  #state: State = { name: 'full' }
  /** Receives to have in flight. */
  #wanted = 1

  constructor(options: PollerOptions) {
    this.queue = options.queue
    this.#options = options
    this.share = options.budget.open(() => {
      if (this.#state.name === 'full' || this.#state.name === 'receiving') this.#fill()
    })
  }

  get state(): State['name'] {
    return this.#state.name
  }

  /** Receives that are open. */
  get open(): number {
    return this.#open.size
  }

  start(): void {
    if (this.#state.name === 'full') this.#fill()
  }

  /** Cancels the polls at once: the server sees it and gives what it was about to deliver to others. */
  stop(): void {
    this.#transition({ name: 'stopped' })
    this.#options.budget.close(this.share)
  }

  #fill(): void {
    const { batchSize } = this.#options.limits()
    while (this.#open.size < this.#wanted) {
      const room = Math.min(batchSize, this.share.room())
      // A further one only for a whole batch: the rest of the room is the next one's of those that are open.
      if (room === 0 || (this.#open.size > 0 && room < batchSize)) break
      this.#receive(room, room === batchSize)
    }
    this.#transition(this.#open.size > 0 ? { name: 'receiving' } : { name: 'full' })
  }

  #receive(asked: number, whole: boolean): void {
    const { rpc, namespace, group, queue, filter, clock, onUnreadable } = this.#options
    const attempt = this.#options.attemptIds.next()
    const { longPolling } = this.#options.limits()
    const open: Open = {
      place: -1,
      attempt,
      asked,
      whole,
      since: clock.monotonic(),
      longPolling,
      held: [],
      handed: [],
      brought: 0,
      unreadable: false,
      cancel: () => {},
    }
    this.#open.add(open)
    this.share.reserve(asked)
    open.cancel = receiveMessage(
      {
        rpc,
        namespace,
        group,
        queue,
        filter,
        batchSize: asked,
        invisible: undefined,
        longPolling,
        attemptId: attempt.id,
        headers: undefined,
        background: true,
      },
      {
        onMessage: (message) => this.#message(open, message),
        onUnreadable: (failure) => {
          open.unreadable = true
          onUnreadable(failure, this)
        },
        onEnd: (failure) => this.#end(open, failure),
      },
    )
  }

  #message(open: Open, message: ReceivedFields): void {
    // Here already: its receive broke off after it.
    if (open.attempt.seen.size > 0 && open.attempt.seen.has(message.receiptHandle)) return
    open.brought += 1
    if (this.#options.ordered) {
      open.held.push(message)
      return
    }
    open.handed.push(message)
    this.#hand(open, [message])
  }

  #hand(open: Open, messages: readonly ReceivedFields[]): void {
    // What came takes the room that was kept for it.
    if (this.#open.has(open)) this.share.release(messages.length)
    this.#options.onMessages(messages, this)
  }

  #end(open: Open, failure: FeatherMQError | undefined): void {
    const { ordered, clock } = this.#options
    // Of an ordered receive that broke off, the same attempt id brings the whole again, with handles that count; half of it is worth nothing.
    if (failure !== undefined && ordered) open.brought = 0
    else if (open.held.length > 0) this.#hand(open, open.held)
    if (!this.#open.delete(open)) return
    if (failure !== undefined || open.brought === 0) this.#options.attemptIds.unanswered(open.attempt, handlesOf(open))
    const backlog = failure === undefined && open.whole && open.brought >= open.asked
    this.#wanted = backlog && !ordered ? Math.min(MOST_IN_FLIGHT, this.#wanted + 1) : 1
    this.share.release(open.asked - open.brought)
    if (this.#state.name !== 'receiving') return
    const took = clock.monotonic() - open.since
    // A poll that ran into its deadline was empty: a server whose clock stands still never ends it. Sooner than that, somebody between it and us gave up.
    if (failure?.code === 'NO_ANSWER' && took >= open.longPolling) this.#fill()
    else this.#ended(failure, open.brought > 0 || took >= HASTY ? 0 : open.unreadable ? PAUSE_AFTER_FAILURE : HASTY)
  }

  /** @param rest ms until the next receive after one that succeeded */
  #ended(failure: FeatherMQError | undefined, rest: number): void {
    if (failure === undefined) {
      this.#options.onSuccess(this)
      if (rest > 0) this.#pause(rest)
      else if (this.#state.name === 'receiving') this.#fill()
      return
    }
    this.#options.onFailure(failure, this)
    this.#pause(isCode(failure, 'TOO_MANY_REQUESTS') ? PAUSE_AFTER_THROTTLE : PAUSE_AFTER_FAILURE)
  }

  /** Opens nothing for so long; what is open goes on. */
  #pause(delay: number): void {
    if (this.#state.name !== 'receiving') return
    this.#transition({ name: 'pausing', timer: this.#options.clock.setTimer(() => this.#fill(), delay) })
  }

  #transition(next: State): void {
    const left = this.#state
    if (left.name === 'stopped') return
    this.#state = next
    if (left.name === 'pausing') left.timer.cancel()
    if (next.name !== 'stopped') return
    for (const open of this.#open.all()) {
      this.#open.delete(open)
      open.cancel()
      // It may have been answered just now.
      this.#options.attemptIds.unanswered(open.attempt, handlesOf(open))
    }
  }
}

function handlesOf({ handed }: Open): readonly string[] {
  return handed.map(({ receiptHandle }) => receiptHandle)
}
