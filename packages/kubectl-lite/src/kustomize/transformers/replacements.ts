import { type KubeObject, parseYaml } from '@miniplane/api'
import { CommandError } from '../../errors/errors.js'
import { isObject } from '../../resolve/documents.js'
import type { Replacement, ReplacementOptions, ReplacementSource } from '../kustomization.js'
import type { Loader } from '../loader.js'
import { type BuildResource, idText } from '../resource.js'
import { selected } from './patches.js'

const NAME = 'metadata.name'

/** Copies a field of one resource into fields of others. */
export function replace(
  resources: readonly BuildResource[],
  replacement: Replacement,
  loader: Loader,
): void {
  for (const { source, targets } of loaded(replacement, loader)) {
    if (!source || !targets) {
      throw new CommandError('replacements must specify a source and at least one target')
    }
    const value = sourceValue(resources, source)
    for (const { select, reject = [], fieldPaths = [NAME], options = {} } of targets) {
      const rejected = new Set(reject.flatMap((one) => selected(resources, one)))
      for (const resource of selected(resources, select)) {
        if (rejected.has(resource)) continue
        for (const path of fieldPaths) setField(resource, path, value, options)
      }
    }
  }
}

function loaded(replacement: Replacement, loader: Loader): readonly Replacement[] {
  if (!replacement.path) return [replacement]
  const { value } = parseYaml(loader.file(replacement.path).toString('utf8'))
  return Array.isArray(value) ? (value as Replacement[]) : [value as Replacement]
}

function sourceValue(resources: readonly BuildResource[], source: ReplacementSource): unknown {
  const { fieldPath = NAME, options, ...selector } = source
  const [found, other] = selected(resources, selector)
  if (!found) throw new CommandError(`nothing selected by ${sourceText(source)}`)
  if (other) throw new CommandError(`multiple matches for selector ${sourceText(source)}`)
  const [value] = valuesAt(found.object, split(fieldPath))
  if (value === undefined) {
    throw new CommandError(
      `fieldPath \`${fieldPath}\` is missing for replacement source ${sourceText(source)}`,
    )
  }
  const { delimiter, index = 0 } = options ?? {}
  return delimiter ? String(value).split(delimiter)[index] : value
}

const sourceText = ({
  kind = '',
  version,
  group,
  name = '',
  namespace,
  fieldPath = '',
}: ReplacementSource) =>
  `${idText({ kind: kind || '[noKind]', version: version ?? '', group: group ?? '', name: name || '[noName]', namespace: namespace ?? '' })}:${fieldPath}`

/** `spec.containers.[name=web].image`, where `\.` is a dot of a name. */
const split = (path: string): string[] =>
  (path.match(/\[[^\]]*\]|(?:\\.|[^.[])+/g) ?? []).map((part) => part.replaceAll('\\.', '.'))

function valuesAt(value: unknown, parts: readonly string[]): unknown[] {
  const [part, ...rest] = parts
  if (part === undefined) return value === undefined ? [] : [value]
  return keysOf(value, part).flatMap((key) =>
    valuesAt((value as Record<string | number, unknown>)[key], rest),
  )
}

/** Which members of a map or list a part of a path means. */
function keysOf(value: unknown, part: string): (string | number)[] {
  if (Array.isArray(value)) {
    if (part === '*') return value.map((_, index) => index)
    if (/^\d+$/.test(part)) return Number(part) < value.length ? [Number(part)] : []
    const [, field = '', wanted = ''] = /^\[(.*?)=(.*)\]$/.exec(part) ?? []
    return value.flatMap((item, index) => {
      const own = field === '' ? item : isObject(item) ? item[field] : undefined
      return String(own) === wanted ? [index] : []
    })
  }
  return isObject(value) && Object.hasOwn(value, part) ? [part] : []
}

function setField(
  resource: BuildResource,
  path: string,
  value: unknown,
  options: ReplacementOptions,
): void {
  const copy = structuredClone(resource.object) as KubeObject
  const parts = split(path)
  const last = parts.pop() ?? ''
  const holders = holdersAt(copy, parts, options.create ?? false)
  let done = false
  for (const holder of holders) {
    const found = keysOf(holder, last)
    const keys = found.length > 0 || !options.create || Array.isArray(holder) ? found : [last]
    for (const key of keys) {
      const members = holder as Record<string | number, unknown>
      const spliced = splice(members[key], value, options)
      // Text stays text, and metadata is nothing else.
      const isText = typeof members[key] === 'string' || path.startsWith('metadata.')
      members[key] = isText ? String(spliced) : spliced
      done = true
    }
  }
  if (!done) {
    throw new CommandError(`unable to find field ${JSON.stringify(path)} in replacement target`)
  }
  const { name, namespace } = copy.metadata
  resource.rename({ ...(name ? { name } : {}), ...(namespace ? { namespace } : {}) })
  resource.object = copy
}

function holdersAt(value: unknown, parts: readonly string[], create: boolean): unknown[] {
  const [part, ...rest] = parts
  if (part === undefined) return [value]
  if (create && isObject(value) && !Object.hasOwn(value, part)) value[part] = {}
  return keysOf(value, part).flatMap((key) =>
    holdersAt((value as Record<string | number, unknown>)[key], rest, create),
  )
}

/** One part of a text between delimiters, or the whole of it. */
function splice(old: unknown, value: unknown, { delimiter, index = 0 }: ReplacementOptions) {
  if (!delimiter) return value
  const parts = String(old ?? '').split(delimiter)
  if (index < 0) parts.unshift(String(value))
  else if (index >= parts.length) parts.push(String(value))
  else parts[index] = String(value)
  return parts.join(delimiter)
}
