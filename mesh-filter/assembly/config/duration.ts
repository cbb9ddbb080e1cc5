/** Durations as the whole project writes them: `<number><ms|s|m|h|d>`. -1 when the text is no duration. */
export function durationMs(text: string): f64 {
  let i = 0
  let value: f64 = 0
  let scale: f64 = 1
  let digits = 0
  let pointed = false
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c == 46 && !pointed && digits > 0) pointed = true
    else if (c >= 48 && c <= 57) {
      digits++
      value = value * 10 + <f64>(c - 48)
      if (pointed) scale *= 10
    } else break
  }
  if (digits == 0 || text.charCodeAt(i - 1) == 46) return -1
  const unit = text.substring(i)
  let factor: f64 = -1
  if (unit == 'ms') factor = 1
  else if (unit == 's') factor = 1000
  else if (unit == 'm') factor = 60000
  else if (unit == 'h') factor = 3600000
  else if (unit == 'd') factor = 86400000
  return factor < 0 ? -1 : (value / scale) * factor
}
