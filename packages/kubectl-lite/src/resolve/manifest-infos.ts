import { type KubeObject, parseLabelSelector } from '@miniplane/api'
import { asError, CommandError } from '../errors/errors.js'
import type { Session } from '../session/session.js'
import { flattenList, isObject, parseDocuments } from './documents.js'
import type { Info } from './info.js'
import { type ManifestNames, readManifests } from './manifest-files.js'

export interface ManifestOptions extends ManifestNames {
  /** The objects stay as they are written: no namespace is filled in. */
  readonly local?: boolean
  /** Check `apiVersion` and `kind` as `--validate` does. */
  readonly validate?: boolean
  /** Keep only objects that match; an equality selector such as `app=web`. */
  readonly selector?: string
}

export interface ManifestInfos {
  readonly infos: Info[]
  /** What is wrong with some of the documents; the others are still good. */
  readonly errors: Error[]
  readonly single: boolean
}

/** Reads manifests and finds the resource of each object in them. */
export async function infosFromManifests(
  session: Session,
  options: ManifestOptions,
): Promise<ManifestInfos> {
  const files = await readManifests(session, options)
  const matches = options.selector ? parseLabelSelector(options.selector) : undefined
  const found: ManifestInfos = { infos: [], errors: [], single: false }
  let lists = 0
  for (const file of files) {
    try {
      for (const { source, value } of parseDocuments(file)) {
        const object = checkDocument(source, value, options.validate ?? false)
        const items = flattenList(object)
        if (items.length !== 1 || items[0] !== object) lists++
        await addInfos(session, found, source, items, options.local ?? false)
      }
    } catch (error) {
      found.errors.push(asError(error))
    }
  }
  const infos = found.infos.filter(
    ({ object }) => !matches || matches.matches(object.metadata.labels ?? {}),
  )
  const single = infos.length === 1 && lists === 0 && files.length === 1
  return { infos, errors: found.errors, single }
}

async function addInfos(
  session: Session,
  found: ManifestInfos,
  source: string,
  items: readonly KubeObject[],
  local: boolean,
): Promise<void> {
  for (const item of items) {
    try {
      const info = await infoFor(session, source, item)
      found.infos.push(local ? { ...info, object: withMetadata(item) } : info)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      found.errors.push(error)
    }
  }
}

function checkDocument(source: string, value: unknown, validate: boolean): KubeObject {
  const refuse = (reason: string) =>
    new CommandError(
      `error validating "${source}": error validating data: ${reason}; if you choose to ignore these errors, turn validation off with --validate=false`,
    )
  if (!isObject(value)) {
    if (validate) throw refuse('invalid object to validate')
    throw new CommandError(
      `unable to decode "${source}": couldn't get version/kind; json parse error: json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    )
  }
  const missing = ['apiVersion', 'kind'].filter((field) => !value[field])
  if (validate && missing.length > 0) {
    const reasons = missing.map((field) => `${field} not set`)
    throw refuse(reasons.length === 1 ? (reasons[0] ?? '') : `[${reasons.join(', ')}]`)
  }
  if (!value.kind) {
    throw new CommandError(
      `unable to decode "${source}": Object 'Kind' is missing in '${JSON.stringify(value)}'`,
    )
  }
  return withMetadata(value)
}

/** Manifests may leave the metadata out; the rest of the program may not have to care. */
const withMetadata = (value: Record<string, unknown>): KubeObject => ({
  ...value,
  metadata: isObject(value.metadata) ? value.metadata : {},
})

async function infoFor(session: Session, source: string, item: KubeObject): Promise<Info> {
  const object = withMetadata(item)
  const { name = '' } = object.metadata
  const apiVersion = object.apiVersion ?? ''
  const resource = (await session.mapper()).forKind(apiVersion, object.kind ?? '')
  if (!resource) {
    throw new CommandError(
      `resource mapping not found for name: "${name}" namespace: "${object.metadata.namespace ?? ''}" from "${source}": no matches for kind "${object.kind}" in version "${apiVersion}"\nensure CRDs are installed first`,
    )
  }
  if (!resource.namespaced) return { resource, namespace: '', name, source, object }
  const namespace = namespaceFor(session, object)
  const placed = { ...object, metadata: { ...object.metadata, namespace } }
  return { resource, namespace, name, source, object: placed }
}

function namespaceFor(session: Session, object: KubeObject): string {
  const own = object.metadata.namespace
  if (!own) return session.namespace
  if (session.enforceNamespace && own !== session.namespace) {
    throw new CommandError(
      `the namespace from the provided object "${own}" does not match the namespace "${session.namespace}". You must pass '--namespace=${own}' to perform this operation.`,
    )
  }
  return own
}
