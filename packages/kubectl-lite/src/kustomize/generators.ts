import { basename } from 'node:path'
import type { KubeObject } from '@miniplane/api'
import { hashedName } from '../commands/create/content-hash.js'
import { isUtf8 } from '../commands/create/key-values.js'
import { CommandError } from '../errors/errors.js'
import type { Generator, GeneratorOptions } from './kustomization.js'
import type { Loader } from './loader.js'
import { BuildResource, type ResourceId, sameId } from './resource.js'

type Kind = 'ConfigMap' | 'Secret'

/** Makes the resource that a generator describes, or changes the one that it adds to. */
export function generate(
  resources: BuildResource[],
  kind: Kind,
  generator: Generator,
  { loader, options }: { loader: Loader; options: GeneratorOptions | undefined },
): void {
  const merged = mergeOptions(generator.options, options)
  const pairs = readPairs(loader, generator)
  const metadata = {
    name: generator.name,
    ...(generator.namespace ? { namespace: generator.namespace } : {}),
    ...(merged.labels ? { labels: merged.labels } : {}),
    ...(merged.annotations ? { annotations: merged.annotations } : {}),
  }
  const object: KubeObject = {
    apiVersion: 'v1',
    kind,
    ...(kind === 'Secret' ? secretContent(pairs) : configMapContent(pairs)),
    ...(merged.immutable ? { immutable: true } : {}),
    metadata,
    ...(kind === 'Secret' ? { type: generator.type ?? 'Opaque' } : {}),
  }
  absorb(resources, new BuildResource(object, !merged.disableNameSuffixHash), generator.behavior)
}

function mergeOptions(
  own: GeneratorOptions | undefined,
  global: GeneratorOptions | undefined,
): GeneratorOptions {
  const labels = { ...global?.labels, ...own?.labels }
  const annotations = { ...global?.annotations, ...own?.annotations }
  return {
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    disableNameSuffixHash: Boolean(own?.disableNameSuffixHash || global?.disableNameSuffixHash),
    immutable: Boolean(own?.immutable || global?.immutable),
  }
}

function absorb(resources: BuildResource[], made: BuildResource, behavior = 'unspecified'): void {
  const { id } = made
  const index = resources.findIndex((one) => one.ids.some((each) => sameId(each, id)))
  const existing = resources[index]
  const changes = behavior === 'merge' || behavior === 'replace'
  const refuse = (reason: string) =>
    new CommandError(`merging from generator &{}: id resid.ResId${goId(id)} ${reason}`)
  if (!existing) {
    if (changes) throw refuse('does not exist; cannot merge or replace')
    resources.push(made)
    return
  }
  if (!changes) {
    throw refuse(`exists; can not use behavior: '${behavior}', behavior must be merge or replace`)
  }
  const { metadata } = existing.object
  const fresh = made.object
  const maps = ['data', 'binaryData'] as const
  const merged = Object.fromEntries(
    maps.flatMap((field) => {
      const old = behavior === 'merge' ? (existing.object[field] as object | undefined) : undefined
      const all = { ...old, ...(fresh[field] as object | undefined) }
      return Object.keys(all).length > 0 ? [[field, all]] : []
    }),
  )
  const mergedMetadata = {
    ...metadata,
    ...mergedMap('labels', metadata.labels, fresh.metadata.labels),
    ...mergedMap('annotations', metadata.annotations, fresh.metadata.annotations),
  }
  existing.object = { ...fresh, ...merged, metadata: mergedMetadata }
  existing.needsHash = made.needsHash
}

/** As Go prints the struct. */
const goId = ({ group, version, kind, name, namespace }: ResourceId): string =>
  `{Gvk:resid.Gvk{Group:"${group}", Version:"${version}", Kind:"${kind}", isClusterScoped:false}, Name:"${name}", Namespace:"${namespace}"}`

const mergedMap = (field: string, old: object | undefined, fresh: object | undefined) =>
  old || fresh ? { [field]: { ...old, ...fresh } } : {}

function readPairs(loader: Loader, generator: Generator): Map<string, Buffer> {
  const { literals = [], files = [], envs = [], env } = generator
  const found: [string, Buffer][] = []
  const add = (key: string, value: Buffer) => found.push([key, value])
  const sources = env ? [...envs, env] : envs
  within(`env source files: [${sources.join(' ')}]`, () => {
    for (const path of sources) {
      for (const [key, value] of envPairs(loader.file(path).toString('utf8'))) add(key, value)
    }
  })
  within(`literal sources [${literals.join(' ')}]`, () => {
    for (const literal of literals) {
      const equals = literal.indexOf('=')
      if (equals <= 0) {
        throw new CommandError(`invalid literal source ${literal}, expected key=value`)
      }
      const value = literal.slice(equals + 1).replace(/^(["'])(.*)\1$/s, '$2')
      add(literal.slice(0, equals), Buffer.from(value))
    }
  })
  within(`file sources: [${files.join(' ')}]`, () => {
    for (const source of files) {
      const equals = source.indexOf('=')
      const path = source.slice(equals + 1)
      add(equals < 0 ? basename(path) : source.slice(0, equals), loader.file(path))
    }
  })
  const pairs = new Map<string, Buffer>()
  for (const [key, value] of found) {
    if (pairs.has(key)) {
      throw new CommandError(`configmap ${generator.name} illegally repeats the key \`${key}\``)
    }
    pairs.set(key, value)
  }
  return pairs
}

function within(what: string, read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw new CommandError(`loading KV pairs: ${what}: ${error.message}`, { cause: error })
  }
}

function* envPairs(text: string): Iterable<[string, Buffer]> {
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const equals = line.indexOf('=')
    const key = equals < 0 ? line : line.slice(0, equals)
    yield [key, Buffer.from(equals < 0 ? '' : line.slice(equals + 1))]
  }
}

function configMapContent(pairs: ReadonlyMap<string, Buffer>) {
  const text = [...pairs].filter(([, bytes]) => isUtf8(bytes))
  const binary = [...pairs].filter(([, bytes]) => !isUtf8(bytes))
  return {
    ...(text.length > 0
      ? { data: Object.fromEntries(text.map(([key, bytes]) => [key, bytes.toString('utf8')])) }
      : {}),
    ...(binary.length > 0 ? { binaryData: inBase64(binary) } : {}),
  }
}

const secretContent = (pairs: ReadonlyMap<string, Buffer>) => ({ data: inBase64([...pairs]) })

const inBase64 = (pairs: readonly (readonly [string, Buffer])[]) =>
  Object.fromEntries(pairs.map(([key, bytes]) => [key, bytes.toString('base64')]))

/** Names that say what they hold, so that whoever uses them is rolled out anew. */
export function addHash(resource: BuildResource): void {
  if (!resource.needsHash) return
  const { kind, data = '', binaryData, stringData, type, metadata } = resource.object
  // Of the content alone: kustomize looks for the name in the wrong place and finds none.
  const name = ''
  const content =
    kind === 'Secret'
      ? { kind, type, name, data, ...(stringData ? { stringData } : {}) }
      : { kind, name, data, ...(binaryData ? { binaryData } : {}) }
  resource.rename({ name: hashedName(metadata.name ?? '', content) })
}
