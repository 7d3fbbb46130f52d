import { type KubeObject, parseYaml, splitYamlDocuments, YamlError } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'

export interface ManifestFile {
  /** As the user wrote it, or the path inside the folder; `STDIN` for standard input. */
  readonly source: string
  readonly text: string
}

/** One document of a manifest, before anything is known about its kind. */
export interface ManifestDocument {
  readonly source: string
  readonly value: unknown
}

/**
 * Takes a manifest apart: YAML documents, JSON values one after another, empty ones left out.
 * Throws at the first broken one; those before it have been given out by then.
 */
export function* parseDocuments(file: ManifestFile): Generator<ManifestDocument> {
  const values = /^\s*\{/.test(file.text) ? jsonValues(file) : yamlValues(file)
  for (const value of values) {
    if (value !== null && value !== undefined) yield { source: file.source, value }
  }
}

const refuse = (file: ManifestFile, reason: string, cause?: unknown): CommandError =>
  new CommandError(`error parsing ${file.source}: ${reason}`, { cause })

function* yamlValues(file: ManifestFile): Generator<unknown> {
  try {
    for (const { text } of splitYamlDocuments(file.text)) yield parseYaml(text).value
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw refuse(file, `error converting YAML to JSON: ${error.message}`, error)
  }
}

/** JSON values written one after another, or as the first documents of a YAML stream. */
function* jsonValues(file: ManifestFile): Generator<unknown> {
  let rest = file.text.trim()
  while (rest !== '') {
    const end = endOfJsonValue(rest)
    if (end === undefined) throw refuse(file, 'unexpected EOF')
    try {
      yield JSON.parse(rest.slice(0, end))
    } catch (error) {
      throw refuse(file, goJsonReason(rest.slice(0, end), error as Error), error)
    }
    rest = rest.slice(end).trim()
    // What follows a separator may be in either form, and YAML reads both.
    if (rest.startsWith('---')) {
      yield* yamlValues({ ...file, text: rest })
      return
    }
  }
}

/** Where the object that a text begins with ends; undefined when it does not. */
function endOfJsonValue(text: string): number | undefined {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '"') {
      i++
      while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1
    } else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') {
      depth--
      if (depth === 0) return i + 1
    }
  }
  return undefined
}

function goJsonReason(text: string, error: Error): string {
  const at = /position (\d+)/.exec(error.message)
  const position = Number(at?.[1] ?? 0)
  const character = text[position] ?? ''
  return `json: line ${text.slice(0, position).split('\n').length}: invalid character '${character}' looking for beginning of value`
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The objects that a document holds: itself, or the items of a list. */
export function flattenList(object: KubeObject): KubeObject[] {
  if (!(object.kind ?? '').endsWith('List') || !Array.isArray(object.items)) return [object]
  return (object.items as KubeObject[]).flatMap((item) => flattenList(item))
}
