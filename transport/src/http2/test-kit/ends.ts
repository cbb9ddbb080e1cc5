import { ClientConnection } from '../client-connection.ts'
import type { ConnectionEvent } from '../connection-event.ts'
import type { RequestHead } from '../field-rules.ts'
import { defaultBudgets } from '../flood-guard.ts'
import { ServerConnection, type ServerConnectionLimits } from '../server-connection.ts'
import type { Fields, FieldWriter, Stream, StreamHandler } from '../stream.ts'
import { FakeSocket, turn } from './fake-socket.ts'
import { describeFrame, framesIn, greeting, settingsAck, settingsFrame } from './frames.ts'
import { ManualClock } from './manual-clock.ts'

export const limits: ServerConnectionLimits = {
  streamWindow: 65_535,
  connectionWindow: 1_000_000,
  unreservedBytes: 10_000_000,
  reservedBytes: 10_000_000,
  maxConcurrentStreams: 100,
  maxOpenBlockBytes: 1_000_000,
  maxHeaderListBytes: 64 * 1024,
  maxHeaderFields: 200,
  maxWaitingBytes: 1024 * 1024,
  maxQueuedBytes: 4 * 1024 * 1024,
  patience: 20_000,
  readPatience: 60_000,
  budgets: defaultBudgets,
}

/** A stream's handler that writes down what it is told, and takes everything out of the way at once. */
export class Told implements StreamHandler {
  readonly story: string[] = []
  readonly stream: Stream

  constructor(stream: Stream) {
    this.stream = stream
  }

  onHeaders(fields: Fields, end: boolean): void {
    this.story.push(`headers ${fields.join(' ')}${end ? ' end' : ''}`)
  }

  onData(bytes: Buffer, start: number, end: number): void {
    this.story.push(`data ${bytes.toString('latin1', start, end)}`)
    this.stream.release(end - start)
  }

  onEnd(): void {
    this.story.push('end')
  }

  onReset(code: string, _reason: string, byPeer: boolean): void {
    this.story.push(`reset ${code}${byPeer ? ' by the peer' : ''}`)
  }

  onDrain(): void {
    this.story.push('drain')
  }
}

interface End {
  readonly socket: FakeSocket
  readonly clock: ManualClock
  readonly events: ConnectionEvent[]
  /** Why the connection is over. */
  readonly closed: string[]
  /** Bytes arrive, and what is written down of the answer, but for settings and windows of the connection, a line for each frame. */
  readonly say: (...bytes: readonly Uint8Array[]) => Promise<string[]>
}

export interface ServerEnd extends End {
  readonly connection: ServerConnection
  readonly requests: Told[]
  /** Heads of the requests that came. */
  readonly heads: RequestHead[]
}

/** A server's connection whose client has greeted, unless told otherwise. `first`: what the server does with a new stream. */
export function serverEnd(changed: Partial<ServerConnectionLimits> = {}, first: (stream: Stream) => void = () => {}, greeted = true): ServerEnd {
  const socket = new FakeSocket()
  const clock = new ManualClock()
  const closed: string[] = []
  const requests: Told[] = []
  const heads: RequestHead[] = []
  const connection = new ServerConnection(
    socket,
    clock,
    { ...limits, ...changed },
    {
      onRequest(_connection, stream, head) {
        const told = new Told(stream)
        requests.push(told)
        heads.push(head)
        first(stream)
        return told
      },
      onOversized(stream) {
        stream.reset('ENHANCE_YOUR_CALM')
        return new Told(stream)
      },
      onClosed: (_connection, reason) => void closed.push(reason),
      onIdle() {},
    },
  )
  const events: ConnectionEvent[] = []
  connection.onEvent = (event) => void events.push(event)
  connection.begin()
  if (greeted) socket.deliver(Buffer.concat([greeting(), settingsAck()]))
  return { connection, socket, clock, events, closed, requests, heads, say: saying(socket, false) }
}

export interface ClientEnd extends End {
  readonly connection: ClientConnection
  readonly open: (fields?: FieldWriter) => Told
  readonly calls: string[]
}

/** A client's connection whose server has greeted. */
export function clientEnd(changed: Partial<ServerConnectionLimits> = {}): ClientEnd {
  const socket = new FakeSocket()
  const clock = new ManualClock()
  const closed: string[] = []
  const calls: string[] = []
  const connection = new ClientConnection(
    socket,
    clock,
    { ...limits, ...changed },
    {
      onSettings: () => void calls.push('settings'),
      onDraining: () => void calls.push('draining'),
      onRoom: () => void calls.push('room'),
      onClosed: (reason) => void closed.push(reason),
    },
  )
  const events: ConnectionEvent[] = []
  connection.onEvent = (event) => void events.push(event)
  connection.begin()
  socket.deliver(settingsFrame())
  socket.deliver(settingsAck())
  return {
    connection,
    socket,
    clock,
    events,
    closed,
    calls,
    open(fields = (sink) => sink.field(':method', 'POST', 'index')) {
      const handler: { told?: Told } = {}
      const stream = connection.open(
        {
          onHeaders: (...told) => handler.told?.onHeaders(...told),
          onData: (bytes, start, end) => handler.told?.onData(bytes, start, end),
          onEnd: () => handler.told?.onEnd(),
          onReset: (...told) => handler.told?.onReset(...told),
          onDrain: () => handler.told?.onDrain(),
        },
        fields,
      )
      handler.told = new Told(stream)
      return handler.told
    },
    say: saying(socket, true),
  }
}

/** `preface`: the first that is written is a client's. */
function saying(socket: FakeSocket, preface: boolean): End['say'] {
  let rest = preface
  return async (...bytes) => {
    if (bytes.length > 0) socket.deliver(Buffer.concat(bytes))
    await turn()
    const written = socket.sent()
    const frames = framesIn(written, rest && written.length > 0)
    if (written.length > 0) rest = false
    return frames.map(describeFrame).filter((line) => !/^(settings|windowUpdate \+)/.test(line))
  }
}
