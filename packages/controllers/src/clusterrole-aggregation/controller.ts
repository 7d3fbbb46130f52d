import { isEqual } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { type Controller, watch } from '../manager/controller.js'
import { aggregatedRules } from './aggregated-rules.js'

/**
 * Keeps the rules of every ClusterRole with an `aggregationRule` those of the roles that it
 * selects: whoever adds a role with such a label adds to `view`, `edit` and `admin`.
 */
export const clusterRoleAggregation: Controller = {
  name: 'clusterrole-aggregation-controller',

  start(context) {
    const roles = context.informer(resources.clusterRoles).cache
    return {
      watches: [
        // Any role may be one that others select.
        watch(resources.clusterRoles, function* () {
          for (const { metadata, aggregationRule } of roles.list())
            if (aggregationRule) yield metadata.name ?? ''
        }),
      ],
      async reconcile(name, { client }) {
        const role = roles.get(name)
        if (!role?.aggregationRule) return undefined
        const rules = aggregatedRules(role, roles.list())
        if (isEqual(rules, role.rules ?? [])) return undefined
        const wanted = {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name },
          rules,
        }
        await client.of(resources.clusterRoles).patch(name, wanted, {
          type: 'apply',
          fieldManager: 'clusterrole-aggregation-controller',
          force: true,
        })
        return undefined
      },
    }
  },
}
