// What ours does with a SendMessage, as one would write it with @gcoredev/proxy-wasm-sdk-as: contexts are its classes, headers
// and metrics its objects, and texts are strings. It reads no further than it must, and knows one rule without a configuration.
export * from '@gcoredev/proxy-wasm-sdk-as/assembly/proxy'
import {
  BufferTypeValues,
  Context,
  Counter,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  RootContext,
  get_buffer_bytes,
  registerRootContext,
  stream_context,
} from '@gcoredev/proxy-wasm-sdk-as/assembly'

const SERVICE = '/apache.rocketmq.v2.MessagingService/'
const WINDOW: u32 = 512

/** Protobuf in a gRPC message of which only the beginning may be there. */
class Reader {
  at: i32
  end: i32
  /** It went beyond what is there. */
  short: bool = false

  constructor(private bytes: Uint8Array, at: i32, end: i32) {
    this.at = at
    this.end = end
  }

  varint(): u64 {
    let value: u64 = 0
    for (let shift: u64 = 0; shift < 64; shift += 7) {
      if (this.at >= min(this.end, this.bytes.length)) {
        this.short = true
        return 0
      }
      const byte = this.bytes[this.at++]
      value |= <u64>(byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    return value
  }

  /** Goes to a field that is a message, a text or a number. False when there is none, or not yet. */
  find(field: u32): bool {
    while (this.at < this.end && !this.short) {
      const tag = <u32>this.varint()
      if (this.short) return false
      if (tag >> 3 == field) return true
      this.skip(tag & 7)
    }
    return false
  }

  skip(type: u32): void {
    if (type == 0) this.varint()
    else if (type == 1) this.at += 8
    else if (type == 5) this.at += 4
    else {
      const length = <i32>this.varint()
      this.at += length
    }
  }

  message(): Reader {
    const length = <i32>this.varint()
    const inner = new Reader(this.bytes, this.at, this.at + length)
    inner.short = this.short
    this.at += length
    return inner
  }

  text(): string {
    const length = <i32>this.varint()
    if (this.at + length > this.bytes.length) {
      this.short = true
      return ''
    }
    const text = String.UTF8.decodeUnsafe(this.bytes.dataStart + this.at, length)
    this.at += length
    return text
  }
}

/** The message behind the five bytes that gRPC puts before it; null when they are not there yet. */
function framed(type: BufferTypeValues, size: u32): Reader | null {
  const bytes = Uint8Array.wrap(get_buffer_bytes(type, 0, min(size, WINDOW)))
  if (bytes.length < 5) return null
  const view = new DataView(bytes.buffer)
  return new Reader(bytes, 5, 5 + <i32>view.getUint32(1))
}

class RoutingRoot extends RootContext {
  held: Counter | null = null
  calls: Map<string, Counter> = new Map()

  createContext(context_id: u32): Context {
    return new RoutingContext(context_id, this)
  }

  onConfigure(configuration_size: u32): bool {
    this.held = new Counter('twin.held')
    return super.onConfigure(configuration_size)
  }

  count(op: string, topic: string, code: string): void {
    const name = `twin.calls.op.${op}.topic.${topic}.group.-.code.${code}.end`
    if (!this.calls.has(name)) this.calls.set(name, new Counter(name))
    this.calls.get(name).increment(1)
  }
}

class RoutingContext extends Context {
  op: string = 'other'
  topic: string = '-'
  code: string = 'none'
  held: bool = false

  constructor(context_id: u32, private root: RoutingRoot) {
    super(context_id, root)
  }

  onRequestHeaders(header_count: u32, end_of_stream: bool): FilterHeadersStatusValues {
    // Nobody but this filter may say where a call goes.
    let path = ''
    const headers = stream_context.headers.request
    const pairs = headers.get_headers()
    for (let i = 0; i < pairs.length; i++) {
      const name = String.UTF8.decode(pairs[i].key)
      if (name == ':path') path = String.UTF8.decode(pairs[i].value)
      else if (name.startsWith('x-fmq-')) headers.remove(name)
    }
    if (!path.startsWith(SERVICE)) return FilterHeadersStatusValues.Continue
    const method = path.substring(SERVICE.length)
    if (method == 'SendMessage') this.op = 'send'
    else if (method == 'Telemetry') this.op = 'telemetry'
    if (this.op != 'send' || end_of_stream) return FilterHeadersStatusValues.Continue
    this.held = true
    const held = this.root.held
    if (held) held.increment(1)
    return FilterHeadersStatusValues.StopIteration
  }

  onRequestBody(body_buffer_length: usize, end_of_stream: bool): FilterDataStatusValues {
    if (!this.held) return FilterDataStatusValues.Continue
    // SendMessageRequest.messages = 1, Message.topic = 1, Resource.name = 2
    const request = framed(BufferTypeValues.HttpRequestBody, <u32>body_buffer_length)
    if (request !== null && request.find(1)) {
      const message = request.message()
      if (message.find(1)) {
        const resource = message.message()
        if (resource.find(2)) {
          const name = resource.text()
          if (!resource.short) this.topic = name
        }
      }
    }
    if (this.topic == '-' && !end_of_stream) return FilterDataStatusValues.StopIterationAndBuffer
    this.held = false
    const isPayments = this.topic == 'payments' || this.topic.startsWith('payments-')
    stream_context.headers.request.replace('x-fmq-cluster', isPayments ? 'west' : 'east')
    return FilterDataStatusValues.Continue
  }

  onResponseBody(body_buffer_length: usize, end_of_stream: bool): FilterDataStatusValues {
    if (this.code != 'none') return FilterDataStatusValues.Continue
    // SendMessageResponse.status = 1, Status.code = 1
    const response = framed(BufferTypeValues.HttpResponseBody, <u32>body_buffer_length)
    if (response !== null && response.find(1)) {
      const status = response.message()
      if (status.find(1)) {
        const code = status.varint()
        if (!status.short) {
          this.code = code.toString()
        }
      }
    }
    return FilterDataStatusValues.Continue
  }

  onLog(): void {
    this.root.count(this.op, this.topic, this.code)
  }
}

registerRootContext((context_id: u32) => {
  return new RoutingRoot(context_id)
}, 'routing')
