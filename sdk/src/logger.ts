import { debuglog } from 'node:util'
import { describe } from './errors.ts'

/**
 * Where the client reports to. Loggers of pino's shape fit as they are: pino, `fastify.log`, bunyan.
 *
 * Every line carries a fixed `event` name; further fields are `clientId, endpoint, topic, group, messageId, attempt, err`. Bodies, keys, property values and
 * secrets never appear.
 */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

const debug = debuglog('feathermq')

/** Warnings and errors to stderr, the rest only with `NODE_DEBUG=feathermq`. */
export const defaultLogger: Logger = {
  debug: (fields, message) => trace('debug', fields, message),
  info: (fields, message) => trace('info', fields, message),
  warn: (fields, message) => process.stderr.write(`${line('warn', fields, message)}\n`),
  error: (fields, message) => process.stderr.write(`${line('error', fields, message)}\n`),
}

function trace(level: string, fields: object, message: string): void {
  if (debug.enabled) debug('%s', line(level, fields, message))
}

/** `feathermq warn message key=value …`, one line whatever the values hold. */
function line(level: string, fields: object, message: string): string {
  const parts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${text(value)}`)
  return ['feathermq', level, oneLine(message), ...parts].join(' ')
}

function text(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(causes(value))
  if (typeof value === 'string') return /^[\w.:@%/+-]+$/.test(value) ? value : JSON.stringify(value)
  if (typeof value === 'bigint') return String(value)
  return JSON.stringify(value) ?? String(value)
}

function causes(error: Error): string {
  const chain: string[] = []
  for (let next: unknown = error; next !== undefined && next !== null && chain.length < 5; next = next instanceof Error ? next.cause : undefined) {
    chain.push(describe(next))
  }
  return chain.join(' <- ')
}

function oneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ')
}
