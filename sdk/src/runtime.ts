import type { Clock } from './clock.ts'
import type { Channels } from './connection/channels.ts'
import type { CredentialSource } from './connection/credential-source.ts'
import type { ClientConfig } from './options.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

/** What all producers and consumers of one client share. */
export interface Runtime {
  readonly config: ClientConfig
  readonly channels: Channels
  readonly credentials: CredentialSource
  readonly telemetry: Telemetry
  /**
   * Time for connections, retries and the limits of waits: always real, like the deadlines of calls, also while {@link ClientConfig.clock} is a virtual
   * clock that stands still or jumps. A start must not time out, nor a retry wait for ever, because of a test's clock.
   */
  readonly upkeep: Clock
  readonly random: () => number
}
