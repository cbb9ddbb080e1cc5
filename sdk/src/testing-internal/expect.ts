import { strict as assert } from 'node:assert'
import { FeatherMQError } from '../errors.ts'

/** The error of the family that the promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<FeatherMQError> {
  const error = await promise.then(
    () => assert.fail('it succeeded'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof FeatherMQError, String(error))
  return error
}

/** Something that a test opens by hand. */
export interface Gate {
  readonly passed: Promise<void>
  open(): void
}

export function gate(): Gate {
  let open: () => void = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}
