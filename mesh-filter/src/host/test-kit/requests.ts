import type { HeaderList } from '../header-map.ts'

/** A length-delimited protobuf field of less than 128 bytes. */
export function field(number: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string)
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes])
}

export function frame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** QueryRouteRequest { topic { name } }, framed. */
export function queryRoute(topic: string): Buffer {
  return frame(field(1, field(2, topic)))
}

export function callHeaders(method: string, ...more: HeaderList): HeaderList {
  return [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', `/apache.rocketmq.v2.MessagingService/${method}`],
    [':authority', 'broker:8081'],
    ['te', 'trailers'],
    ['content-type', 'application/grpc'],
    ...more,
  ]
}
