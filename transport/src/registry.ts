import type { Method, MethodHandler } from './contract.ts'
import type { Registration } from './handled-call.ts'

/**
 * The handlers of a server by path. What a call's state is, only its own handler knows; here it is `unknown`, which is sound because a registration
 * and its calls never mix with another's.
 */
export class Registry {
  readonly #registrations = new Map<string, Registration<unknown>>()

  /** @throws an Error when the path has a handler already or is none. */
  add<State>(method: Method, handler: MethodHandler<State>): void {
    if (!/^\/[^/]+\/[^/]+$/.test(method.path)) throw new TypeError(`method path ${JSON.stringify(method.path)} is not /service/method`)
    if (this.#registrations.has(method.path)) throw new Error(`${method.path} has a handler already`)
    this.#registrations.set(method.path, { method, handler: handler as MethodHandler<unknown> })
  }

  get(path: string): Registration<unknown> | undefined {
    return this.#registrations.get(path)
  }

  methods(): readonly Method[] {
    return [...this.#registrations.values()].map(({ method }) => method)
  }
}
