import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { apiPage } from './api-page.ts'
import { declarationsOf } from './declarations.ts'

const text = `import type { Runtime } from './runtime.ts';
export interface SendOptions {
    /**
     * Ends the send. See {@link Producer.send}
     * for more | less.
     */
    readonly signal?: AbortSignal | undefined;
    readonly by: {
        readonly messages: number;
    };
    onEnd(reason: string): void;
}
export type Event = {
    readonly type: 'state';
}
/** Something was lost. */
 | {
    readonly type: 'lost';
};
/** A length: \`250\`, \`'20s'\`. */
export type Duration = number | \`\${number}\${'ms' | 's'}\`;
/**
 * Sends messages.
 *
 * Made by {@link FeatherMQ}.
 */
export declare class Producer implements AsyncDisposable {
    #private;
    /** @internal Use another way. */
    constructor(runtime: Runtime);
    /**
     * Sends one.
     *
     * @param message what to send
     * @throws {FeatherMQError} INVALID_MESSAGE
     */
    send(message: string, options?: SendOptions): Promise<void>;
    send(messages: readonly string[]): Promise<void>;
    private secret;
}
export declare function sql(expression: string): object;
declare const hidden: number;
export declare const version: string;
//# sourceMappingURL=x.d.ts.map`

describe('declarations', () => {
  const found = declarationsOf(text)

  it('are all that a file exports, with their docstrings', () => {
    assert.deepEqual(
      found.map(({ kind, name, doc }) => [kind, name, doc.text]),
      [
        ['interface', 'SendOptions', ''],
        ['type', 'Event', ''],
        ['type', 'Duration', "A length: `250`, `'20s'`."],
        ['class', 'Producer', 'Sends messages.\n\nMade by `FeatherMQ`.'],
        ['function', 'sql', ''],
        ['const', 'version', ''],
      ],
    )
    assert.deepEqual(
      found.slice(1, 3).map(({ signature }) => signature),
      ["type Event = { readonly type: 'state'; } | { readonly type: 'lost'; }", `type Duration = number | \`\${number}\${'ms' | 's'}\``],
    )
  })

  it('have their members, nothing private among them', () => {
    assert.deepEqual(
      found.flatMap(({ members }) => members.map(({ signature }) => signature)),
      [
        'readonly signal?: AbortSignal | undefined',
        'readonly by: { readonly messages: number; }',
        'onEnd(reason: string): void',
        'constructor(runtime: Runtime)',
        'send(message: string, options?: SendOptions): Promise<void>',
        'send(messages: readonly string[]): Promise<void>',
      ],
    )
    const [, send] = found[3]?.members ?? []
    assert.deepEqual(send?.doc, {
      text: 'Sends one.',
      params: [['message', 'what to send']],
      throws: ['`FeatherMQError` INVALID_MESSAGE'],
      internal: false,
    })
  })

  it('become a page in which what is internal is left out, and every cell stays one', () => {
    const page = apiPage(found)
    assert.match(page, /^### `send\(message: string, options\?: SendOptions\): Promise<void>`\n\nSends one\.\n\n- `message`: what to send\n/m)
    assert.match(page, /^\| `signal\?` \| `AbortSignal` \| Ends the send\. See `Producer\.send` for more \\\| less\. \|$/m)
    assert.doesNotMatch(page, /new Producer|#private|hidden/)
  })

  it('that have a tag which nobody thought of are no silent loss', () => {
    assert.throws(() => declarationsOf('/** @beta */\nexport declare const x: number;'), /@beta/)
  })
})
