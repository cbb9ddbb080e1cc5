import { setMaxListeners } from 'node:events'

/**
 * Lets any number of waits listen to the signal. From the eleventh on Node would write a warning to stderr, though each takes its listener away when it is
 * over: a producer may have thousands of sends under one signal, and a consumer whose server is away as many acks under its own.
 */
export function forMany(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal)
  return signal
}
