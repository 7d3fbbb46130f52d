import { type KubeObject, parseYaml, splitYamlDocuments, YamlError } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { flattenList, isObject } from '../resolve/documents.js'
import { type Kustomization, readKustomization } from './kustomization.js'
import type { Loader } from './loader.js'
import { BuildResource, idText, sameId } from './resource.js'

export interface Accumulation {
  readonly loader: Loader
  readonly warn: (text: string) => void
  /** Builds what another folder's kustomization says. */
  readonly accumulate: (
    loader: Loader,
    kustomization: Kustomization,
    warn: (text: string) => void,
    into: BuildResource[],
  ) => BuildResource[]
}

/** Adds what `resources` names: files of manifests, or folders with a kustomization of their own. */
export function addResources(
  resources: BuildResource[],
  paths: readonly string[],
  accumulation: Accumulation,
): void {
  for (const path of paths) {
    try {
      addOne(resources, path, accumulation)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      throw new CommandError(`accumulating resources: ${error.message}`, { cause: error })
    }
  }
}

/** Text that is no YAML at all; that there is no such folder would not help anybody then. */
class MalformedFile extends CommandError {}

function addOne(resources: BuildResource[], path: string, accumulation: Accumulation): void {
  let fault: CommandError
  try {
    addFile(resources, path, accumulation.loader)
    return
  } catch (error) {
    if (!(error instanceof CommandError) || error instanceof MalformedFile) throw error
    fault = error
  }
  try {
    addFolder(resources, accumulation.loader.folder(path), accumulation)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw new CommandError(`accumulation err='${fault.message}': ${error.message}`)
  }
}

function addFile(resources: BuildResource[], path: string, loader: Loader): void {
  let added: BuildResource[]
  try {
    added = resourcesOf(loader.file(path).toString('utf8'), path)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const message = `accumulating resources from '${path}': ${error.message}`
    throw error instanceof MalformedFile ? new MalformedFile(message) : new CommandError(message)
  }
  merge(resources, added, `merging resources from '${path}'`)
}

function merge(resources: BuildResource[], added: readonly BuildResource[], doing: string): void {
  for (const resource of added) {
    const { id } = resource
    if (resources.some((one) => sameId(one.id, id))) {
      throw new CommandError(
        `${doing}: may not add resource with an already registered id: ${idText(id)}`,
      )
    }
    resources.push(resource)
  }
}

function addFolder(resources: BuildResource[], nested: Loader, accumulation: Accumulation): void {
  const { warn, accumulate } = accumulation
  let kustomization: Kustomization
  try {
    kustomization = readKustomization(nested, warn)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw new CommandError(`couldn't make target for path '${nested.root}': ${error.message}`)
  }
  if (kustomization.kind === 'Component') {
    throw new CommandError(`expected kind != 'Component' for path '${nested.root}'`)
  }
  let added: BuildResource[]
  try {
    added = accumulate(nested, kustomization, warn, [])
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw new CommandError(`recursed accumulation of path '${nested.root}': ${error.message}`)
  }
  merge(resources, added, `recursed merging from path '${nested.root}'`)
}

function resourcesOf(text: string, path: string): BuildResource[] {
  const found: BuildResource[] = []
  try {
    for (const document of splitYamlDocuments(text)) {
      const { value } = parseYaml(document.text)
      if (value === null || value === undefined) continue
      for (const object of flattenList(value as KubeObject)) {
        found.push(new BuildResource(checked(object)))
      }
    }
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new MalformedFile(`MalformedYAMLError: ${error.message} in File: ${path}`)
  }
  return found
}

function checked(object: KubeObject): KubeObject {
  if (!isObject(object) || (!object.kind && !isObject(object.metadata))) {
    throw new CommandError('missing Resource metadata')
  }
  const { apiVersion = '', kind = '', metadata } = object
  if (!kind) throw new CommandError(`missing kind in object {{${apiVersion} } {{ } map[] map[]}}`)
  if (!metadata?.name && !metadata?.generateName && !kind.endsWith('List')) {
    throw new CommandError(
      `missing metadata.name in object {{${apiVersion} ${kind}} {{ } map[] map[]}}`,
    )
  }
  return object
}
