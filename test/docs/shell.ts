/** A shell program of the documentation, taken apart. */
export interface ShellProgram {
  /** The line that starts a broker, when there is one; it runs beside the rest. */
  readonly server: string | undefined
  readonly rest: string
  /** Commands that the test does not run, by name. */
  readonly foreign: readonly string[]
}

const server = /^(?:npx (?:-y |--yes )?(?:@feathermq\/broker|feathermq)(?: serve)?|feathermq serve)(?= -| &|$)(?!.*\s--?(?:help|version|h|V)\b)/

/** What a documented command may start with. Anything else would act on the machine, not on FeatherMQ. */
const known =
  /^(?:(?:\w+=\S* )*(?:feathermq|feathermq-mesh|node|curl|cat|echo|printf|head|grep|mkdir|test)\b|npx (?:-y |--yes )?(?:@feathermq\/|feathermq))/

/** Joins continued lines and drops comments and blank lines. Here-documents stay whole. */
function statements(script: string): string[] {
  const found: string[] = []
  let open: { text: string; until: string | undefined } | undefined
  for (const line of script.split('\n')) {
    if (open !== undefined) {
      open.text += `\n${line}`
      if (open.until === undefined ? !line.endsWith('\\') : line === open.until) {
        found.push(open.text)
        open = undefined
      }
      continue
    }
    const heredoc = /<<-?\s*'?(\w+)'?/.exec(line)
    if (heredoc?.[1] !== undefined) open = { text: line, until: heredoc[1] }
    else if (line.endsWith('\\')) open = { text: line, until: undefined }
    else if (line.trim() !== '' && !line.trimStart().startsWith('#')) found.push(line.replace(/\s+# .*$/, '').trim())
  }
  if (open !== undefined) found.push(open.text)
  return found
}

export function takeApart(script: string): ShellProgram {
  const all = statements(script)
  const servers = all.filter((statement) => server.test(statement))
  const rest = all.filter((statement) => !server.test(statement))
  const foreign = rest.filter((statement) => !known.test(statement)).map((statement) => statement.split(/\s/)[0] ?? '')
  return {
    server: servers[0]?.replace(/\s*&$/, ''),
    rest: rest.join('\n'),
    foreign: servers.length > 1 ? [...foreign, 'a second broker'] : foreign,
  }
}
