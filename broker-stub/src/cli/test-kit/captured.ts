import { main } from '../main.ts'
import type { Ended } from './program.ts'

/** Runs a command line of `feathermq` that ends by itself, in this process. */
export async function captured(args: readonly string[]): Promise<Ended> {
  const end = { code: 0, out: '', err: '' }
  await main(['node', 'feathermq', ...args], {
    out: (text) => {
      end.out += text
    },
    err: (text) => {
      end.err += text
    },
    fail: (code) => {
      end.code = code
    },
  })
  return end
}
