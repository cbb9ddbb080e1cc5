import type { TelemetryLink } from '../registry/clients.ts'

interface Producer {
  readonly link: TelemetryLink
  readonly topics: ReadonlySet<string>
}

/** Producers that are connected, by the topics that their settings name: whoever of them can be asked about a transaction of one. */
export class Producers {
  readonly #byClient = new Map<string, Producer>()
  /** In the order in which they came; `next` is the one whose turn it is. */
  readonly #byTopic = new Map<string, { readonly producers: Producer[]; next: number }>()

  /** The client told, on this stream, which topics it sends to: all that it told before is no more. */
  came(clientId: string, link: TelemetryLink, topics: Iterable<string>): void {
    const before = this.#byClient.get(clientId)
    const named = new Set(topics)
    // Clients tell the same again every few minutes.
    if (before?.link === link && before.topics.size === named.size && [...named].every((topic) => before.topics.has(topic))) return
    if (before !== undefined) this.#remove(clientId, before)
    const producer = { link, topics: named }
    this.#byClient.set(clientId, producer)
    for (const topic of named) {
      const known = this.#byTopic.get(topic)
      if (known === undefined) this.#byTopic.set(topic, { producers: [producer], next: 0 })
      else known.producers.push(producer)
    }
  }

  /** The stream is no more; the client may have another one. */
  left(clientId: string, link: TelemetryLink): void {
    const producer = this.#byClient.get(clientId)
    if (producer?.link === link) this.#remove(clientId, producer)
  }

  /** The one whose turn it is; undefined when there is none. */
  next(topic: string): TelemetryLink | undefined {
    const known = this.#byTopic.get(topic)
    if (known === undefined) return undefined
    const { producers } = known
    const chosen = producers[known.next % producers.length]
    known.next = (known.next + 1) % producers.length
    return chosen?.link
  }

  #remove(clientId: string, producer: Producer): void {
    this.#byClient.delete(clientId)
    for (const topic of producer.topics) {
      const known = this.#byTopic.get(topic)
      if (known === undefined) continue
      const at = known.producers.indexOf(producer)
      known.producers.splice(at, 1)
      // The turn goes on with the one behind it.
      if (at < known.next) known.next--
      if (known.producers.length === 0) this.#byTopic.delete(topic)
    }
  }
}
