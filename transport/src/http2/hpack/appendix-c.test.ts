import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { HpackDecoder } from './decoder.ts'
import { type FieldMode, HpackEncoder } from './encoder.ts'
import { HpackOutput } from './output.ts'

/** One example: the block, what it says, and the dynamic table after it with its size. */
interface Example {
  readonly section: string
  readonly hex: string
  readonly fields: readonly string[]
  readonly table: readonly string[]
  readonly size: number
  /** How our encoder has to be asked for it. */
  readonly mode?: FieldMode
  /** What our encoder writes; undefined where the RFC writes the same. */
  readonly ours?: string
}

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
const split = (field: string): [name: string, value: string] => {
  const colon = field.indexOf(': ', 1)
  return [field.slice(0, colon), field.slice(colon + 2)]
}

/** C.2: each on a connection of its own. */
const single: readonly Example[] = [
  {
    section: 'C.2.1',
    hex: '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
    fields: ['custom-key: custom-header'],
    table: ['custom-key: custom-header'],
    size: 55,
    ours: '40 88 25a8 49e9 5ba9 7d7f 89 25a8 49e9 5a72 8e42 d9',
  },
  {
    section: 'C.2.2',
    hex: '040c 2f73 616d 706c 652f 7061 7468',
    fields: [':path: /sample/path'],
    table: [],
    size: 0,
    mode: 'plain',
    ours: '04 89 6103 a6ba 0ac5 634c ff',
  },
  {
    section: 'C.2.3',
    hex: '1008 7061 7373 776f 7264 0673 6563 7265 74',
    fields: ['password: secret'],
    table: [],
    size: 0,
    mode: 'never',
    ours: '10 86 ac68 4783 d927 84 4149 6153',
  },
  { section: 'C.2.4', hex: '82', fields: [':method: GET'], table: [], size: 0 },
]

const request1 = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com']
const request2 = [...request1, 'cache-control: no-cache']
const request3 = [':method: GET', ':scheme: https', ':path: /index.html', ':authority: www.example.com', 'custom-key: custom-value']
const requestTable1 = [':authority: www.example.com']
const requestTable2 = ['cache-control: no-cache', ...requestTable1]
const requestTable3 = ['custom-key: custom-value', ...requestTable2]

/** The blocks with Huffman, which are ours for both. */
const huffmanRequests = [
  '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
  '8286 84be 5886 a8eb 1064 9cbf',
  '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
] as const
const huffmanResponses = [
  '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
  '4883 640e ffc1 c0bf',
  `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36
   72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
] as const

/** C.3 and C.4: three requests on one connection. */
const requests = (section: string, blocks: readonly [string, string, string]): Example[] => [
  { section: `${section}.1`, hex: blocks[0], fields: request1, table: requestTable1, size: 57, ours: huffmanRequests[0] },
  { section: `${section}.2`, hex: blocks[1], fields: request2, table: requestTable2, size: 110, ours: huffmanRequests[1] },
  { section: `${section}.3`, hex: blocks[2], fields: request3, table: requestTable3, size: 164, ours: huffmanRequests[2] },
]

const date1 = 'date: Mon, 21 Oct 2013 20:13:21 GMT'
const date2 = 'date: Mon, 21 Oct 2013 20:13:22 GMT'
const cache = 'cache-control: private'
const location = 'location: https://www.example.com'
const cookie = 'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'

/** C.5 and C.6: three responses on one connection whose table has 256 bytes, so that entries are evicted. */
const responses = (section: string, blocks: readonly [string, string, string]): Example[] => [
  {
    section: `${section}.1`,
    hex: blocks[0],
    fields: [':status: 302', cache, date1, location],
    table: [location, date1, cache, ':status: 302'],
    size: 222,
    ours: huffmanResponses[0],
  },
  {
    section: `${section}.2`,
    hex: blocks[1],
    fields: [':status: 307', cache, date1, location],
    table: [':status: 307', location, date1, cache],
    size: 222,
    // The code of 307 is as long as 307; ours then writes the text.
    ours: '4803 3330 37c1 c0bf',
  },
  {
    section: `${section}.3`,
    hex: blocks[2],
    fields: [':status: 200', cache, date2, location, 'content-encoding: gzip', cookie],
    table: [cookie, 'content-encoding: gzip', date2],
    size: 215,
    ours: huffmanResponses[2],
  },
]

const connections: readonly { title: string; tableSize: number; examples: readonly Example[] }[] = [
  ...single.map((example) => ({ title: example.section, tableSize: 4_096, examples: [example] })),
  {
    title: 'C.3, requests without Huffman',
    tableSize: 4_096,
    examples: requests('C.3', [
      '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '8286 84be 5808 6e6f 2d63 6163 6865',
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
    ]),
  },
  {
    title: 'C.4, requests with Huffman',
    tableSize: 4_096,
    examples: requests('C.4', huffmanRequests),
  },
  {
    title: 'C.5, responses without Huffman',
    tableSize: 256,
    examples: responses('C.5', [
      `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77
       7777 2e65 7861 6d70 6c65 2e63 6f6d`,
      '4803 3330 37c1 c0bf',
      `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a
       584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
    ]),
  },
  { title: 'C.6, responses with Huffman', tableSize: 256, examples: responses('C.6', huffmanResponses) },
]

describe('the examples of RFC 7541, Appendix C', () => {
  for (const { title, tableSize, examples } of connections) {
    it(`are read as they say, and leave the table they say: ${title}`, () => {
      const decoder = new HpackDecoder({ maxTableSize: tableSize, maxListBytes: 1_000, maxFields: 10 })
      for (const { section, hex, fields, table, size } of examples) {
        const bytes = bytesOf(hex)
        const into: string[] = []
        assert.equal(decoder.decode(bytes, 0, bytes.length, into), 'ok')
        assert.deepEqual(into, fields.flatMap(split), section)
        assert.deepEqual(decoder.table.entries(), table.map(split), section)
        assert.equal(decoder.table.size, size, section)
      }
    })

    it(`are written so or shorter, and leave the same table: ${title}`, () => {
      const encoder = new HpackEncoder()
      encoder.setPeerTableSize(tableSize)
      const output = new HpackOutput()
      // The examples begin with that size and do not tell it.
      encoder.begin(output)
      for (const { section, hex, fields, table, size, mode = 'index', ours } of examples) {
        output.reset()
        encoder.begin(output)
        for (const field of fields) encoder.field(...split(field), mode)
        const written = Buffer.from(output.bytes.subarray(0, output.length)).toString('hex')
        assert.equal(written, Buffer.from(bytesOf(ours ?? hex)).toString('hex'), section)
        assert.ok(output.length <= bytesOf(hex).length, section)
        assert.deepEqual(encoder.table.entries(), table.map(split), section)
        assert.equal(encoder.table.size, size, section)
      }
    })
  }
})
