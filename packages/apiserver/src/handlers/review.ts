import {
  type ApiResponse,
  formatTime,
  genericServerResponse,
  type KubeObject,
  type ResourceDefinition,
} from '@miniplane/api'
import type { AccessAttributes } from '../authz/authorizer.js'
import { managerName } from '../field-managers/manager-name.js'
import { decodeBody } from '../negotiation/decode-object.js'
import { writeOptions } from '../negotiation/options.js'
import { respondEncodable, unstored } from '../negotiation/respond.js'
import type { RequestContext, UserInfo } from '../pipeline/stage.js'
import { negotiateObject } from './present.js'
import type { Services } from './scope.js'

const GROUPS = new Set(['authentication.k8s.io', 'authorization.k8s.io'])

/** Kinds that are questions: created, answered, and never stored. */
export const isReview = ({ group, verbs }: ResourceDefinition): boolean =>
  GROUPS.has(group) && verbs.length === 1 && verbs[0] === 'create'

interface ReviewSpec {
  resourceAttributes?: {
    namespace?: string
    verb?: string
    group?: string
    resource?: string
    subresource?: string
    name?: string
  }
  nonResourceAttributes?: { path?: string; verb?: string }
  user?: string
  uid?: string
  groups?: string[]
  token?: string
  audiences?: string[]
}

/** Answers TokenReviews, SubjectAccessReviews and their kin. */
export async function handleReview(
  services: Services,
  definition: ResourceDefinition,
  context: RequestContext,
): Promise<ApiResponse> {
  if (context.request.method !== 'POST' || context.info.name !== '')
    throw genericServerResponse(405, context.request.method, { group: '', resource: '' }, '')
  const representation = negotiateObject(context)
  const options = writeOptions(context.request.query, 'CreateOptions')
  const sent = decodeBody(context, services.catalog, definition, options.fieldValidation)
  const manager = managerName(options.fieldManager, context.request.headers['user-agent'])
  services.fieldManagers.of(definition, '').update(undefined, sent, manager)
  const status = await answer(services, definition, (sent.spec ?? {}) as ReviewSpec, context)
  const isSelf = definition.kind === 'SelfSubjectReview'
  const metadata = isSelf
    ? { ...sent.metadata, creationTimestamp: formatTime(services.clock.now()) }
    : sent.metadata
  const answered: KubeObject = { ...sent, metadata, status }
  return respondEncodable(201, unstored(answered), representation)
}

async function answer(
  services: Services,
  { kind }: ResourceDefinition,
  spec: ReviewSpec,
  { user }: RequestContext,
): Promise<unknown> {
  switch (kind) {
    case 'SelfSubjectReview':
      return { userInfo: userInfoOf(user) }
    case 'TokenReview':
      return tokenStatus(services, spec)
    case 'SelfSubjectRulesReview':
      return {
        resourceRules: [],
        nonResourceRules: [],
        incomplete: true,
        evaluationError: 'rules are not known to this authorizer',
      }
    case 'SelfSubjectAccessReview':
      return accessStatus(services, user, spec)
    default: {
      const { user: name = '', groups = [], uid } = spec
      return accessStatus(services, { name, groups, ...(uid !== undefined && { uid }) }, spec)
    }
  }
}

function accessStatus(services: Services, user: UserInfo, spec: ReviewSpec): unknown {
  const { decision, reason } = services.authorizer.authorize(user, accessOf(spec))
  return { allowed: decision === 'allow', ...(reason && { reason }) }
}

function accessOf({ resourceAttributes, nonResourceAttributes }: ReviewSpec): AccessAttributes {
  const {
    namespace = '',
    verb = '',
    group = '',
    resource = '',
    subresource = '',
    name = '',
  } = resourceAttributes ?? {}
  const path = nonResourceAttributes?.path ?? ''
  const isResource = nonResourceAttributes === undefined
  return {
    isResource,
    verb: isResource ? verb : (nonResourceAttributes?.verb ?? ''),
    path,
    group,
    namespace,
    resource,
    subresource,
    name,
  }
}

async function tokenStatus(services: Services, { token = '', audiences }: ReviewSpec) {
  const user = await services.authenticateToken(token)
  if (!user) return { user: {}, error: '[invalid bearer token, token lookup failed]' }
  return { authenticated: true, user: userInfoOf(user), ...(audiences && { audiences }) }
}

const userInfoOf = ({ name, uid, groups, extra }: UserInfo) => ({
  username: name,
  ...(uid !== undefined && { uid }),
  groups: [...groups],
  ...(extra && { extra }),
})
