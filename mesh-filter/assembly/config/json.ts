// A strict JSON reader (RFC 8259): no comments, no trailing commas, no key twice, bounded depth. It runs at configuration
// time only, so it may use managed objects; the collector takes them back when the configuration has been compiled.
import { isUtf8 } from '../protocol/names'

export const JSON_NULL: u32 = 0
export const JSON_BOOLEAN: u32 = 1
export const JSON_NUMBER: u32 = 2
export const JSON_STRING: u32 = 3
export const JSON_ARRAY: u32 = 4
export const JSON_OBJECT: u32 = 5

const KIND_NAMES: StaticArray<string> = ['null', 'a boolean', 'a number', 'a string', 'an array', 'an object']
const MAX_DEPTH: u32 = 32

export class Json {
  number: f64 = 0
  text: string = ''
  keys: string[] = []
  items: Json[] = []
  constructor(public kind: u32) {}

  get kindName(): string {
    return KIND_NAMES[this.kind]
  }

  get(key: string): Json | null {
    const at = this.keys.indexOf(key)
    return at < 0 ? null : this.items[at]
  }
}

/** The outcome of `parseJson`: `error` is empty exactly when `value` is there. */
export class Parsed {
  constructor(
    public value: Json | null,
    public error: string,
  ) {}
}

export function parseJson(at: usize, length: usize): Parsed {
  const reader = new Reader(at, at + length)
  if (!isUtf8(at, <u32>length)) return new Parsed(null, 'the text is not valid UTF-8')
  const value = reader.value(0)
  if (value !== null) {
    reader.space()
    if (reader.at < reader.end) reader.fail('nothing more expected after the value')
  }
  return reader.error.length > 0 ? new Parsed(null, reader.error) : new Parsed(value, '')
}

class Reader {
  error: string = ''
  start: usize
  constructor(
    public at: usize,
    public end: usize,
  ) {
    this.start = at
  }

  peek(): i32 {
    return this.at < this.end ? <i32>load<u8>(this.at) : -1
  }

  space(): void {
    while (this.at < this.end) {
      const byte = load<u8>(this.at)
      if (byte != 32 && byte != 10 && byte != 13 && byte != 9) return
      this.at++
    }
  }

  fail(what: string): Json | null {
    if (this.error.length == 0) {
      let lineNumber = 1
      let column = 1
      for (let p = this.start; p < this.at; p++) {
        if (load<u8>(p) == 10) {
          lineNumber++
          column = 1
        } else column++
      }
      this.error = 'not JSON: ' + what + ' (line ' + lineNumber.toString() + ', column ' + column.toString() + ')'
    }
    return null
  }

  value(depth: u32): Json | null {
    if (depth > MAX_DEPTH) return this.fail('nested too deep')
    this.space()
    const byte = this.peek()
    if (byte == 123) return this.object(depth)
    if (byte == 91) return this.array(depth)
    if (byte == 34) {
      const node = new Json(JSON_STRING)
      return this.string(node) ? node : null
    }
    if (byte == 45 || (byte >= 48 && byte <= 57)) return this.numeral()
    if (this.word('true')) return flag(true)
    if (this.word('false')) return flag(false)
    if (this.word('null')) return new Json(JSON_NULL)
    return this.fail(byte < 0 ? 'the text ends too early' : 'a value expected')
  }

  word(expected: string): bool {
    const length = <usize>expected.length
    if (this.end - this.at < length) return false
    for (let i: usize = 0; i < length; i++) if (<i32>load<u8>(this.at + i) != expected.charCodeAt(<i32>i)) return false
    this.at += length
    return true
  }

  object(depth: u32): Json | null {
    const node = new Json(JSON_OBJECT)
    this.at++
    this.space()
    if (this.peek() == 125) {
      this.at++
      return node
    }
    while (true) {
      this.space()
      if (this.peek() != 34) return this.fail('a key in double quotes expected')
      const key = new Json(JSON_STRING)
      if (!this.string(key)) return null
      if (node.keys.includes(key.text)) return this.fail('the key "' + key.text + '" stands there twice')
      this.space()
      if (this.peek() != 58) return this.fail("':' expected")
      this.at++
      const item = this.value(depth + 1)
      if (item === null) return null
      node.keys.push(key.text)
      node.items.push(item)
      this.space()
      const byte = this.peek()
      this.at++
      if (byte == 125) return node
      if (byte != 44) {
        this.at--
        return this.fail("',' or '}' expected")
      }
    }
    return null
  }

  array(depth: u32): Json | null {
    const node = new Json(JSON_ARRAY)
    this.at++
    this.space()
    if (this.peek() == 93) {
      this.at++
      return node
    }
    while (true) {
      const item = this.value(depth + 1)
      if (item === null) return null
      node.items.push(item)
      this.space()
      const byte = this.peek()
      this.at++
      if (byte == 93) return node
      if (byte != 44) {
        this.at--
        return this.fail("',' or ']' expected")
      }
    }
    return null
  }

  /** Digits from here on, as a number; -1 when there are none. */
  digits(): f64 {
    let value: f64 = -1
    while (this.at < this.end && load<u8>(this.at) >= 48 && load<u8>(this.at) <= 57) {
      value = max<f64>(value, 0) * 10 + <f64>(load<u8>(this.at) - 48)
      this.at++
    }
    return value
  }

  /** Exact for the whole numbers that a configuration holds; fractions may differ from the nearest double in the last digit. */
  numeral(): Json | null {
    const negative = this.peek() == 45
    if (negative) this.at++
    const from = this.at
    const zero = this.peek() == 48
    let value = this.digits()
    if (value < 0 || (zero && this.at - from > 1)) return this.fail('a number expected')
    let scale: i32 = 0
    if (this.peek() == 46) {
      const point = ++this.at
      const fraction = this.digits()
      if (fraction < 0) return this.fail('digits expected after the point')
      scale = <i32>(point - this.at)
      value = value * power(10, -scale) + fraction
    }
    if (this.peek() == 101 || this.peek() == 69) {
      this.at++
      const sign = this.peek()
      if (sign == 43 || sign == 45) this.at++
      const exponent = this.digits()
      if (exponent < 0) return this.fail('digits expected in the exponent')
      scale += <i32>min<f64>(exponent, 400) * (sign == 45 ? -1 : 1)
    }
    value = scale < 0 ? value / power(10, -scale) : value * power(10, scale)
    const node = new Json(JSON_NUMBER)
    node.number = negative ? -value : value
    return node
  }

  /** Reads a string into `node.text`. */
  string(node: Json): bool {
    this.at++
    let text = ''
    let run = this.at
    while (true) {
      const byte = this.peek()
      if (byte < 0) {
        this.fail('a string ends too early')
        return false
      }
      if (byte < 32) {
        this.fail('a control character in a string')
        return false
      }
      if (byte != 34 && byte != 92) {
        this.at++
        continue
      }
      text += String.UTF8.decodeUnsafe(run, this.at - run)
      this.at++
      if (byte == 34) {
        node.text = text
        return true
      }
      const escaped = this.escape()
      if (escaped < 0) {
        this.fail('an unknown escape in a string')
        return false
      }
      text += String.fromCodePoint(escaped)
      run = this.at
    }
    return false
  }

  escape(): i32 {
    const byte = this.peek()
    this.at++
    if (byte == 34 || byte == 92 || byte == 47) return byte
    if (byte == 98) return 8
    if (byte == 102) return 12
    if (byte == 110) return 10
    if (byte == 114) return 13
    if (byte == 116) return 9
    if (byte != 117) return -1
    const unit = this.hex()
    if (unit < 0xd800 || unit > 0xdfff) return unit
    if (unit > 0xdbff || !this.word('\\u')) return -1
    const low = this.hex()
    return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : -1
  }

  hex(): i32 {
    if (this.end - this.at < 4) return -1
    let unit = 0
    for (let i = 0; i < 4; i++) {
      const byte = <i32>load<u8>(this.at++)
      const low = byte | 32
      if (byte >= 48 && byte <= 57) unit = (unit << 4) | (byte - 48)
      else if (low >= 97 && low <= 102) unit = (unit << 4) | (low - 87)
      else return -1
    }
    return unit
  }
}

function power(base: f64, exponent: i32): f64 {
  let result: f64 = 1
  for (let i = 0; i < exponent; i++) result *= base
  return result
}

function flag(value: bool): Json {
  const node = new Json(JSON_BOOLEAN)
  node.number = value ? 1 : 0
  return node
}
