/** The fields that every peer knows beforehand (RFC 7541, 2.3.1 and Appendix A). */

const fields: readonly (readonly [name: string, value?: string])[] = [
  [':authority'],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset'],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language'],
  ['accept-ranges'],
  ['accept'],
  ['access-control-allow-origin'],
  ['age'],
  ['allow'],
  ['authorization'],
  ['cache-control'],
  ['content-disposition'],
  ['content-encoding'],
  ['content-language'],
  ['content-length'],
  ['content-location'],
  ['content-range'],
  ['content-type'],
  ['cookie'],
  ['date'],
  ['etag'],
  ['expect'],
  ['expires'],
  ['from'],
  ['host'],
  ['if-match'],
  ['if-modified-since'],
  ['if-none-match'],
  ['if-range'],
  ['if-unmodified-since'],
  ['last-modified'],
  ['link'],
  ['location'],
  ['max-forwards'],
  ['proxy-authenticate'],
  ['proxy-authorization'],
  ['range'],
  ['referer'],
  ['refresh'],
  ['retry-after'],
  ['server'],
  ['set-cookie'],
  ['strict-transport-security'],
  ['transfer-encoding'],
  ['user-agent'],
  ['vary'],
  ['via'],
  ['www-authenticate'],
]

/** The last index of this table. The dynamic one goes on behind it (2.3.3). */
export const STATIC_LENGTH = 61

/** By index, which counts from 1. */
export const staticNames: readonly string[] = ['', ...fields.map(([name]) => name)]
export const staticValues: readonly string[] = ['', ...fields.map(([, value = '']) => value)]

/** The first index of each name; fields of one name stand together. */
const firstOf: ReadonlyMap<string, number> = new Map(fields.map(([name], i) => [name, i + 1] as const).reverse())

/** The lowest index with that name, 0 when there is none. */
export function findStaticName(name: string): number {
  return firstOf.get(name) ?? 0
}

/** The index of that field; when only the name is known, its lowest index, negated; 0 when not even that. */
export function findStatic(name: string, value: string): number {
  const first = firstOf.get(name)
  if (first === undefined) return 0
  for (let index = first; index <= STATIC_LENGTH && staticNames[index] === name; index += 1) if (staticValues[index] === value) return index
  return -first
}
