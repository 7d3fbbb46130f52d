import {
  type ApiResponse,
  formatTime,
  genericServerResponse,
  type KubeObject,
  type ResourceDefinition,
  type SelfSubjectRulesReview,
  type TokenReview,
} from '@miniplane/api'
import { managerName } from '../field-managers/manager-name.js'
import { decodeBody } from '../negotiation/decode-object.js'
import { writeOptions } from '../negotiation/options.js'
import type { RequestContext } from '../pipeline/stage.js'
import { unstored } from '../storage/unstored.js'
import { placeInNamespace } from './create.js'
import { negotiateObject, presentUntabled } from './present.js'
import { type AccessReview, accessReview } from './reviews/access-review.js'
import { rulesReview } from './reviews/rules-review.js'
import { tokenStatus, userInfoOf } from './reviews/token-review.js'
import type { Services } from './scope.js'

const GROUPS = new Set(['authentication.k8s.io', 'authorization.k8s.io'])

/** Kinds that are questions: created, answered, and never stored. */
export const isReview = ({ group, verbs }: ResourceDefinition): boolean =>
  GROUPS.has(group) && verbs.length === 1 && verbs[0] === 'create'

/** Answers TokenReviews, SubjectAccessReviews and their kin. */
export async function handleReview(
  services: Services,
  definition: ResourceDefinition,
  context: RequestContext,
): Promise<ApiResponse> {
  if (context.request.method !== 'POST' || context.info.name !== '')
    throw genericServerResponse(405, context.request.method, { group: '', resource: '' }, '')
  negotiateObject(context, false, 'untabled')
  const options = writeOptions(context.request.query, 'CreateOptions')
  const sent = decodeBody(context, services.catalog, definition, options.fieldValidation)
  placeInNamespace(sent, { definition, namespace: context.info.namespace || undefined })
  const manager = managerName(options.fieldManager, context.request.headers['user-agent'])
  services.fieldManagers.of(definition, '').update(undefined, sent, manager)
  const answered = await answer(services, definition, sent, context)
  return presentUntabled(definition, context, unstored(answered))
}

/** What was asked, with the answer in its `status`. */
async function answer(
  { authorizer, clock, reviewToken }: Services,
  definition: ResourceDefinition,
  sent: KubeObject,
  { user, info }: RequestContext,
): Promise<KubeObject> {
  const { group } = definition
  switch (definition.kind) {
    case 'SelfSubjectReview': {
      // A new object: whatever was sent is of no concern.
      const metadata = { creationTimestamp: formatTime(clock.now()) }
      const { kind, apiVersion } = sent
      return { kind, apiVersion, metadata, status: { userInfo: userInfoOf(user) } } as KubeObject
    }
    case 'TokenReview':
      return { ...sent, status: await tokenStatus(reviewToken, sent as TokenReview) } as KubeObject
    case 'SelfSubjectRulesReview':
      return rulesReview(authorizer, user, sent as SelfSubjectRulesReview)
    case 'SelfSubjectAccessReview':
      return accessReview(authorizer, { group, sent: sent as AccessReview, self: user })
    case 'LocalSubjectAccessReview': {
      const { namespace } = info
      return accessReview(authorizer, { group, sent: sent as AccessReview, namespace })
    }
    default:
      return accessReview(authorizer, { group, sent: sent as AccessReview })
  }
}
