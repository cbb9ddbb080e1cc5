import type { DataEvent } from '../data/data-directory.ts'
import type { LogLevel } from './line-logger.ts'

/** How each event of the data directory is told. What an event holds are the fields of its line, `error` as `err`. */
export const dataEvents: Readonly<Record<DataEvent['kind'], readonly [level: LogLevel, text: string]>> = {
  opened: ['info', 'the data directory is open'],
  damaged: ['error', 'something that was stored is damaged and cannot be read; what is around it can'],
  torn: ['warn', 'what was being written when the broker stopped was cut off; nobody was told that it is stored'],
  'head-damaged': ['warn', 'one of the two heads of a file is damaged; the other was read'],
  failed: ['error', 'a file cannot be written; another takes what comes'],
  unavailable: ['error', 'the disk takes nothing: senders are refused'],
  available: ['info', 'the disk takes messages again'],
  unreadable: ['error', 'a file of delayed messages cannot be read'],
  'owner-failed': ['error', 'a delayed message that is due could not be delivered; it is tried again'],
  'index-problem': ['warn', 'an index file is made again from the log; nothing is lost'],
  'read-failed': ['error', 'a message could not be read; it is tried again'],
  misplaced: ['error', 'another message lies where one should be; it is passed'],
  removed: ['info', 'retention removed a segment'],
  'not-removed': ['warn', 'a file that should go could not be removed; it is tried again'],
  'state-failure': ['error', "the journal of the broker's state could not be written"],
  'state-damage': ['error', "something of the broker's state was damaged and left out"],
}
