/**
 * Where a broker reports to. Loggers of pino's shape fit as they are: pino, `fastify.log`, bunyan.
 *
 * One line per change of state, none per message. Every line carries a fixed `event`; further fields are named alike in all of them: `clientId, address,
 * topic, group, messageId, attempts, code, path, durationMs, err`. Bodies, keys and property values never appear.
 */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
