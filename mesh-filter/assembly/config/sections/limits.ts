import { Draft } from '../draft'

/** Not in this build: the key stands in LATER of sections/index.ts. */
export function readLimits(draft: Draft): void {}
