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

/**
 * Message ids of version 1, as all official clients make them: 17 bytes as 34 upper-case hex digits: `01`, MAC (6), low bits of the pid (2), seconds
 * since 2021-01-01 UTC (4), sequence (4), all big-endian. The seconds are taken anew whenever the sequence is asked for.
 */
export function messageIds(options: MessageIdOptions): MessageIds {
  const mac = options.mac ?? machineMac()
  if (mac.length !== 6) throw new RangeError(`a MAC address has 6 bytes, not ${mac.length}`)
  const pid = options.pid ?? process.pid
  const prefix = VERSION + Buffer.from(mac).toString('hex').toUpperCase() + hex(pid & 0xffff, 4)
  let sequence = (options.firstSequence ?? crypto().randomBytes(4).readUInt32BE()) >>> 0
  return {
    next() {
      const seconds = Math.floor((options.now() - EPOCH) / 1000) >>> 0
      const id = prefix + hex(seconds, 8) + hex(sequence, 8)
      sequence = (sequence + 1) >>> 0
      return id
    },
  }
}

/** Has this text the form of an id of version 1? Servers accept any id that is not blank. */
export function isMessageId(id: string): boolean {
  return /^01[0-9A-F]{32}$/.test(id)
}
