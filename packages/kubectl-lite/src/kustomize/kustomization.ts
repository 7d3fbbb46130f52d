import { parseYaml, YamlError } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { isObject } from '../resolve/documents.js'
import type { FieldSpec } from './field-path.js'
import type { Loader } from './loader.js'
import type { SortOptions } from './order.js'

type Strings = Readonly<Record<string, string>>

export interface GeneratorOptions {
  readonly labels?: Strings
  readonly annotations?: Strings
  readonly disableNameSuffixHash?: boolean
  readonly immutable?: boolean
}

export interface Generator {
  readonly name: string
  readonly namespace?: string
  readonly behavior?: string
  readonly literals?: readonly string[]
  readonly files?: readonly string[]
  readonly envs?: readonly string[]
  readonly env?: string
  readonly type?: string
  readonly options?: GeneratorOptions
}

export interface Selector {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly labelSelector?: string
  readonly annotationSelector?: string
}

export interface Patch {
  readonly path?: string
  readonly patch?: string
  readonly target?: Selector
  readonly options?: { readonly allowNameChange?: boolean; readonly allowKindChange?: boolean }
}

export interface Image {
  readonly name: string
  readonly newName?: string
  readonly newTag?: string
  readonly tagSuffix?: string
  readonly digest?: string
}

export interface LabelRule {
  readonly pairs?: Strings
  readonly includeSelectors?: boolean
  readonly includeTemplates?: boolean
  readonly fields?: readonly FieldSpec[]
}

export interface ReplacementSource extends Selector {
  readonly fieldPath?: string
  readonly options?: ReplacementOptions
}

export interface ReplacementOptions {
  readonly delimiter?: string
  readonly index?: number
  readonly create?: boolean
}

export interface Replacement {
  readonly path?: string
  readonly source?: ReplacementSource
  readonly targets?: readonly {
    readonly select: Selector
    readonly reject?: readonly Selector[]
    readonly fieldPaths?: readonly string[]
    readonly options?: ReplacementOptions
  }[]
}

/** A `kustomization.yaml`, with what it may be called in older ones brought to today's names. */
export interface Kustomization {
  readonly apiVersion?: string
  readonly kind?: string
  readonly resources: readonly string[]
  readonly components: readonly string[]
  readonly namePrefix?: string
  readonly nameSuffix?: string
  readonly namespace?: string
  readonly labels: readonly LabelRule[]
  readonly commonLabels?: Strings
  readonly commonAnnotations?: Strings
  readonly patchesStrategicMerge: readonly string[]
  readonly patches: readonly Patch[]
  readonly patchesJson6902: readonly Patch[]
  readonly images: readonly Image[]
  readonly replicas: readonly { readonly name: string; readonly count: number }[]
  readonly replacements: readonly Replacement[]
  readonly configMapGenerator: readonly Generator[]
  readonly secretGenerator: readonly Generator[]
  readonly generatorOptions?: GeneratorOptions
  readonly sortOptions?: SortOptions
}

const LISTS = [
  'bases',
  'components',
  'configMapGenerator',
  'images',
  'imageTags',
  'labels',
  'patches',
  'patchesJson6902',
  'patchesStrategicMerge',
  'replacements',
  'replicas',
  'resources',
  'secretGenerator',
] as const

const KNOWN: ReadonlySet<string> = new Set([
  ...LISTS,
  'apiVersion',
  'kind',
  'metadata',
  'commonAnnotations',
  'commonLabels',
  'generatorOptions',
  'namePrefix',
  'nameSuffix',
  'namespace',
  'sortOptions',
])

/** Fields of the format that this build does nothing for, which it must not pass over. */
const UNSUPPORTED = [
  'buildMetadata',
  'configurations',
  'crds',
  'generators',
  'helmChartInflationGenerator',
  'helmCharts',
  'helmGlobals',
  'openapi',
  'transformers',
  'validators',
  'vars',
]

const DEPRECATED = {
  bases: 'resources',
  commonLabels: 'labels',
  imageTags: 'images',
  patchesJson6902: 'patches',
  patchesStrategicMerge: 'patches',
} as const

const FILE_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']

/** Reads the one kustomization of a folder; `warn` hears of old fields. */
export function readKustomization(loader: Loader, warn: (text: string) => void): Kustomization {
  const value = parse(kustomizationText(loader))
  for (const field of Object.keys(value)) {
    if (UNSUPPORTED.includes(field)) {
      throw new CommandError(`kustomization field "${field}" is not supported`)
    }
    if (!KNOWN.has(field)) {
      throw new CommandError(`invalid Kustomization: json: unknown field ${JSON.stringify(field)}`)
    }
  }
  checkFieldTypes(value)
  for (const [field, instead] of Object.entries(DEPRECATED)) {
    if (!Array.isArray(value[field]) && !isObject(value[field])) continue
    warn(
      `# Warning: '${field}' is deprecated. Please use '${instead}' instead. Run 'kustomize edit fix' to update your Kustomization automatically.\n`,
    )
  }
  const { apiVersion: _, kind: __, ...content } = value
  if (Object.keys(content).length === 0) throw new CommandError('kustomization.yaml is empty')
  checkType(value, loader.root)
  const list = (field: (typeof LISTS)[number]) => (value[field] as readonly never[]) ?? []
  const lists = Object.fromEntries(LISTS.map((field) => [field, list(field)]))
  return {
    ...value,
    ...lists,
    resources: [...list('resources'), ...list('bases')],
    images: [...list('images'), ...list('imageTags')],
  } as unknown as Kustomization
}

function kustomizationText(loader: Loader): string {
  const found = FILE_NAMES.flatMap((name) => {
    try {
      return [loader.file(name).toString('utf8')]
    } catch (error) {
      if (error instanceof CommandError) return []
      throw error
    }
  })
  if (found.length > 1) {
    throw new CommandError(`Found multiple kustomization files under: ${loader.root}\n`)
  }
  const [text] = found
  if (text !== undefined) return text
  throw new CommandError(
    `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${loader.root}'`,
  )
}

function parse(text: string): Record<string, unknown> {
  try {
    const { value } = parseYaml(text)
    return isObject(value) ? value : {}
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new CommandError(`invalid Kustomization: ${error.message}`, { cause: error })
  }
}

const TEXTS = ['bases', 'components', 'patchesStrategicMerge', 'resources']
const TEXT_MAPS = ['commonAnnotations', 'commonLabels']
const TEXT = ['namePrefix', 'nameSuffix', 'namespace']

/** Fields that hold something else than text, as Go's decoder complains. */
function checkFieldTypes(value: Record<string, unknown>): void {
  for (const [field, held] of Object.entries(value)) {
    const refuse = (found: unknown, type: string) => {
      if (found === null || goJsonType(found) === type) return
      throw new CommandError(
        `invalid Kustomization: json: cannot unmarshal ${goJsonType(found)} into Go struct field Kustomization.${field} of type ${type}`,
      )
    }
    if (TEXT.includes(field)) refuse(held, 'string')
    if (TEXTS.includes(field)) {
      if (Array.isArray(held)) for (const item of held) refuse(item, 'string')
      else refuse(held, '[]string')
    }
    if (TEXT_MAPS.includes(field)) {
      if (isObject(held)) for (const item of Object.values(held)) refuse(item, 'string')
      else refuse(held, 'map[string]string')
    }
  }
}

function goJsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function checkType({ kind, apiVersion }: Record<string, unknown>, root: string): void {
  const faults: string[] = []
  if (kind && kind !== 'Kustomization' && kind !== 'Component') {
    faults.push('kind should be Kustomization or Component')
  }
  const version = kind === 'Component' ? 'v1alpha1' : 'v1beta1'
  if (apiVersion && apiVersion !== `kustomize.config.k8s.io/${version}`) {
    const named = kind ?? 'Kustomization'
    faults.push(`apiVersion for ${named} should be kustomize.config.k8s.io/${version}`)
  }
  if (faults.length === 0) return
  throw new CommandError(`Failed to read kustomization file under ${root}:\n${faults.join('\n')}`)
}
