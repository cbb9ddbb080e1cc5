import { header, nameFunction, numberFunction } from './names.ts'
import type { EnumType, Schema } from './schema.ts'

function emitEnum(type: EnumType): string {
  const { name, values } = type
  const names = values.map((value) => `'${value.name}'`)
  const table = `${name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`
  // A switch over small dense numbers and a lookup of constant keys: both are what V8 is best at.
  return `/** Values of the enum ${name}; a number stands for a value that this build does not know. */
export type ${name} =
  | ${names.join('\n  | ')}

const ${table}_NUMBERS: Readonly<Record<${name}, number>> = {
${values.map((value) => `  ${value.name}: ${value.number},`).join('\n')}
}

/** The number of a ${name}; a number stands for itself. @throws {TypeError} for a name that the enum does not have. */
export function ${numberFunction(name)}(value: ${name} | number): number {
  if (typeof value === 'number') return value
  const known = ${table}_NUMBERS[value]
  if (known === undefined) throw new TypeError(\`\${value} is no value of the enum ${name}\`)
  return known
}

/** The name of a ${name}, or the number itself when this build does not know it. */
export function ${nameFunction(name)}(number: number): ${name} | number {
  switch (number) {
${values.map((value) => `    case ${value.number}:\n      return '${value.name}'`).join('\n')}
    default:
      return number
  }
}

/** All values of ${name} with their numbers. */
export const ${nameFunction(name)}s: readonly (readonly [name: ${name}, number: number])[] = [
${values.map((value) => `  ['${value.name}', ${value.number}],`).join('\n')}
]
`
}

export function emitEnums(schema: Schema): string {
  return `${header('rocketmq/v2/*.proto')}\n\n${schema.enums.map(emitEnum).join('\n')}`
}
