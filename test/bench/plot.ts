/** A line of a plot; points at which nothing was measured are left out. */
export interface Curve {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number; readonly low: number; readonly high: number }[]
}

export interface Plot {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly curves: readonly Curve[]
}

const [width, height] = [640, 360]
const frame = { left: 72, right: 24, top: 56, bottom: 52 }
/** Distinct to people who see no red or no green (Okabe and Ito), and on light as on dark ground. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']
const ink = '#7a7a7a'

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
const coordinate = (value: number): string => value.toFixed(1)

/** A round number from `least` on: 1, 2 or 5 with zeros. */
function roundUp(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5, 10].find((times) => times * power >= least) ?? 10) * power
}

/** `1.5k`, `10M`. */
export function short(value: number): string {
  const [unit, suffix] = value >= 1e6 ? [1e6, 'M'] : value >= 1e3 ? [1e3, 'k'] : [1, '']
  return `${Number((value / unit).toPrecision(3))}${suffix}`
}

/**
 * Lines over a logarithmic axis of sizes and a linear one from nought, as SVG. The spread of each point is a bar through it. Nothing in it depends on the
 * moment, so that the same figures make the same file.
 */
export function svg({ title, x, y, curves }: Plot): string {
  const points = curves.flatMap((curve) => curve.points)
  const sizes = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b)
  const [least = 1, most = least] = [sizes[0], sizes.at(-1)]
  const step = roundUp(Math.max(...points.map(({ high }) => high), Number.MIN_VALUE * 1e20) / 5)
  const steps = Math.max(1, Math.ceil(Math.max(...points.map(({ high }) => high), 0) / step))
  const across = (value: number): string => {
    const share = most === least ? 0.5 : Math.log(value / least) / Math.log(most / least)
    return coordinate(frame.left + share * (width - frame.left - frame.right))
  }
  const up = (value: number): string => coordinate(height - frame.bottom - (value / (steps * step)) * (height - frame.top - frame.bottom))
  const text = (left: number | string, top: number | string, content: string, more = ''): string =>
    `<text x="${left}" y="${top}" fill="${ink}" ${more}>${escaped(content)}</text>`

  const lines: string[] = [text(frame.left, 20, title, 'font-size="15" font-weight="bold"'), text(frame.left, 44, y)]
  for (let n = 0; n <= steps; n += 1) {
    const at = up(n * step)
    lines.push(`<line x1="${frame.left}" x2="${width - frame.right}" y1="${at}" y2="${at}" stroke="${ink}" stroke-opacity="${n === 0 ? 1 : 0.25}"/>`)
    lines.push(text(frame.left - 8, at, short(n * step), 'text-anchor="end" dominant-baseline="middle"'))
  }
  for (const size of sizes) lines.push(text(across(size), height - frame.bottom + 20, short(size), 'text-anchor="middle"'))
  lines.push(text((frame.left + width - frame.right) / 2, height - 8, x, 'text-anchor="middle"'))
  curves.forEach((curve, index) => {
    const colour = colours[index % colours.length]
    const path = curve.points.map((point) => `${across(point.x)},${up(point.y)}`).join(' ')
    lines.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`)
    for (const point of curve.points) {
      const at = across(point.x)
      lines.push(`<line x1="${at}" x2="${at}" y1="${up(point.low)}" y2="${up(point.high)}" stroke="${colour}"/>`)
      lines.push(`<circle cx="${at}" cy="${up(point.y)}" r="3" fill="${colour}"/>`)
    }
    const left = width - frame.right - 8
    lines.push(`<text x="${left}" y="${20 + index * 16}" fill="${colour}" text-anchor="end">${escaped(curve.name)}</text>`)
  })
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" font-family="sans-serif" font-size="12">`
  return `${head}\n<title>${escaped(title)}</title>\n${lines.join('\n')}\n</svg>\n`
}
