import type { Settings, SettingsInit, StatusInit, TelemetryCommandInit } from '@feathermq/protocol'
import { decodeTelemetryCommand, encodeTelemetryCommand } from '@feathermq/protocol'
import { type MethodHandler, RpcError, type ServerCall } from '@feathermq/transport'
import { admitClient, admitFilter, admitGroup, decodeRequest, groupName, Refusal, topicName } from '../admission/admit.ts'
import { status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import type { Client, TelemetryLink } from '../registry/clients.ts'
import { consumerSettings, producerSettings } from './settings.ts'

/** One Telemetry stream. */
export interface TelemetryState {
  readonly client: Client
  readonly link: TelemetryLink
}

const CONSUMERS: ReadonlySet<string | number | undefined> = new Set(['PUSH_CONSUMER', 'SIMPLE_CONSUMER'])

/**
 * Telemetry: the client sends its settings, the broker answers with what it decided, and pushes them again when the group changes. The stream is the
 * client's best sign of life.
 *
 * A client without an id gets a status and the end of the stream; settings that make no sense end it with a gRPC error (server behaviour: ClientActivity).
 * A filter that makes no sense is the status beside the settings: clients that look for settings alone start, and are told by their first receive.
 */
export function telemetry(broker: BrokerContext): MethodHandler<TelemetryState> {
  return {
    onStart(call) {
      try {
        const client = admitClient(broker, call)
        const link: TelemetryLink = {
          send: (command) => void call.send(encodeTelemetryCommand(command)),
          end: () => call.end(),
        }
        call.state = { client, link }
        broker.clients.connected(client, link)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        call.send(encodeTelemetryCommand({ status: error.status }))
        call.end()
      }
    },
    onMessage(call, bytes) {
      const { state } = call
      if (state === undefined) return
      try {
        take(broker, state, bytes)
      } catch (error) {
        // The stream ends with it, and from then on it is no sign of life.
        leave(broker, call)
        throw error
      }
    },
    onHalfClose(call) {
      leave(broker, call)
      call.end()
    },
    onCancel(call) {
      leave(broker, call)
    },
  }
}

function take(broker: BrokerContext, { client, link }: TelemetryState, bytes: Uint8Array): void {
  const command = inStream(() => decodeRequest(decodeTelemetryCommand, bytes))
  // Results of commands (stack traces, verified messages) answer what this broker does not ask for yet.
  if (command.command?.case !== 'settings') return
  const settings = command.command.value
  const answer = inStream(() => answerTo(broker, settings))
  const known = client.settings !== undefined
  client.settings = settings
  if (!known) broker.log.clientConnected(client)
  link.send(answer)
  if (settings.pubSub?.case !== 'publishing') return
  const topics = settings.pubSub.value.topics.map(topicName)
  broker.transactions.producerCame(client.id, link, topics)
}

/** The settings of all connected consumers of a group, pushed again because the group changed. */
export function pushGroupSettings(broker: BrokerContext, groupName: string): void {
  for (const { settings, liveness } of broker.clients.all()) {
    if (liveness.name !== 'connected' || settings?.pubSub?.case !== 'subscription' || settings.pubSub.value.group?.name !== groupName) continue
    liveness.link.send(answerTo(broker, settings))
  }
}

function leave(broker: BrokerContext, call: ServerCall<TelemetryState>): void {
  if (call.state === undefined) return
  const { client, link } = call.state
  broker.transactions.producers.left(client.id, link)
  broker.clients.disconnected(client, link)
}

/** On this stream a refusal is a gRPC error: there is no answer to put a status into. */
function inStream<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Refusal) throw new RpcError('INVALID_ARGUMENT', `process client telemetryCommand failed. ${error.message}`)
    throw error
  }
}

function answerTo(broker: BrokerContext, settings: Settings): TelemetryCommandInit {
  return { command: { case: 'settings', value: decide(broker, settings) }, status: filterStatus(broker, settings) }
}

/** OK, or what is wrong with the first filter that is. */
function filterStatus(broker: BrokerContext, { pubSub }: Settings): StatusInit {
  if (pubSub?.case !== 'subscription') return status('OK')
  for (const { topic, expression } of pubSub.value.subscriptions) {
    try {
      admitFilter(broker, expression)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return status(error.code, `topic "${topic?.name}": ${error.message}`)
    }
  }
  return status('OK')
}

/** Settings may name topics that do not exist; they are made where that is allowed (server behaviour: unknown topics are no error here). */
function decide(broker: BrokerContext, settings: Settings): SettingsInit {
  const { pubSub } = settings
  if (pubSub === undefined) throw new RpcError('INVALID_ARGUMENT', 'there is no publishing or subscription data in settings')
  if (pubSub.case === 'publishing') {
    for (const name of pubSub.value.topics.map(topicName)) broker.registry.useTopic(name)
    return producerSettings(settings)
  }
  if (!CONSUMERS.has(settings.clientType)) throw new RpcError('INTERNAL', `Client type is not consumer, type: ${settings.clientType}`)
  groupName(pubSub.value.group)
  const topics = pubSub.value.subscriptions.map(({ topic }) => topicName(topic))
  const group = admitGroup(broker, pubSub.value.group, pubSub.value.fifo === true)
  for (const name of topics) broker.registry.useTopic(name)
  return consumerSettings(settings, group)
}
