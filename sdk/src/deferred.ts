import { forMany } from './abort-signals.ts'
import type { Clock } from './clock.ts'

/** A promise with its handles. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(reason: unknown): void
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

export interface WaitOptions {
  /** Ends the wait; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Keep the process alive meanwhile. Default false. */
  readonly hold?: boolean | undefined
}

/** Resolves after `ms` of the clock. */
export function pause(clock: Clock, ms: number, options: WaitOptions = {}): Promise<void> {
  const { signal, hold } = options
  if (signal?.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = clock.setTimer(
      () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      },
      ms,
      hold,
    )
    if (signal !== undefined) forMany(signal).addEventListener('abort', onAbort, { once: true })
  })
}

/** The promise, or a rejection with the signal's reason, whichever comes first. The promise itself goes on. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  if (signal.aborted) {
    promise.catch(() => {})
    return Promise.reject(signal.reason)
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    forMany(signal).addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** The promise, or a rejection with what `late` makes once `ms` of the clock have passed. Keeps the process alive: somebody waits for it. */
export function within<T>(clock: Clock, promise: Promise<T>, ms: number, late: () => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(() => reject(late()), ms, true)
    promise.then(resolve, reject).finally(() => timer.cancel())
  })
}

/** Whether the promise settled (either way) before `ms` of the clock have passed. Never rejects. */
export function settlesWithin(clock: Clock, promise: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(() => resolve(false), ms, true)
    const done = () => {
      timer.cancel()
      resolve(true)
    }
    promise.then(done, done)
  })
}
