import { badRequest, type KubeObject, type SelfSubjectRulesReview } from '@miniplane/api'
import type { Authorizer, ResourceRule } from '../../authz/authorizer.js'
import type { UserInfo } from '../../pipeline/stage.js'

/** What `user` may do in a namespace. The question is not repeated. */
export function rulesReview(
  authorizer: Authorizer,
  user: UserInfo,
  sent: SelfSubjectRulesReview,
): KubeObject {
  const { namespace } = sent.spec
  if (!namespace) throw badRequest('no namespace on request')
  const rules = authorizer.rulesFor(user, namespace)
  const { resourceRules, nonResourceRules, incomplete, errors } = rules
  return {
    ...sent,
    metadata: {},
    spec: {},
    status: {
      resourceRules: resourceRules.map(resourceRule),
      nonResourceRules,
      incomplete,
      ...(errors.length > 0 && { evaluationError: errors.join(', ') }),
    },
  } as KubeObject
}

const resourceRule = ({ resourceNames, ...rule }: ResourceRule): object => ({
  ...rule,
  ...(resourceNames.length > 0 && { resourceNames }),
})
