/** Messages sent of one type to one topic. */
export interface SentRow {
  readonly topic: string
  readonly type: string
  messages: number
  bytes: number
}

/** Answers of one RPC with one status code. */
export interface AnswerRow {
  readonly rpc: string
  readonly code: string
  count: number
}

/** Counters since start that no other object keeps. */
export class Counters {
  /** Sends by message type. */
  readonly sent: Map<string, SentRow> = new Map()
  /** Answers by RPC and status code. */
  readonly answers: Map<string, AnswerRow> = new Map()
  /** Connections that were not taken or were given up, by code. */
  readonly refusedConnections: Map<string, number> = new Map()

  countSend(topic: string, type: string, bytes: number): void {
    const key = `${topic} ${type}`
    const row = this.sent.get(key)
    if (row === undefined) this.sent.set(key, { topic, type, messages: 1, bytes })
    else {
      row.messages++
      row.bytes += bytes
    }
  }

  /** The topic is gone; one of the same name starts anew. */
  forgetTopic(topic: string): void {
    for (const [key, row] of this.sent) if (row.topic === topic) this.sent.delete(key)
  }

  countAnswer(rpc: string, code: string): void {
    const key = `${rpc} ${code}`
    const row = this.answers.get(key)
    if (row === undefined) this.answers.set(key, { rpc, code, count: 1 })
    else row.count++
  }

  countRefusedConnection(code: string): void {
    this.refusedConnections.set(code, (this.refusedConnections.get(code) ?? 0) + 1)
  }
}
