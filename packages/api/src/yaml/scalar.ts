import { YamlError } from './errors.js'
import { type Resolved, resolvePlain } from './resolve.js'
import type { Token } from './scanner.js'

export type Scalar = Resolved & { readonly text: string }

const RESOLVING_TAGS = new Set(['!!null', '!!bool', '!!int', '!!float', '!!merge'])

/** What a scalar means, given its style and its tag (empty for none). */
export function scalarOf({ text, style, mark }: Token, tag: string): Scalar {
  if (tag === '!!binary')
    return { type: 'string', text: Buffer.from(text, 'base64').toString('utf8') }
  if (tag === '' ? style !== 'plain' : !RESOLVING_TAGS.has(tag)) return { type: 'string', text }
  const resolved = resolvePlain(text)
  if (tag === '!!float' && resolved.type === 'int')
    return { type: 'float', value: Number(resolved.value), text }
  if (tag !== '' && tag !== `!!${resolved.type}`)
    throw new YamlError(`yaml: cannot decode !!str \`${text}\` as a ${tag}`, mark)
  return { ...resolved, text }
}

export function toJson(scalar: Scalar): unknown {
  switch (scalar.type) {
    case 'null':
      return null
    case 'bool':
    case 'int':
      return scalar.value
    case 'float':
      if (!Number.isFinite(scalar.value))
        throw new YamlError(`json: unsupported value: ${goInfinity(scalar.value)}`)
      return scalar.value
    default:
      return scalar.text
  }
}

function goInfinity(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}
