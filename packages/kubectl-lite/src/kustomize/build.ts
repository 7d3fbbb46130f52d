import { toYaml } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { addResources } from './accumulate.js'
import { changeFields, withEntries } from './field-path.js'
import { ANNOTATIONS, REPLICAS, SELECTOR_LABELS, TEMPLATE_LABELS } from './field-specs.js'
import { addHash, generate } from './generators.js'
import { type Kustomization, readKustomization } from './kustomization.js'
import { Loader } from './loader.js'
import { inOrder } from './order.js'
import { fixReferences } from './references.js'
import type { BuildResource } from './resource.js'
import { changeImage } from './transformers/images.js'
import { addPrefix, addSuffix, setNamespace } from './transformers/names.js'
import { applyPatch } from './transformers/patches.js'
import { replace } from './transformers/replacements.js'

export interface BuildOptions {
  /** The folder that `path` is relative to. */
  readonly folder: string
  readonly path: string
  /** Files outside the kustomization's own folder are refused. */
  readonly restricted?: boolean
  readonly warn: (text: string) => void
}

/** Builds a kustomization as `kubectl kustomize` prints it. Throws `CommandError`. */
export function buildKustomization({
  folder,
  path,
  restricted = true,
  warn,
}: BuildOptions): string {
  const loader = Loader.open(folder, path, restricted)
  const kustomization = readKustomization(loader, warn)
  const resources = accumulate(loader, kustomization, warn, [])
  for (const resource of resources) addHash(resource)
  fixReferences(resources)
  return inOrder(resources, kustomization.sortOptions)
    .map(({ object }) => toYaml(object))
    .join('---\n')
}

/** All resources of a folder, changed as its kustomization says; a component changes `into` too. */
export function accumulate(
  loader: Loader,
  kustomization: Kustomization,
  warn: (text: string) => void,
  into: BuildResource[],
): BuildResource[] {
  const resources = into
  const context = { loader, warn, accumulate }
  addResources(resources, kustomization.resources, context)
  const { generatorOptions: options } = kustomization
  for (const one of kustomization.configMapGenerator) {
    generate(resources, 'ConfigMap', one, { loader, options })
  }
  for (const one of kustomization.secretGenerator) {
    generate(resources, 'Secret', one, { loader, options })
  }
  for (const path of kustomization.components) addComponent(resources, path, context)
  transform(resources, kustomization, loader)
  return resources
}

interface Context {
  readonly loader: Loader
  readonly warn: (text: string) => void
}

/** A component is no base: what it says is done to all that is there already. */
function addComponent(resources: BuildResource[], path: string, { loader, warn }: Context): void {
  const nested = (() => {
    try {
      return loader.folder(path)
    } catch (error) {
      const reason = JSON.stringify((error as Error).message)
      throw new CommandError(`accumulating components: loader.New ${reason}`, { cause: error })
    }
  })()
  const fail = (reason: string) =>
    new CommandError(`accumulating components: accumulateDirectory: ${JSON.stringify(reason)}`)
  let kustomization: Kustomization
  try {
    kustomization = readKustomization(nested, warn)
  } catch (error) {
    throw fail(`couldn't make target for path '${nested.root}': ${(error as Error).message}`)
  }
  if (kustomization.kind !== 'Component') {
    const kind = kustomization.kind ?? 'Kustomization'
    throw fail(`expected kind 'Component' for path '${nested.root}' but got '${kind}'`)
  }
  try {
    accumulate(nested, kustomization, warn, resources)
  } catch (error) {
    throw fail(`recursed accumulation of path '${nested.root}': ${(error as Error).message}`)
  }
}

/** The built-in transformers, in the order in which kustomize runs them. */
function transform(resources: BuildResource[], kustomization: Kustomization, loader: Loader): void {
  const each = (change: (resource: BuildResource) => void) => resources.forEach(change)
  const { namespace, namePrefix, nameSuffix, commonLabels, commonAnnotations } = kustomization
  for (const entry of kustomization.patchesStrategicMerge) {
    const inline = entry.includes('\n')
    applyPatch(resources, inline ? { patch: entry } : { path: entry }, loader)
  }
  for (const patch of kustomization.patches) applyPatch(resources, patch, loader)
  if (namespace) each((resource) => setNamespace(resource, namespace))
  if (namePrefix) each((resource) => addPrefix(resource, namePrefix))
  if (nameSuffix) each((resource) => addSuffix(resource, nameSuffix))
  for (const rule of kustomization.labels) {
    const included = rule.includeSelectors
      ? SELECTOR_LABELS
      : rule.includeTemplates
        ? TEMPLATE_LABELS
        : [{ path: 'metadata/labels', create: true }]
    const specs = [...(rule.fields ?? []), ...included]
    each((resource) => changeFields(resource, specs, withEntries(rule.pairs ?? {})))
  }
  if (commonLabels) {
    each((resource) => changeFields(resource, SELECTOR_LABELS, withEntries(commonLabels)))
  }
  if (commonAnnotations) {
    each((resource) => changeFields(resource, ANNOTATIONS, withEntries(commonAnnotations)))
  }
  for (const patch of kustomization.patchesJson6902) applyPatch(resources, patch, loader)
  for (const { name, count } of kustomization.replicas) setReplicas(resources, name, count)
  for (const image of kustomization.images) each((resource) => changeImage(resource, image))
  for (const one of kustomization.replacements) replace(resources, one, loader)
}

function setReplicas(resources: readonly BuildResource[], name: string, count: number): void {
  const scaled = resources.filter(
    ({ ids, id }) =>
      REPLICAS.some(({ kind }) => kind === id.kind) && ids.some((each) => each.name === name),
  )
  if (scaled.length === 0) {
    throw new CommandError(
      `resource with name ${name} does not match a config with the following GVK [Deployment.[noVer].[noGrp] StatefulSet.[noVer].[noGrp] ReplicaSet.[noVer].[noGrp] ReplicationController.[noVer].[noGrp]]`,
    )
  }
  for (const resource of scaled) changeFields(resource, REPLICAS, () => count)
}
