import type { Clock } from '../clock.ts'
import { FileError, type Files, type FolderLock } from '../files/files.ts'
import { OverlayFiles } from '../files/overlay-files.ts'
import { openSegments } from '../log/segments/opening.ts'
import { SEGMENT_HEAD, type Segment } from '../log/segments/segment-file.ts'
import { SegmentReaders } from '../log/segments/segment-readers.ts'
import { StoredRecord } from '../log/segments/stored-record.ts'
import { walk } from '../log/segments/walk.ts'
import { TimingWheel } from '../schedule/timing-wheel.ts'
import { asDataError, DataDirectory, DataError, type DataOptions } from './data-directory.ts'

const SEGMENT = 64 * 1024 * 1024

/** What is not as it should be in a data directory. */
export interface Finding {
  /** `damaged`: it was stored and cannot be read. `torn`: it was being written when the process or the machine ended, and nobody was told that it is stored. */
  readonly kind: 'damaged' | 'torn'
  readonly path: string | undefined
  /** A sentence. */
  readonly text: string
}

export interface Inspection {
  readonly segments: number
  /** Records of messages in the log. */
  readonly messages: number
  readonly topics: number
  readonly groups: number
  readonly findings: readonly Finding[]
}

export interface InspectionOptions {
  readonly files: Files
  readonly folder: string
  readonly clock: Clock
}

/** Goes by the wall, and calls nobody: who looks at a directory does not want its messages to become due. */
const still = (clock: Clock): Clock => ({
  now: () => clock.now(),
  monotonic: () => clock.monotonic(),
  setTimer: () => ({ cancel: () => {} }),
})

type DataEvent = Parameters<DataOptions['onEvent']>[0]

/** @returns undefined for an event that is no finding. */
function finding(event: DataEvent): Finding | undefined {
  switch (event.kind) {
    case 'state-damage':
      return { kind: 'damaged', path: undefined, text: event.text }
    case 'torn':
      return {
        kind: 'torn',
        path: event.path,
        text: `${event.path}: ${event.length} bytes at ${event.position} were being written when the broker ended; nobody was told that they are stored`,
      }
    case 'damaged':
      return {
        kind: 'damaged',
        path: event.path,
        text: `${event.path}: ${event.length} bytes at ${event.position} are damaged; what is around them can be read`,
      }
    case 'head-damaged':
      return { kind: 'damaged', path: event.path, text: `${event.path}: one of its two heads is damaged; the other one is read` }
    case 'unreadable':
      return { kind: 'damaged', path: event.path, text: `${event.path} cannot be read: ${reasonOf(event.error)}` }
    case 'index-problem':
      return { kind: 'damaged', path: undefined, text: `an index is damaged and is made again from the log: ${event.error.message}` }
    default:
      return undefined
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Holds the directory for the time of the action. @throws {DataError} */
async function holding<T>({ files, folder }: InspectionOptions, action: () => Promise<T>): Promise<T> {
  try {
    await mustBeThere(files, folder)
    const lock = await lockUnlessReadOnly(files, folder)
    try {
      return await action()
    } finally {
      await lock?.release()
    }
  } catch (error) {
    throw asDataError(folder, error)
  }
}

async function mustBeThere(files: Files, folder: string): Promise<void> {
  const there = await files.list(folder)
  if (!there.includes('state') && !there.includes('log')) throw new DataError(`${folder} is no data directory: it has neither log/ nor state/`)
}

/** What nobody can write to, nobody is writing to. */
async function lockUnlessReadOnly(files: Files, folder: string): Promise<FolderLock | undefined> {
  try {
    return await files.lock(folder)
  } catch (error) {
    if (error instanceof FileError && (error.code === 'EROFS' || error.code === 'EACCES')) return undefined
    throw error
  }
}

/** Opens it as a broker would and closes it again. @returns what was found. */
async function openAndClose(
  files: Files,
  folder: string,
  clock: Clock,
): Promise<{ readonly topics: number; readonly groups: number; readonly findings: Finding[] }> {
  const findings: Finding[] = []
  const inert = still(clock)
  const data = await DataDirectory.open({
    files,
    folder,
    clock: inert,
    wheel: new TimingWheel(inert),
    onEvent: (event) => {
      const found = finding(event)
      if (found !== undefined) findings.push(found)
    },
  })
  const { registry } = data.state
  const counts = { topics: [...registry.topics].length, groups: [...registry.groups].length }
  await data.close()
  return { ...counts, findings }
}

/** Tells every record of the log in order, and what is not as it should be. Changes nothing. */
async function readLog(
  files: Files,
  folder: string,
  onMessage: (message: StoredRecord, position: number) => void,
): Promise<{ readonly segments: number; readonly findings: readonly Finding[] }> {
  const overlay = new OverlayFiles(files)
  const readers = new SegmentReaders(overlay)
  const found: Finding[] = []
  try {
    const { segments } = await openSegments(
      overlay,
      readers,
      `${folder}/log`,
      SEGMENT,
      0,
      () => {},
      (event) => {
        const one = finding(event)
        if (one !== undefined) found.push(one)
      },
    )
    for (const segment of segments) await eachMessage(readers, segment, onMessage)
    return { segments: segments.length, findings: found }
  } finally {
    readers.close()
  }
}

async function eachMessage(
  readers: SegmentReaders,
  { base, stamp, path, end }: Segment,
  onMessage: (message: StoredRecord, position: number) => void,
): Promise<void> {
  await walk(
    {
      base,
      stamp,
      read: (into, offset) => readers.readAround(path, into, offset),
      record: (chunk, at, position) => onMessage(new StoredRecord(chunk, at), position),
      hole: () => {},
    },
    base + SEGMENT_HEAD,
    end,
  )
}

/** Reads all files of a stopped broker and says what is damaged. Changes nothing. @throws {DataError} */
export function verifyData(options: InspectionOptions): Promise<Inspection> {
  const { files, folder, clock } = options
  return holding(options, async () => {
    const opened = await openAndClose(new OverlayFiles(files), folder, clock)
    let messages = 0
    const { segments, findings } = await readLog(files, folder, () => messages++)
    // The log is read twice: after a clean stop only the second reading looks at all of it.
    const texts = new Set(findings.map(({ text }) => text))
    return { ...opened, segments, messages, findings: [...opened.findings.filter(({ text }) => !texts.has(text)), ...findings] }
  })
}

/** What a start does to what was being written when the last one ended: cuts it, and leaves damaged places out. @throws {DataError} */
export async function repairData({ files, folder, clock }: InspectionOptions): Promise<readonly Finding[]> {
  try {
    await mustBeThere(files, folder)
    return (await openAndClose(files, folder, clock)).findings
  } catch (error) {
    throw asDataError(folder, error)
  }
}

/** A message of the log as people and programs read it. */
export interface DumpedMessage {
  readonly position: number
  readonly topic: string
  readonly queue: number
  readonly offset: number
  readonly messageId: string
  readonly type: string
  readonly tag: string | undefined
  readonly messageGroup: string | undefined
  readonly storedAt: string
  readonly bornHost: string
  readonly deadLetter: { readonly topic: string; readonly messageId: string } | undefined
  /** It was kept beyond its time, and lies here for the second time. */
  readonly relocated: true | undefined
  readonly bodyBytes: number
  /** Base64. */
  readonly body: string | undefined
}

export interface DumpOptions extends InspectionOptions {
  /** Default all. */
  readonly topic?: string | undefined
  /** With bodies. Default false. */
  readonly body?: boolean | undefined
}

/** Tells every message of the log, in the order of writing. Changes nothing. @throws {DataError} */
export function dumpData(options: DumpOptions, tell: (message: DumpedMessage) => void): Promise<readonly Finding[]> {
  const { files, folder, topic, body = false } = options
  return holding(options, async () => {
    const { findings } = await readLog(files, folder, (message, position) => {
      if (topic === undefined || message.topic === topic) tell(dumped(message, position, body))
    })
    return findings
  })
}

function dumped(message: StoredRecord, position: number, withBody: boolean): DumpedMessage {
  const { topic, queueId, offset, messageId, tag, messageGroup, storedAt, bornHost, deadLetter, bytes, bodyStart, bodyEnd } = message
  return {
    position,
    topic,
    queue: queueId,
    offset,
    messageId,
    type: message.type,
    tag,
    messageGroup,
    storedAt: new Date(storedAt).toISOString(),
    bornHost,
    deadLetter,
    relocated: message.relocated || undefined,
    bodyBytes: bodyEnd - bodyStart,
    body: withBody ? Buffer.from(bytes.subarray(bodyStart, bodyEnd)).toString('base64') : undefined,
  }
}
