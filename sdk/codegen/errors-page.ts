import { codeInfo, codeNames } from '@feathermq/protocol'
import { type ErrorEntry, errorCatalogue } from '../src/error-catalogue.ts'
import { cell, tableOf } from './markdown.ts'

const head = `# Errors

<!-- Written by "npm run generate" from sdk/src/error-catalogue.ts and proto/src/status.ts. -->

Everything that a call rejects with is a \`FeatherMQError\`, aborted signals aside: those reject with the signal's reason. Decide by its \`code\`, which is
stable, and never by its text. The text says what failed, for which topic and group, where and why, and ends with what to do.

<!-- snippet: needs broker -->
\`\`\`ts
import { FeatherMQ, FeatherMQError } from '@feathermq/sdk'

const mq = new FeatherMQ({ endpoints: '127.0.0.1:8081' })
try {
  await mq.producer().send({ topic: 'orders', body: '' })
} catch (error) {
  if (!(error instanceof FeatherMQError)) throw error
  console.log(error.code) // MESSAGE_BODY_EMPTY
  console.log(error.retryable) // false
  console.log(error.message) // the message to orders was not sent: message.body: the body is empty (A body has at least one byte.)
}
await mq.close()
\`\`\`

| field | |
|---|---|
| \`code\` | one of the tables below, or \`CODE_<number>\` for a number that this client does not know |
| \`retryable\` | whether the same call may succeed later without a change to it; the client itself has tried again by then |
| \`maybeStored\` | of a failed send: the message may be stored all the same |
| \`status\` | where a server refused: its number, name and words |
| \`endpoint\`, \`requestId\`, \`topic\`, \`group\` | what the call was about; servers log the request id |
| \`hint\` | what to do next |
| \`cause\` | the error beneath it |

A list of messages of which some were not stored rejects with a \`SendIncompleteError\`, a \`FeatherMQError\` that has \`results\`, one for each message.
`

/** `docs/errors.md`: both catalogues, so that a code in a log leads to its meaning. */
export function errorsPage(): string {
  const own = Object.entries(errorCatalogue).map(([code, entry]) => row(code, entry))
  const servers = codeNames.flatMap(([name, number]) => {
    const info = codeInfo(number)
    // What stands for success, or for no code, is never that of an error.
    if (info === undefined || ['CODE_UNSPECIFIED', 'OK', 'MULTIPLE_RESULTS'].includes(name)) return []
    return [[String(number), ...row(name, info)]]
  })
  return `${head}
## Codes of the client

${tableOf(['code', 'retryable', 'meaning', 'what to do'], own)}
## Codes of servers

They bear the names of the protocol. A FeatherMQ broker and Apache RocketMQ give the same ones; where they differ is in
[differences](differences.md).

${tableOf(['number', 'code', 'retryable', 'meaning', 'what to do'], servers)}`
}

function row(code: string, { retryable, meaning, hint }: ErrorEntry): string[] {
  return [`\`${code}\``, retryable ? 'yes' : 'no', cell(meaning), cell(hint)]
}
