import { givenSeed as seed } from '../../support/random.ts'
import type { CallEnd, Client } from './client.ts'
import { within } from './deadline.ts'

const PARALLEL = 40

/** Makes a call of each request, forty at a time, and tells how each ended. The broker sees in `x-odd` which one it has. */
export async function callOddly(client: Client, odd: readonly { readonly method: string; readonly bytes: Buffer }[]): Promise<readonly CallEnd[]> {
  const ends: CallEnd[] = []
  const queue = [...odd.entries()]
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, { method, bytes }] = next
        const call = client.open(method, { 'x-odd': String(index) })
        // Every other one comes in two pieces, cut anywhere.
        const cutAt = index % 2 === 1 ? index % (bytes.length + 1) : 0
        if (index % 2 === 1) await call.write(bytes.subarray(0, cutAt))
        call.stream.end(bytes.subarray(cutAt))
        ends[index] = await within(call.ended, `the end of request ${index} of seed ${seed}`)
      }
    }),
  )
  return ends
}
