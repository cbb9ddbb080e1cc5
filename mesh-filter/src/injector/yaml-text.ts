import { type Document, parseDocument } from 'yaml'
import { ManifestError } from '../manifests/manifest-error.ts'

/** One document of a file, with the line of dashes in front of it. Text that nobody changes is written as it was read. */
export interface YamlPart {
  /** `---` and what follows on its line; empty for a first document without it. */
  readonly separator: string
  readonly text: string
}

/** Splits a file into its documents. Dashes at the beginning of a line stand nowhere else: the lines of texts are indented. */
export function splitDocuments(file: string): YamlPart[] {
  const parts: YamlPart[] = []
  let separator = ''
  let text = ''
  for (const line of file.split(/(?<=\n)/)) {
    if (!/^---(\s|$)/.test(line)) {
      text += line
      continue
    }
    if (separator !== '' || text !== '') parts.push({ separator, text })
    separator = line
    text = ''
  }
  parts.push({ separator, text })
  return parts
}

export function joinDocuments(parts: readonly YamlPart[]): string {
  return parts.map(({ separator, text }) => separator + text).join('')
}

/** @throws ManifestError with the place of what is wrong. */
export function parseYaml(text: string): Document {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) throw new ManifestError(error.message)
  return document
}

/** A changed document in the manner of the text it came from: lists are indented or not, long lines stay long. */
export function writeYaml(document: Document, original: string): string {
  const flush = /^( *)[^\s#-][^\n]*:[ \t]*\n(?:[ \t]*#[^\n]*\n)*\1- /m.test(original)
  // Before the first word of a value or of a line, where no quoted text can be.
  const padded = !/(?:^|: |- )[{[][^\s{[\]}]/m.test(original)
  return document.toString({ lineWidth: 0, indentSeq: !flush, flowCollectionPadding: padded })
}
