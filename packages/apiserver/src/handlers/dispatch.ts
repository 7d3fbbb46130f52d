import {
  type ApiRequest,
  type ApiResponse,
  badRequest,
  genericServerResponse,
  type ResourceDefinition,
  type StatusError,
  type SubresourceDefinition,
  type Verb,
} from '@miniplane/api'
import { passOn } from '../aggregation/pass-on.js'
import { parseBody } from '../negotiation/body.js'
import { deprecationOf } from '../negotiation/deprecations.js'
import { queryBoolean } from '../negotiation/query.js'
import { pageNotFound } from '../negotiation/respond.js'
import type { RequestInfo } from '../pipeline/request-info.js'
import type { RequestContext } from '../pipeline/stage.js'
import type { Resource } from '../registry/resource.js'
import { handleComponentStatus } from './component-status.js'
import { CONNECTIONS, handleConnect } from './connect/connect.js'
import { handleCreate } from './create.js'
import { handleDelete } from './delete.js'
import { handleDeleteCollection } from './delete-collection.js'
import { handleGet } from './get.js'
import { handleList } from './list.js'
import { handlePatch } from './patch.js'
import { handleReview, isReview } from './review.js'
import type { Scope, Services } from './scope.js'
import { handleOwnConnect, handleSubresourceCreate, subresourceStrategy } from './subresource.js'
import { handleToken } from './token.js'
import { handleUpdate } from './update.js'
import { handleWatch } from './watch.js'

type ResourceHandler = (
  services: Services,
  scope: Scope,
  context: RequestContext,
) => Promise<ApiResponse>

const HANDLERS: Readonly<Record<Verb, ResourceHandler>> = {
  create: handleCreate,
  get: handleGet,
  list: handleList,
  watch: handleWatch,
  update: handleUpdate,
  patch: handlePatch,
  delete: handleDelete,
  deletecollection: handleDeleteCollection,
}

const NO_RESOURCE = { group: '', resource: '' }

/** Finds the handler of a request for a resource. Answers 404 and 405 as the real router does. */
export async function dispatchResource(
  services: Services,
  context: RequestContext,
): Promise<ApiResponse> {
  const { info, request } = context
  const definition = services.catalog.byResource(info.group, info.version, info.resource)
  if (!definition) {
    const remote = services.remoteServices.find(info.group, info.version)
    if (remote) return passOn(services, remote, context)
    if (!hasGroup(services, info)) return pageNotFound()
    throw unknownResource(request.method)
  }
  checkRoute(definition, info, request)
  if (isReview(definition)) return handleReview(services, definition, context)
  const { resources } = services
  const resource = resources.of(definition)
  // Nearly always: then nobody has to wait.
  const isReady = resource.storage.isStarted
  const scope = scopeOf(isReady ? resource : await resources.ready(definition), info)
  const handler = handlerOf(scope, context)
  const deprecation = deprecationOf(definition)
  if (deprecation) context.warnings.push(deprecation)
  return handler(services, scope, context)
}

const hasGroup = ({ catalog }: Services, { group }: RequestInfo) =>
  group === '' || catalog.all().some((one) => one.group === group)

const unknownResource = (method: string): StatusError =>
  genericServerResponse(404, method, NO_RESOURCE, '')
const wrongMethod = (method: string): StatusError =>
  genericServerResponse(405, method, NO_RESOURCE, '')

/** Whether such a URL exists for the resource, whatever the method. */
function checkRoute(
  definition: ResourceDefinition,
  info: RequestInfo,
  { method, query }: ApiRequest,
): void {
  const { namespaced, subresources, resource, verbs } = definition
  const [, name = '', subresource = '', ...rest] = info.parts
  // `/api/v1/proxy/…` is long gone: the verb is known to roles, and no method may hide behind it.
  if (info.verb === 'proxy') throw unknownResource(method)
  const isNamespaceItself =
    resource === 'namespaces' && info.group === '' && name === info.namespace
  if (!namespaced && info.namespace !== '' && !isNamespaceItself) throw unknownResource(method)
  if (namespaced && info.namespace === '' && name !== '') throw unknownResource(method)
  if (subresource !== '' && !subresources.has(subresource)) throw unknownResource(method)
  if (rest.length > 0 && subresource !== 'proxy') throw unknownResource(method)
  const isCreatedOnly = definition.kind === 'Binding' || isReview(definition)
  if (isCreatedOnly && name !== '') throw unknownResource(method)
  // The old form of a watch knows objects and collections only, of what can be watched.
  if (info.verb === 'watch' && subresource !== '') throw unknownResource(method)
  const isOldWatch = info.verb === 'watch' && !queryBoolean(query, 'watch')
  if (isOldWatch && !verbs.includes('watch')) throw unknownResource(method)
  const isPassedOn = subresource === 'proxy'
  if ((method === 'HEAD' || method === 'OPTIONS') && !isPassedOn) throw wrongMethod(method)
}

function scopeOf(resource: Resource, { namespace, parts }: RequestInfo): Scope {
  const { definition } = resource
  const [, name = '', subresourceName = ''] = parts
  return {
    definition,
    resource,
    namespace: definition.namespaced && namespace !== '' ? namespace : undefined,
    name,
    subresource: definition.subresources.get(subresourceName),
  }
}

const VERBS: Readonly<Record<string, readonly [object: Verb, collection: Verb]>> = {
  GET: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
}

function handlerOf(scope: Scope, { request, info }: RequestContext): ResourceHandler {
  const { method } = request
  // Whatever the method: it is the other side's business.
  if (scope.subresource?.name === 'proxy') {
    checkNotDryRun(request)
    return handleConnect
  }
  const isObject = scope.name !== ''
  if (method === 'GET' || method === 'DELETE') checkName(scope.name)
  const verb = info.verb === 'watch' ? 'watch' : VERBS[method]?.[isObject ? 0 : 1]
  if (!verb || (verb === 'watch' && method !== 'GET')) throw wrongMethod(method)
  if (scope.subresource) {
    const { name } = scope.subresource
    const handler = subresourceHandler(scope.subresource, scope, verb, method)
    // A log is only read.
    if (CONNECTIONS.has(name) && name !== 'log') checkNotDryRun(request)
    return handler
  }
  if (scope.definition.kind === 'ComponentStatus' && method === 'GET') return handleComponentStatus
  if (!scope.definition.verbs.includes(verb)) throw wrongMethod(method)
  if (scope.definition.kind === 'Binding') return handleBindings
  // Collections are read in a namespace or over all; objects are made and deleted in one.
  if (isObject && verb === 'create') throw wrongMethod(method)
  if (!isObject && (verb === 'update' || verb === 'patch')) throw wrongMethod(method)
  const isInNamespace = verb === 'create' || verb === 'deletecollection'
  if (isInNamespace && scope.definition.namespaced && scope.namespace === undefined)
    throw wrongMethod(method)
  return HANDLERS[verb]
}

/** What could not be part of a path is no name. */
function checkName(name: string): void {
  const isDots = name === '.' || name === '..'
  const problem = isDots ? `may not be '${name}'` : name.includes('%') && "may not contain '%'"
  if (problem) throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${problem}`)
}

/** There is no trying out a conversation. */
function checkNotDryRun({ query }: ApiRequest): void {
  if (query.get('dryRun')) throw badRequest('dryRun is not supported')
}

function subresourceHandler(
  { name, verbs }: SubresourceDefinition,
  scope: Scope,
  verb: Verb,
  method: string,
): ResourceHandler {
  if (!verbs.includes(verb)) throw wrongMethod(method)
  if (subresourceStrategy(scope)?.connect) return handleOwnConnect
  if (CONNECTIONS.has(name)) return handleConnect
  if (name === 'token') return handleToken
  switch (verb) {
    case 'create':
      return handleSubresourceCreate
    case 'get':
      return handleGet
    case 'update':
      return handleUpdate
    case 'patch':
      return handlePatch
    default:
      throw wrongMethod(method)
  }
}

/** POST bindings: the old way to bind a Pod, whose name stands in the body. */
async function handleBindings(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  const pods = services.catalog.byResource('', 'v1', 'pods')
  const { value } = parseBody(context.request, false, (problem) => problem)
  const name = (value as { metadata?: { name?: string } } | null)?.metadata?.name ?? ''
  if (!pods) throw unknownResource(context.request.method)
  const resource = await services.resources.ready(pods)
  const subresource = pods.subresources.get('binding')
  const ofPod: Scope = { ...scope, definition: pods, resource, name, subresource }
  return handleSubresourceCreate(services, ofPod, context)
}
