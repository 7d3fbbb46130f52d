import {
  type KubeObject,
  type PatchOperation,
  parseLabelSelector,
  parseYaml,
  splitYamlDocuments,
  toYaml,
  YamlError,
} from '@miniplane/api'
import { CommandError } from '../../errors/errors.js'
import { patchedByOperations } from '../../patch/json-patch.js'
import { isObject } from '../../resolve/documents.js'
import type { Patch, Selector } from '../kustomization.js'
import type { Loader } from '../loader.js'
import { mergeStrategic } from '../merge.js'
import { BuildResource, idText, sameId } from '../resource.js'

/** Changes resources as a patch says: a strategic merge, or operations of RFC 6902. */
export function applyPatch(resources: BuildResource[], patch: Patch, loader: Loader): void {
  const { text, source } = patchText(patch, loader)
  const values = documents(text)
  const [first] = values
  if (Array.isArray(first)) applyOperations(resources, patch, first, source)
  else if (values.length > 0 && values.every(isObject))
    applyMerges(resources, patch, values as KubeObject[], source)
  else throw refuse(patch, `unable to parse SM or JSON patch from ${source}`)
}

const refuse = (patch: Patch, reason: string): CommandError =>
  new CommandError(
    `trouble configuring builtin PatchTransformer with config: \`\n${toYaml(patch)}\`: ${reason}`,
  )

function patchText(patch: Patch, loader: Loader): { text: string; source: string } {
  const inline = patch.patch?.trim() ?? ''
  if (inline === '' && !patch.path) {
    throw refuse(patch, `must specify one of patch and path in\n${toYaml(patch)}`)
  }
  if (inline !== '' && patch.path) {
    throw refuse(patch, `patch and path can't be set at the same time\n${toYaml(patch)}`)
  }
  if (inline !== '') return { text: inline, source: `[patch: ${JSON.stringify(inline)}]` }
  const path = patch.path ?? ''
  try {
    return { text: loader.file(path).toString('utf8'), source: `[path: ${JSON.stringify(path)}]` }
  } catch (error) {
    throw refuse(
      patch,
      `failed to get the patch file from path(${path}): ${(error as Error).message}`,
    )
  }
}

/** Empty when the text is neither YAML nor JSON; what begins as JSON has to be that. */
function documents(text: string): unknown[] {
  try {
    if (text.startsWith('[')) return [JSON.parse(text)]
    return [...splitYamlDocuments(text)]
      .map((document) => parseYaml(document.text).value)
      .filter((value) => value !== null && value !== undefined)
  } catch (error) {
    if (error instanceof YamlError || error instanceof SyntaxError) return []
    throw error
  }
}

function applyOperations(
  resources: readonly BuildResource[],
  { target }: Patch,
  operations: readonly PatchOperation[],
  source: string,
): void {
  if (!target) throw new CommandError(`must specify a target for JSON patch ${source}`)
  for (const resource of selected(resources, target)) {
    replaceObject(resource, patchedByOperations(resource.object, operations) as KubeObject)
  }
}

function applyMerges(
  resources: BuildResource[],
  patch: Patch,
  merges: readonly KubeObject[],
  source: string,
): void {
  if (patch.target && merges.length > 1) {
    throw new CommandError(
      `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source}`,
    )
  }
  for (const merge of merges) {
    const targets = patch.target
      ? selected(resources, patch.target)
      : [uniqueTarget(resources, new BuildResource(merge))]
    for (const resource of targets) mergeInto(resources, resource, merge, patch)
  }
}

function uniqueTarget(resources: readonly BuildResource[], { id }: BuildResource): BuildResource {
  const [found, other] = resources.filter((one) => one.ids.some((each) => sameId(each, id)))
  const text = idText(id)
  const refuse = (reason: string) =>
    new CommandError(
      `no resource matches strategic merge patch "${text}": ${reason}; failed to find unique target for patch ${text}`,
    )
  if (!found) throw refuse(`no matches for Id ${text}`)
  if (other) throw refuse(`multiple matches for Id ${text}`)
  return found
}

/** What the resource is called and of what kind it is stays, unless the patch may change that. */
function mergeInto(
  resources: BuildResource[],
  resource: BuildResource,
  merge: KubeObject,
  { options }: Patch,
): void {
  const { apiVersion, kind, metadata } = resource.object
  const merged = mergeStrategic(resource.object, merge, resource.definition?.schema) as
    | KubeObject
    | undefined
  if (!merged) {
    resources.splice(resources.indexOf(resource), 1)
    return
  }
  const name = options?.allowNameChange ? merged.metadata.name : metadata.name
  const type = options?.allowKindChange ? {} : { apiVersion, kind }
  const { namespace } = metadata
  replaceObject(resource, {
    ...merged,
    ...type,
    metadata: { ...merged.metadata, name, ...(namespace ? { namespace } : {}) },
  } as KubeObject)
}

function replaceObject(resource: BuildResource, object: KubeObject): void {
  const { name, namespace } = object.metadata
  resource.rename({ ...(name ? { name } : {}), ...(namespace ? { namespace } : {}) })
  resource.object = object
}

/** Resources that a selector means: names and kinds are patterns for the whole of them. */
export function selected(resources: readonly BuildResource[], selector: Selector): BuildResource[] {
  const labels = parseLabelSelector(selector.labelSelector ?? '')
  const annotations = parseLabelSelector(selector.annotationSelector ?? '')
  const fits = (pattern: string | undefined, text: string) =>
    !pattern || new RegExp(`^(?:${pattern})$`).test(text)
  return resources.filter(
    (resource) =>
      resource.ids.some(
        (id) =>
          fits(selector.name, id.name) &&
          fits(selector.namespace, id.namespace) &&
          fits(selector.group, id.group) &&
          fits(selector.version, id.version) &&
          fits(selector.kind, id.kind),
      ) &&
      labels.matches(resource.object.metadata.labels ?? {}) &&
      annotations.matches(resource.object.metadata.annotations ?? {}),
  )
}
