import { type Clock, systemClock } from '../clock.ts'
import type { Logger } from './logger.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** From all to none. */
export const logLevels: readonly (LogLevel | 'silent')[] = ['debug', 'info', 'warn', 'error', 'silent']

export interface LineLoggerOptions {
  /** Takes one line with its end. */
  readonly write: (line: string) => void
  /** Lines below it are not written. */
  readonly level: LogLevel | 'silent'
  readonly clock?: Pick<Clock, 'now'> | undefined
}

/** Lines for people: `16:06:01.123 INFO  the topic orders was made  topic=orders queues=4`, each one line whatever the values hold. */
export function textLogger(options: LineLoggerOptions): Logger {
  return logger(options, (level, fields, message, now) => {
    const parts = Object.entries(fields).flatMap(([name, value]) => (name === 'event' || value === undefined ? [] : [`${name}=${text(value)}`]))
    const head = `${now.toISOString().slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${shown(message)}`
    return parts.length === 0 ? head : `${head}  ${parts.join(' ')}`
  })
}

/** Lines for machines: one JSON object each, `{"time":"…","level":"info","event":"topic-created","msg":"…","topic":"orders",…}`. */
export function jsonLogger(options: LineLoggerOptions): Logger {
  return logger(options, (level, { event, ...fields }, msg, now) => JSON.stringify({ time: now.toISOString(), level, event, msg, ...fields }, plain))
}

type Fields = Readonly<Record<string, unknown>>

function logger(
  { write, level: least, clock = systemClock }: LineLoggerOptions,
  line: (level: LogLevel, fields: Fields, message: string, now: Date) => string,
): Logger {
  const at =
    (level: LogLevel) =>
    (fields: object, message: string): void => {
      if (logLevels.indexOf(level) >= logLevels.indexOf(least)) write(`${line(level, fields as Fields, message, new Date(clock.now()))}\n`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** What JSON has no form for. */
function plain(_name: string, value: unknown): unknown {
  if (value instanceof Error)
    return { name: value.name, message: value.message, code: (value as { code?: unknown }).code, stack: value.stack, cause: value.cause }
  return typeof value === 'bigint' ? String(value) : value
}

function text(value: unknown): string {
  if (value instanceof Error) return quoted(causes(value))
  return typeof value === 'string' ? quoted(value) : quoted(JSON.stringify(value, plain) ?? String(value))
}

const quoted = (value: string): string => (/^[\w.:@%/+,-]+$/.test(value) ? value : shown(JSON.stringify(value)))

/** A client chooses its id and its language: nothing of it may move the cursor or colour the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
const shown = (value: string): string => value.replace(/[\r\n]+/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd')

function causes(error: Error): string {
  const chain: string[] = []
  for (let next: unknown = error; next !== undefined && next !== null && chain.length < 5; next = next instanceof Error ? next.cause : undefined) {
    chain.push(next instanceof Error ? `${next.name}: ${next.message}` : String(next))
  }
  return chain.join(' <- ')
}
