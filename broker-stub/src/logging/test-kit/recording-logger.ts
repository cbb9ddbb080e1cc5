import type { LogLevel } from '../line-logger.ts'
import type { Logger } from '../logger.ts'

export interface Line extends Readonly<Record<string, unknown>> {
  readonly level: LogLevel
  readonly event: string
}

/** Keeps its lines. */
export class RecordingLogger implements Logger {
  readonly lines: Line[] = []

  debug = (fields: object, message: string): void => this.#keep('debug', fields, message)
  info = (fields: object, message: string): void => this.#keep('info', fields, message)
  warn = (fields: object, message: string): void => this.#keep('warn', fields, message)
  error = (fields: object, message: string): void => this.#keep('error', fields, message)

  get events(): string[] {
    return this.lines.map(({ event }) => event)
  }

  /** The lines of one event without level, event and text. */
  of(event: string): object[] {
    return this.lines.filter((line) => line.event === event).map(({ level, event: _, msg, ...fields }) => fields)
  }

  #keep(level: LogLevel, fields: object, msg: string): void {
    this.lines.push({ event: '', ...fields, level, msg })
  }
}
