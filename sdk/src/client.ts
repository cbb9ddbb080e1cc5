import { systemClock } from './clock.ts'
import { Channels } from './connection/channels.ts'
import { CredentialSource } from './connection/credential-source.ts'
import { Consumer } from './consumer/consumer.ts'
import type { CloseOptions, CloseReport, ConsumerOptions } from './consumer/consumer-options.ts'
import { closeBudgets } from './consumer/consumer-options.ts'
import { SimpleConsumer, type SimpleConsumerOptions } from './consumer/simple-consumer.ts'
import { clientError } from './errors.ts'
import { type ClientHealth, overall } from './health.ts'
import { clientConfig, type FeatherMQOptions } from './options.ts'
import { Producer } from './producer/producer.ts'
import type { ProducerOptions } from './producer/producer-options.ts'
import type { Runtime } from './runtime.ts'
import { Telemetry } from './telemetry/telemetry.ts'

/**
 * A client of one RocketMQ 5 cluster or FeatherMQ broker: makes producers and consumers, which share its connections.
 *
 * Nothing connects before it is used, and a client that only waits does not keep the process alive.
 */
export class FeatherMQ {
  readonly #runtime: Runtime
  readonly #producers = new Set<Producer>()
  readonly #consumers = new Set<Consumer>()
  readonly #simpleConsumers = new Set<SimpleConsumer>()
  #closing: Promise<CloseReport> | undefined

  /**
   * @param internals for the package's own tests
   * @throws {FeatherMQError} INVALID_OPTION, naming the option.
   */
  constructor(options: FeatherMQOptions = {}, internals: Partial<Pick<Runtime, 'upkeep' | 'random'>> = {}) {
    const config = clientConfig(options, process.env)
    const upkeep = internals.upkeep ?? systemClock
    this.#runtime = {
      config,
      channels: new Channels(config.transport, config.tls, config.requestTimeout),
      credentials: new CredentialSource(config.credentials, { clock: upkeep, logger: config.logger, timeout: config.requestTimeout }),
      telemetry: new Telemetry(config.telemetry, config.logger, upkeep),
      upkeep,
      random: internals.random ?? Math.random,
    }
  }

  /** @throws {FeatherMQError} INVALID_OPTION, CLIENT_CLOSED. */
  producer(options: ProducerOptions = {}): Producer {
    this.#checkOpen('producer()')
    const producer = new Producer(this.#runtime, options)
    this.#producers.add(producer)
    return producer
  }

  /** @throws {FeatherMQError} INVALID_OPTION, CLIENT_CLOSED. */
  consumer(options: ConsumerOptions): Consumer {
    this.#checkOpen('consumer()')
    const consumer = new Consumer(this.#runtime, options)
    this.#consumers.add(consumer)
    return consumer
  }

  /** @throws {FeatherMQError} INVALID_OPTION, CLIENT_CLOSED. */
  simpleConsumer(options: SimpleConsumerOptions): SimpleConsumer {
    this.#checkOpen('simpleConsumer()')
    const consumer = new SimpleConsumer(this.#runtime, options)
    this.#simpleConsumers.add(consumer)
    return consumer
  }

  /** How the client stands with its servers, and the numbers of all that it made: for a health check, a log line, a page of an operator. */
  health(): ClientHealth {
    const producers = [...this.#producers].map((producer) => producer.health())
    const consumers = [...this.#consumers].map((consumer) => consumer.health())
    const simpleConsumers = [...this.#simpleConsumers].map((consumer) => consumer.health())
    const status = overall([...producers, ...consumers, ...simpleConsumers], this.#closing !== undefined)
    return { status, producers, consumers, simpleConsumers }
  }

  /**
   * Closes everything that this client made: consumers first, with the two budgets of `consumer.close`, while producers still serve their handlers; then
   * producers, which finish the sends under way; then the connections. Idempotent. Reports the sums over all consumers.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    closeBudgets(options)
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  /** As {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(options: CloseOptions): Promise<CloseReport> {
    const simple = [...this.#simpleConsumers].map((consumer) => consumer.close())
    const reports = await Promise.all([...this.#consumers].map((consumer) => consumer.close(options)))
    await Promise.all([...simple, ...[...this.#producers].map((producer) => producer.close({ drain: options.drain }))])
    this.#runtime.channels.close()
    return {
      drained: reports.reduce((sum, { drained }) => sum + drained, 0),
      returned: reports.reduce((sum, { returned }) => sum + returned, 0),
    }
  }

  #checkOpen(what: string): void {
    if (this.#closing !== undefined) throw clientError('CLIENT_CLOSED', `${what} is not possible: the client is closed`)
  }
}
