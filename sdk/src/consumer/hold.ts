import type { Clock, Timer } from '../clock.ts'

const LONG = 2 ** 31 - 1

/** Keeps the process alive, as a running consumer must also while it is disconnected and nothing else does. */
export function holdProcess(clock: Clock): { release(): void } {
  let timer: Timer
  const arm = () => {
    timer = clock.setTimer(arm, LONG, true)
  }
  arm()
  return { release: () => timer.cancel() }
}
