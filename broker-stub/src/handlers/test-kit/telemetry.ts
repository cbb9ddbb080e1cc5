import type { FilterExpressionInit, SettingsInit, TelemetryCommand, TelemetryCommandInit } from '@feathermq/protocol'
import { decodeTelemetryCommand, encodeTelemetryCommand, headerNames, messagingService } from '@feathermq/protocol'
import type { ClientCall, RpcStatus } from '@feathermq/transport'
import type { TestBroker } from '../../testing/start-broker.ts'
import { until } from './calls.ts'

export interface OpenOptions {
  /** Empty: the call says no id. */
  readonly clientId: string
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined
}

/** A Telemetry stream that a test holds in its hands. */
export class TelemetryStream {
  /** What came and was not asked for yet. */
  readonly commands: TelemetryCommand[] = []
  readonly #call: ClientCall
  #ended: RpcStatus | undefined

  constructor(broker: TestBroker, { clientId, headers = [] }: OpenOptions) {
    const channel = broker.transport.createChannel({ address: broker.endpoints })
    this.#call = channel.start(
      messagingService.telemetry,
      {
        onMessage: (bytes) => void this.commands.push(decodeTelemetryCommand(new Uint8Array(bytes))),
        onEnd: (status) => {
          this.#ended = status
        },
      },
      { headers: clientId === '' ? headers : [[headerNames.clientId, clientId], ...headers], background: true },
    )
  }

  send(command: TelemetryCommandInit): void {
    this.sendBytes(encodeTelemetryCommand(command))
  }

  sendBytes(bytes: Uint8Array): void {
    this.#call.send(bytes)
  }

  /** Sends settings and answers what the broker says to them. */
  async settle(settings: SettingsInit): Promise<TelemetryCommand> {
    this.send({ command: { case: 'settings', value: settings } })
    return this.next()
  }

  async next(): Promise<TelemetryCommand> {
    await until(() => this.commands.length > 0 || this.#ended !== undefined, 'Telemetry says something')
    const command = this.commands.shift()
    if (command === undefined) throw new Error(`Telemetry ended with ${this.#ended?.code}: ${this.#ended?.message}`)
    return command
  }

  /** How the stream ended, once it has. */
  async end(): Promise<RpcStatus> {
    await until(() => this.#ended !== undefined, 'Telemetry ends')
    return this.#ended ?? { code: 'UNKNOWN', message: '' }
  }

  halfClose(): void {
    this.#call.halfClose()
  }

  cancel(): void {
    this.#call.cancel()
  }
}

/** Opens Telemetry, and waits until the broker has it. */
export async function openTelemetry(broker: TestBroker, options: OpenOptions): Promise<TelemetryStream> {
  const { clients } = broker.broker.context
  const links = () => {
    const liveness = clients.get(options.clientId)?.liveness
    return liveness?.name === 'connected' ? liveness.link : undefined
  }
  const before = links()
  const stream = new TelemetryStream(broker, options)
  await until(() => links() !== undefined && links() !== before, `${options.clientId} is connected`)
  return stream
}

/** Settings of a consumer of one topic. */
export function consumerOf(
  topic: string,
  group: string,
  rest: { readonly fifo?: boolean } = {},
  expression: FilterExpressionInit = { type: 'TAG', expression: '*' },
): SettingsInit {
  return {
    clientType: 'PUSH_CONSUMER',
    pubSub: {
      case: 'subscription',
      value: { group: { name: group }, subscriptions: [{ topic: { name: topic }, expression }], ...rest },
    },
  }
}

/** Settings of a producer of these topics. */
export function producerOf(...topics: readonly string[]): SettingsInit {
  return { clientType: 'PRODUCER', pubSub: { case: 'publishing', value: { topics: topics.map((name) => ({ name })) } } }
}
