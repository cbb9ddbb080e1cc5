// What is wrong with a configuration, each with its JSON path. All of it is reported at once, so that nobody has to fix,
// reload and be told the next one.

const MOST = 20

export class Problems {
  lines: string[] = []
  more: i32 = 0

  add(path: string, what: string): void {
    if (this.lines.length < MOST) this.lines.push(path + ': ' + what)
    else this.more++
  }

  get any(): bool {
    return this.lines.length > 0
  }
}

function isPlain(key: string): bool {
  if (key.length == 0) return false
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i)
    const letter = (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c == 95 || c == 36 || c == 45
    if (!letter && !(i > 0 && c >= 48 && c <= 57)) return false
  }
  return true
}

export function keyPath(path: string, key: string): string {
  return isPlain(key) ? path + '.' + key : path + '["' + key + '"]'
}

export function indexPath(path: string, index: i32): string {
  return path + '[' + index.toString() + ']'
}
