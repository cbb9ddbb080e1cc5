import { crypto, os } from './builtins.ts'

export interface MessageIdOptions {
  /** Six bytes; default the first non-zero MAC address of this machine, else random. */
  readonly mac?: Uint8Array | undefined
  /** Default `process.pid`. */
  readonly pid?: number | undefined
  /** Wall time, ms since the epoch. */
  readonly now: () => number
  /** First value of the sequence; default random, so that two processes with one pid (containers) do not meet. */
  readonly firstSequence?: number | undefined
}

/** Makes message ids. */
export interface MessageIds {
  next(): string
}

const VERSION = '01'
const EPOCH = Date.UTC(2021, 0, 1)

function machineMac(): Uint8Array {
  for (const addresses of Object.values(os().networkInterfaces())) {
    for (const { mac } of addresses ?? []) {
      if (mac !== '00:00:00:00:00:00') return Buffer.from(mac.replaceAll(':', ''), 'hex')
    }
  }
  return crypto().randomBytes(6)
}

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0')

const bytes: readonly string[] = Array.from({ length: 256 }, (_, value) => hex(value, 2))

/** The lowest byte as two digits; an id is made for each message, and making digits costs more than looking them up. */
const byte = (value: number): string => bytes[value & 0xff] as string

/**
 * Message ids of version 1, as all official clients make them: 17 bytes as 34 upper-case hex digits: `01`, MAC (6), low bits of the pid (2), seconds
 * since 2021-01-01 UTC (4), sequence (4), all big-endian. The seconds are taken anew whenever the sequence is asked for.
 */
export function messageIds(options: MessageIdOptions): MessageIds {
  const mac = options.mac ?? machineMac()
  if (mac.length !== 6) throw new RangeError(`a MAC address has 6 bytes, not ${mac.length}`)
  const pid = options.pid ?? process.pid
  const prefix = VERSION + Buffer.from(mac).toString('hex').toUpperCase() + hex(pid & 0xffff, 4)
  let second = -1
  let head = ''
  let sequence = (options.firstSequence ?? crypto().randomBytes(4).readUInt32BE()) >>> 0
  return {
    next() {
      const seconds = Math.floor((options.now() - EPOCH) / 1000) >>> 0
      if (seconds !== second) {
        second = seconds
        head = prefix + hex(seconds, 8)
      }
      const id = head + byte(sequence >>> 24) + byte(sequence >>> 16) + byte(sequence >>> 8) + byte(sequence)
      sequence = (sequence + 1) >>> 0
      return id
    },
  }
}

/** Has this text the form of an id of version 1? Servers accept any id that is not blank. */
export function isMessageId(id: string): boolean {
  return /^01[0-9A-F]{32}$/.test(id)
}
