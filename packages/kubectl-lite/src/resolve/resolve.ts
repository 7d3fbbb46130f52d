import { type KubeList, type KubeObject, StatusError } from '@miniplane/api'
import { asError, CommandError } from '../errors/errors.js'
import { isNotFound, isReason } from '../errors/status.js'
import { limits } from '../limits.js'
import type { Session } from '../session/session.js'
import { readArguments } from './arguments.js'
import { groupVersionOf, type ResourceInfo } from './discovery.js'
import type { Info } from './info.js'
import { infosFromManifests, type ManifestOptions } from './manifest-infos.js'
import { resourcePath } from './paths.js'

export interface Targets extends ManifestOptions {
  readonly args?: readonly string[]
  readonly selector?: string
  readonly fieldSelector?: string
  readonly all?: boolean
  readonly allNamespaces?: boolean
  /** A bare TYPE means every object of it. */
  readonly bareTypeMeansAll?: boolean
  /** Ask the server for objects that manifests name. */
  readonly latest?: boolean
}

/** One request that resolving led to: a named object, or a list by selector. */
export type Target =
  | {
      readonly by: 'name'
      readonly resource: ResourceInfo
      readonly namespace: string
      readonly name: string
      readonly source: string
    }
  | {
      readonly by: 'list'
      readonly resource: ResourceInfo
      readonly namespace: string
      readonly selector: string
      readonly fieldSelector: string
    }

export interface Resolution {
  readonly targets: readonly Target[]
  /** From manifests: the objects as written. */
  readonly infos: readonly Info[]
  /** What was wrong with some of the manifests. */
  readonly errors: readonly Error[]
  /** The user meant one object: it is printed as itself and not as a list of one. */
  readonly single: boolean
}

export const MISSING_RESOURCE = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`

/** Works out what is meant without asking for the objects yet. */
export async function resolveTargets(session: Session, wanted: Targets): Promise<Resolution> {
  const args = wanted.args ?? []
  if (wanted.kustomize || (wanted.filenames ?? []).length > 0) {
    return resolveFiles(session, wanted, args)
  }
  const requested = readArguments(await session.mapper(), args)
  const bySelector = Boolean(wanted.selector || wanted.fieldSelector || wanted.all)
  if (requested.by === 'nothing') {
    throw new CommandError(
      bySelector ? 'at least one resource must be specified to use a selector' : MISSING_RESOURCE,
    )
  }
  if (requested.by === 'type') {
    if (!bySelector && !wanted.bareTypeMeansAll) {
      throw new CommandError('resource(s) were provided, but no name was specified')
    }
    const targets = requested.types.map((resource) => listTarget(session, wanted, resource))
    return { targets, infos: [], errors: [], single: targets.length === 1 }
  }
  if (bySelector) throw new CommandError(selectorWithName(args))
  if (wanted.allNamespaces) {
    throw new CommandError('a resource cannot be retrieved by name across all namespaces')
  }
  const targets = requested.named.map(({ resource, name }) => ({
    by: 'name' as const,
    resource,
    namespace: resource.namespaced ? session.namespace : '',
    name,
    source: '',
  }))
  return { targets, infos: [], errors: [], single: targets.length === 1 }
}

const selectorWithName = (args: readonly string[]): string =>
  args.some((arg) => arg.includes('/'))
    ? 'selectors and the all flag cannot be used when passing resource/name arguments'
    : 'name cannot be provided when a selector is specified'

function listTarget(session: Session, wanted: Targets, resource: ResourceInfo): Target {
  return {
    by: 'list',
    resource,
    namespace: resource.namespaced && !wanted.allNamespaces ? session.namespace : '',
    selector: wanted.selector ?? '',
    fieldSelector: wanted.fieldSelector ?? '',
  }
}

async function resolveFiles(
  session: Session,
  wanted: Targets,
  args: readonly string[],
): Promise<Resolution> {
  if (args.length > 0) {
    throw new CommandError(
      'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
    )
  }
  const { infos, errors, single } = await infosFromManifests(session, wanted)
  const targets = infos.map(({ resource, namespace, name, source }) => ({
    by: 'name' as const,
    resource,
    namespace,
    name,
    source,
  }))
  return { targets, infos, errors, single }
}

/** What came of asking for the objects: those that are there, and what went wrong with others. */
export interface Visited {
  readonly infos: Info[]
  readonly errors: Error[]
  readonly single: boolean
}

/**
 * The objects a command works on, as the server has them now (manifests as written unless
 * `latest`). One failure does not hide the other objects.
 */
export async function resolveInfos(session: Session, wanted: Targets): Promise<Visited> {
  const { targets, infos, errors, single } = await resolveTargets(session, wanted)
  if (infos.length > 0 && !wanted.latest) return { infos: [...infos], errors: [...errors], single }
  const visited: Visited = { infos: [], errors: [...errors], single }
  for (const target of targets) {
    try {
      visited.infos.push(...(await fetchTarget(session, target)))
    } catch (error) {
      visited.errors.push(asError(error))
    }
  }
  return visited
}

/** Asks the server for one target; a list is taken apart into its objects. */
export async function fetchTarget(
  session: Session,
  target: Target,
  subresource?: string,
): Promise<Info[]> {
  const { resource, namespace } = target
  if (target.by === 'name') {
    const path = resourcePath(resource, namespace, target.name, subresource)
    const object = await getNamed(session, { path, namespace })
    return [{ resource, namespace, name: target.name, source: target.source, object }]
  }
  const items: Info[] = []
  for await (const list of listPages(session, target)) {
    for (const item of list.items) items.push(infoOf(resource, item, list))
  }
  return items
}

/** Gets one object. When it is not there because its namespace is not, the error says so. */
export async function getNamed(
  session: Session,
  request: {
    readonly path: string
    readonly namespace: string
    readonly query?: Readonly<Record<string, string | undefined>>
    readonly accept?: string
  },
): Promise<KubeObject> {
  const { namespace, ...rest } = request
  try {
    return await session.rest.object({ method: 'GET', ...rest })
  } catch (error) {
    if (isNotFound(error) && namespace !== '') {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}`
      await session.rest.object({ method: 'GET', path })
    }
    throw error
  }
}

/** Items of typed lists carry no kind of their own. */
function infoOf(resource: ResourceInfo, item: KubeObject, list: KubeList): Info {
  const object = {
    ...item,
    apiVersion: item.apiVersion ?? list.apiVersion ?? groupVersionOf(resource),
    kind: item.kind ?? resource.kind,
  }
  const { namespace = '', name = '' } = item.metadata
  return { resource, namespace, name, source: '', object }
}

async function* listPages(
  session: Session,
  target: Extract<Target, { by: 'list' }>,
): AsyncGenerator<KubeList> {
  let token: string | undefined
  do {
    const list = (await session.rest
      .object({
        method: 'GET',
        path: resourcePath(target.resource, target.namespace),
        query: listQuery(target, token),
      })
      .catch((error: unknown) => {
        throw explainSelector(error, target)
      })) as unknown as KubeList
    yield list
    token = list.metadata.continue || undefined
  } while (token !== undefined)
}

export const listQuery = (
  target: Extract<Target, { by: 'list' }>,
  token?: string,
): Record<string, string | undefined> => ({
  labelSelector: target.selector || undefined,
  fieldSelector: target.fieldSelector || undefined,
  limit: String(limits.listChunk),
  continue: token,
})

/** A refused selector is shown with the request it was part of. */
export function explainSelector(
  error: unknown,
  { resource, selector, fieldSelector }: Extract<Target, { by: 'list' }>,
): unknown {
  const refused = isReason(error, 'BadRequest') || isReason(error, 'NotFound')
  if (!refused || (selector === '' && fieldSelector === '')) return error
  const gvr = `${resource.group}/${resource.version}, Resource=${resource.resource}`
  return new StatusError({
    ...error.status,
    message: `Unable to find "${gvr}" that match label selector "${selector}", field selector "${fieldSelector}": ${error.status.message}`,
  })
}
