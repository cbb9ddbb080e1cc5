/** A callback of the user that throws must not keep the messages of others from arriving; its error is uncaught all the same. */
export function runApart(task: () => void): void {
  try {
    task()
  } catch (error) {
    throwApart(error)
  }
}

/** For those who call back so often that a closure for it would tell. */
export function throwApart(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
