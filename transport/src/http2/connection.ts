import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import type { ConnectionEvent } from './connection-event.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { FloodGuard, type FloodKind } from './flood-guard.ts'
import { FrameWriter } from './frame-writer.ts'
import { HeaderCoding } from './header-coding.ts'
import { type FrameHandler, IncomingFrames } from './incoming-frames.ts'
import { MessageRoom } from './message-room.ts'
import { Output } from './output.ts'
import { Patience } from './patience.ts'
import { Pings } from './pings.ts'
import { ConnectionError, type ErrorCode, INITIAL_MAX_FRAME, INITIAL_WINDOW, LARGEST_WINDOW, LAST_STREAM_ID } from './protocol.ts'
import { ReceiveWindow } from './receive-window.ts'
import { RecentlyReset } from './recently-reset.ts'
import { Sender } from './sender.ts'
import { initialPeerSettings, type PeerSettings, readSettings } from './settings.ts'
import type { FieldWriter, Stream, StreamOwner } from './stream.ts'
import { refusalOf } from './stream-state.ts'
import { StreamTable } from './stream-table.ts'

/**
 *   greeting ──SETTINGS of the peer──▶ open ──GOAWAY of the peer, or ours──▶ draining ──▶ closed
 *   any ──error, end of the socket──▶ closed
 */
export type ConnectionState = 'greeting' | 'open' | 'draining' | 'closed'

/** One HTTP/2 connection, either end (RFC 9113): frames, settings, header compression, both levels of flow control, and what a peer may not do. */
export abstract class Connection implements FrameHandler, StreamOwner {
  readonly socket: Duplex
  readonly sender: Sender
  readonly room: MessageRoom
  readonly peer: PeerSettings = initialPeerSettings()
  protected readonly clock: Clock
  protected readonly limits: ConnectionLimits
  protected readonly streams: StreamTable<Stream> = new StreamTable()
  protected readonly output: Output
  /** Streams that we reset: the peer may not know yet, what it still sends is passed over. */
  protected readonly recentlyReset: RecentlyReset = new RecentlyReset()
  /** Largest id that either side has opened as the peer of the other. */
  protected lastPeerStream = 0
  protected readonly out: FrameWriter
  readonly #frames: IncomingFrames
  readonly #headers: HeaderCoding
  readonly #window: ReceiveWindow
  readonly #guard: FloodGuard
  readonly #pings: Pings
  readonly #patience: Patience
  readonly #readPatience: Patience
  #state: ConnectionState = 'greeting'
  #settingsAcked = false
  #bytesRead = 0
  onEvent: (event: ConnectionEvent) => void = () => {}

  constructor(socket: Duplex, clock: Clock, limits: ConnectionLimits) {
    this.socket = socket
    this.clock = clock
    this.limits = limits
    this.output = new Output(socket, () => this.#flushed())
    this.sender = new Sender(this.output)
    this.room = new MessageRoom(clock, limits)
    this.out = new FrameWriter(this.output)
    this.#frames = new IncomingFrames(this, INITIAL_MAX_FRAME, limits.maxHeaderListBytes)
    this.#headers = new HeaderCoding(limits.maxHeaderListBytes, limits.maxHeaderFields)
    this.#window = new ReceiveWindow(limits.connectionWindow)
    this.#guard = new FloodGuard(clock, limits.budgets)
    this.#pings = new Pings(clock)
    this.#patience = new Patience(
      clock,
      limits.patience,
      () => (this.#frames.greeted && this.#frames.unfinished === undefined ? -1 : this.#frames.completed),
      () => this.#lostPatience(),
    )
    this.#readPatience = new Patience(
      clock,
      limits.readPatience,
      () => this.output.stuckAt,
      () => this.#giveUpReading(`the peer did not read for ${limits.readPatience} ms`),
    )
  }

  get state(): ConnectionState {
    return this.#state
  }

  get openStreams(): number {
    return this.streams.size
  }

  get bytesRead(): number {
    return this.#bytesRead
  }

  /** Bytes that wait for the peer: put together already, and in streams. */
  get waitingBytes(): number {
    return this.output.pressure + this.sender.queued
  }

  /** Bytes of frames, header blocks and messages that are not whole, or may be there without asking. */
  get keptBytes(): number {
    return this.#frames.kept + this.room.bytes
  }

  /** A headers block of a stream that has no object: a new one at a server. */
  protected abstract onNewStream(id: number, fields: readonly string[], end: boolean, tooLarge: boolean, blockBytes: number): void
  /** Headers of a known stream. */
  protected abstract onStreamHeaders(stream: Stream, fields: readonly string[], end: boolean, tooLarge: boolean): void
  /** May the peer have opened a stream of this id by now? */
  protected abstract isIdle(id: number): boolean
  /** Was a stream of this id opened after our GOAWAY? What comes for it is not looked at (RFC 9113, 6.8). */
  protected isPassedOver(_id: number): boolean {
    return false
  }
  protected abstract onPeerSettings(): void
  protected abstract readonly role: 'client' | 'server'
  protected abstract onPeerGoaway(lastStream: number, code: ErrorCode, debug: string): void
  /** Everything is over; streams have been told. */
  protected abstract onClosed(reason: string): void
  protected onStreamClosed(_stream: Stream): void {}

  // ── life ──

  /** Says our settings. */
  protected greet(settings: readonly (readonly [id: number, value: number])[]): void {
    this.out.settings(settings)
    if (this.limits.connectionWindow > INITIAL_WINDOW) this.writeWindowUpdate(0, this.limits.connectionWindow - INITIAL_WINDOW)
  }

  /** Begins to read. `first`: bytes that were read already. */
  protected start(first?: Buffer): void {
    const { socket } = this
    socket.on('data', (chunk: Buffer) => this.read(chunk, chunk.length))
    socket.on('error', (error) => this.#lost(error.message))
    socket.once('close', () => this.#lost('the connection was closed'))
    socket.once('end', () => this.#lost('the peer closed the connection'))
    this.#patience.watch()
    if (first !== undefined && first.length > 0) this.read(first, first.length)
  }

  /** Bytes of the socket, up to `stop`, where it hands them over by another way than its `data` event. */
  read(chunk: Buffer, stop: number): void {
    if (this.#state === 'closed') return
    this.#bytesRead += stop
    this.output.hold()
    try {
      this.consume(chunk, stop)
      this.#patience.watch()
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      this.fail(error.code, error.message)
    } finally {
      this.output.release()
    }
  }

  /** Bytes of the socket; a server looks for the preface first. */
  protected consume(chunk: Buffer, stop: number): void {
    this.#frames.push(chunk, stop)
  }

  #lostPatience(): void {
    if (!this.#frames.greeted) this.fail('SETTINGS_TIMEOUT', `no SETTINGS within ${this.limits.patience} ms`)
    else this.fail('ENHANCE_YOUR_CALM', `${this.#frames.unfinished} was not whole after ${this.limits.patience} ms`)
  }

  /** Ends the connection for what the peer did (RFC 9113, 5.4.1): GOAWAY with the reason, then the socket. */
  fail(code: ErrorCode, reason: string): void {
    if (this.#state === 'closed') return
    this.onEvent({ name: 'connection-refused', code, reason })
    this.out.goaway(this.lastPeerStream, code, reason)
    this.#close(code, reason)
  }

  /** Ends a connection that is none of HTTP/2 with words of what it is. */
  protected dismiss(words: Uint8Array, reason: string): void {
    this.onEvent({ name: 'connection-refused', code: 'PROTOCOL_ERROR', reason })
    this.socket.write(words)
    this.#close('PROTOCOL_ERROR', reason)
  }

  /** Ends it in peace. */
  close(reason: string): void {
    if (this.#state === 'closed') return
    this.out.goaway(this.lastPeerStream, 'NO_ERROR', '')
    this.#close('CANCEL', reason)
  }

  #lost(reason: string): void {
    this.#close('CANCEL', reason)
  }

  #close(code: ErrorCode, reason: string): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#frames.close()
    this.#patience.cancel()
    this.#readPatience.cancel()
    this.output.close()
    if (!this.socket.destroyed) {
      this.socket.end()
      // A peer that does not read does not see the end either.
      const cut = this.clock.setTimer(() => this.socket.destroy(), 1_000)
      this.socket.once('close', () => cut.cancel())
    }
    this.#pings.close()
    for (const stream of this.streams.values()) stream.abandon(code, reason)
    this.streams.clear()
    this.room.close()
    this.onClosed(reason)
  }

  /** Asks the peer for no more streams; those that are on their way are still taken, until {@link drain} says which was the last (RFC 9113, 6.8). */
  announceDrain(): void {
    if (this.#state === 'closed' || this.#state === 'draining') return
    this.out.goaway(LAST_STREAM_ID, 'NO_ERROR', '')
    this.output.schedule()
  }

  /** Takes no new streams of the peer; those that are open go on. */
  drain(): void {
    if (this.#state === 'closed' || this.#state === 'draining') return
    this.#state = 'draining'
    this.out.goaway(this.lastPeerStream, 'NO_ERROR', '')
    this.output.schedule()
  }

  protected becomeDraining(): void {
    if (this.#state !== 'closed') this.#state = 'draining'
  }

  /** Asks for a sign of life; `done(false)` after `timeout` ms or when the connection ends. */
  ping(timeout: number, done: (alive: boolean) => void): void {
    if (this.#state === 'closed') {
      done(false)
      return
    }
    this.out.ping(this.#pings.add(timeout, done))
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  /** @throws {ConnectionError} ENHANCE_YOUR_CALM when the peer does this too often. */
  protected spend(kind: FloodKind, earned?: number): void {
    if (!this.#guard.take(kind, earned)) throw new ConnectionError('ENHANCE_YOUR_CALM', `too many frames of one kind: ${kind}`)
  }

  onDataFrame(id: number, bytes: Buffer, start: number, end: number, counted: number, ended: boolean): void {
    if (!this.#window.arrive(counted)) throw new ConnectionError('FLOW_CONTROL_ERROR', "more DATA than the connection's window")
    if (start === end && !ended) this.spend('empty')
    const stream = this.streams.get(id)
    if (stream === undefined) {
      this.release(counted)
      this.stray(id, 'DATA')
      return
    }
    stream.receivedData(bytes, start, end, counted, ended)
  }

  /** A frame for a stream that has no object. Where the peer may not know that it is over, it is passed over. */
  protected stray(id: number, what: string): void {
    if (this.isIdle(id)) throw new ConnectionError('PROTOCOL_ERROR', `${what} for stream ${id}, which nobody opened`)
    if (!this.recentlyReset.has(id) && !this.isPassedOver(id)) throw new ConnectionError('STREAM_CLOSED', `${what} for stream ${id}, which is closed`)
    this.spend('stray')
  }

  onHeaderBlock(id: number, ended: boolean, bytes: Buffer, start: number, end: number): void {
    const tooLarge = this.#headers.decode(bytes, start, end) === 'too-large'
    const stream = this.streams.get(id)
    if (stream === undefined) {
      this.onNewStream(id, this.#headers.fields, ended, tooLarge, end - start)
      return
    }
    const refusal = refusalOf(stream.state)
    if (refusal !== undefined) stream.fail(refusal, 'HEADERS after the end of the stream')
    else this.onStreamHeaders(stream, this.#headers.fields, ended, tooLarge)
  }

  onPriority(id: number, problem: { readonly code: ErrorCode; readonly reason: string } | undefined): void {
    this.spend('priority')
    if (problem === undefined) return
    const stream = this.streams.get(id)
    if (stream === undefined) throw new ConnectionError(problem.code, problem.reason)
    stream.fail(problem.code, problem.reason)
  }

  onRstStream(id: number, code: ErrorCode): void {
    if (this.isIdle(id)) throw new ConnectionError('PROTOCOL_ERROR', `RST_STREAM for stream ${id}, which nobody opened`)
    const stream = this.streams.get(id)
    // One that has ended meanwhile was no work for nothing; a server resets no more than we have opened.
    if (stream === undefined) this.spend('stray')
    else if (this.role === 'server') this.spend('reset')
    stream?.receivedReset(code)
  }

  onSettings(bytes: Buffer, start: number, end: number): void {
    this.spend('settings')
    if (this.#state === 'greeting') this.#state = 'open'
    const before = this.peer.initialWindowSize
    readSettings(bytes, start, end, this.peer, this.role === 'server' ? 'client' : 'server')
    this.#headers.setPeerTableSize(this.peer.headerTableSize)
    this.sender.setMaxFrame(this.peer.maxFrameSize)
    this.out.settingsAck()
    const delta = this.peer.initialWindowSize - before
    // The new size holds for streams that are open, too (RFC 9113, 6.9.2).
    if (!this.sender.widenAll(this.streams.values(), delta)) throw new ConnectionError('FLOW_CONTROL_ERROR', 'SETTINGS made a window too large')
    this.onPeerSettings()
  }

  onSettingsAck(): void {
    if (this.#settingsAcked) this.spend('settings')
    this.#settingsAcked = true
  }

  onPing(bytes: Buffer, start: number, end: number): void {
    this.spend('ping', this.output.streamFrames)
    this.out.pingAck(bytes, start, end)
  }

  onPingAck(bytes: Buffer, start: number): void {
    if (!this.#pings.answered(bytes, start)) this.spend('ping')
  }

  onGoaway(lastStream: number, code: ErrorCode, debug: string): void {
    this.spend('goaway')
    this.onEvent({ name: 'goaway', code, reason: debug })
    this.onPeerGoaway(lastStream, code, debug)
  }

  onWindowUpdate(id: number, increment: number): void {
    // One for the stream and one for the connection.
    this.spend('window-update', this.output.streamFrames * 2)
    if (id === 0) {
      if (increment === 0) throw new ConnectionError('PROTOCOL_ERROR', 'WINDOW_UPDATE of 0')
      if (!this.sender.widen(increment)) throw new ConnectionError('FLOW_CONTROL_ERROR', "the connection's window became too large")
      return
    }
    if (this.isIdle(id)) throw new ConnectionError('PROTOCOL_ERROR', `WINDOW_UPDATE for stream ${id}, which nobody opened`)
    const stream = this.streams.get(id)
    if (stream === undefined) return
    stream.sendWindow += increment
    if (increment === 0) stream.fail('PROTOCOL_ERROR', 'WINDOW_UPDATE of 0')
    else if (stream.sendWindow > LARGEST_WINDOW) stream.fail('FLOW_CONTROL_ERROR', "the stream's window became too large")
    else this.sender.enlist(stream)
  }

  onUnknownFrame(): void {
    this.spend('unknown')
  }

  // ── what streams ask for ──

  writeHeaders(stream: Stream, fields: FieldWriter, end: boolean): void {
    this.#headers.encode(fields)
    const { block } = this.#headers
    this.out.headers(stream.id, block.bytes, block.length, end, this.peer.maxFrameSize)
  }

  writeReset(stream: Stream, code: ErrorCode): void {
    this.recentlyReset.add(stream.id)
    if (this.#state !== 'closed') this.out.rstStream(stream.id, code)
  }

  writeWindowUpdate(id: number, increment: number): void {
    if (this.#state !== 'closed') this.out.windowUpdate(id, increment)
  }

  release(count: number): void {
    const due = this.#window.release(count)
    if (due > 0) this.writeWindowUpdate(0, due)
  }

  closed(stream: Stream): void {
    this.streams.delete(stream.id)
    this.onStreamClosed(stream)
  }

  onFault(code: ErrorCode, reason: string): void {
    this.onEvent({ name: 'stream-refused', code, reason })
    this.spend('fault')
  }

  #flushed(): void {
    // Answers to pings and settings pile up for a peer that does not read.
    if (this.output.pressure > this.limits.maxWaitingBytes) this.#giveUpReading('too much waits for a peer that does not read')
    else if (this.sender.queued > this.limits.maxQueuedBytes) this.#giveUpReading('too much waits for a peer that gives no window')
    else {
      this.#readPatience.watch()
      this.sender.pump()
    }
  }

  /** There is no use in telling a peer anything that does not read. */
  #giveUpReading(reason: string): void {
    this.fail('ENHANCE_YOUR_CALM', reason)
    this.socket.destroy()
  }
}
