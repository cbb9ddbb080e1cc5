/** Something that is wrong with a configuration. */
export interface ConfigProblem {
  /** Where, as a JSON path: `$.routes[2].cluster`. */
  readonly path: string
  readonly message: string
}

/** Steps from the root of a JSON value to a part of it. */
export type JsonSteps = readonly (string | number)[]

const plainKey = /^[A-Za-z_$-][A-Za-z0-9_$-]*$/

/** Written as the filter writes it, so that a problem reads the same here and in Envoy's log. */
export function jsonPath(steps: JsonSteps): string {
  let path = '$'
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`
    else path += plainKey.test(step) ? `.${step}` : `["${step}"]`
  }
  return path
}
