import type { Stage } from './stage.ts'

/** Something that happens to a client, and what each of the two makes of it. */
export interface Scenario {
  /** Names it in the recorded outcomes. */
  readonly name: string
  readonly tls?: boolean
  /** The same server for both. */
  serve?(stage: Stage): void
  /** Each says in a few words what happened; the words are what is recorded, and are the same every time. */
  official(stage: Stage): Promise<string>
  ours(stage: Stage): Promise<string>
}

/** For a program to start, on a machine that has much else to do. */
export const START = 20_000
