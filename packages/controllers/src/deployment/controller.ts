import { labelSelectorFrom, type ReplicaSet } from '@miniplane/api'
import { keyOf, resources } from '@miniplane/client'
import { type Controller, watch } from '../manager/controller.js'
import { ownerKeyOf } from '../ownership/claim.js'
import { ownersConcerned } from '../ownership/dependent-changes.js'
import { controlledBy, indexByController } from '../ownership/indexes.js'
import { rememberedSelector } from '../ownership/selectors.js'
import { deploymentReconcile } from './reconcile.js'
import type { DeploymentObject } from './session.js'

/** Rolls a Deployment's ReplicaSets from one template to the next. */
export const deploymentController: Controller = {
  name: 'deployment-controller',

  start(context) {
    const deployments = context.informer(resources.deployments).cache
    const replicaSets = context.informer(resources.replicaSets).cache
    const pods = context.informer(resources.pods).cache
    indexByController(replicaSets)
    indexByController(pods)
    const selector = rememberedSelector<DeploymentObject>(({ spec }) =>
      labelSelectorFrom(spec.selector),
    )
    const adoptersOf = (orphan: ReplicaSet) =>
      deployments
        .list(orphan.metadata.namespace ?? '')
        .filter((each) => selector(each).matches(orphan.metadata.labels))

    return {
      watches: [
        watch(resources.deployments, ({ object }) => [keyOf(object)]),
        watch(resources.replicaSets, (change) =>
          ownersConcerned(change, resources.deployments, adoptersOf),
        ),
        // Recreate waits for the last Pod to be gone, which no ReplicaSet's status shows.
        watch(resources.pods, ({ type, object }) => {
          if (type !== 'deleted') return []
          const owner = ownerKeyOf(object, resources.replicaSets)
          const replicaSet = owner === undefined ? undefined : replicaSets.get(owner)
          const key = replicaSet && ownerKeyOf(replicaSet, resources.deployments)
          const deployment = key === undefined ? undefined : deployments.get(key)
          if (!replicaSet || !deployment || deployment.spec.strategy.type !== 'Recreate') return []
          const left = controlledBy(replicaSets, deployment.metadata.uid ?? '').some(
            ({ metadata }) => controlledBy(pods, metadata.uid ?? '').length > 0,
          )
          return left ? [] : [keyOf(deployment)]
        }),
      ],
      reconcile: deploymentReconcile({ deployments, replicaSets, pods, selector }, context),
    }
  },
}
