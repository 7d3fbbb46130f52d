import { labelSelectorFrom } from '@miniplane/api'
import { keyOf, resources } from '@miniplane/client'
import { type Controller, watch } from '../manager/controller.js'
import { ownerKeyOf } from '../ownership/claim.js'
import { ownersConcerned } from '../ownership/dependent-changes.js'
import { indexByController } from '../ownership/indexes.js'
import { rememberedSelector } from '../ownership/selectors.js'
import { revisionStore } from '../revision-history/revisions.js'
import { setsOfClaim } from './claims.js'
import type { StatefulSetObject } from './identity.js'
import { statefulSetReconcile } from './reconcile.js'

/** Keeps Pods that have a name of their own, in order. */
export const statefulSetController: Controller = {
  name: 'statefulset-controller',

  start({ informer, clock }) {
    const sets = informer(resources.statefulSets).cache
    const pods = informer(resources.pods).cache
    const claims = informer(resources.persistentVolumeClaims).cache
    const history = informer(resources.controllerRevisions).cache
    indexByController(pods)
    const kind = resources.statefulSets
    const revisions = revisionStore(history, kind, 'controller.kubernetes.io/hash')
    const selector = rememberedSelector<StatefulSetObject>(({ spec }) =>
      labelSelectorFrom(spec.selector),
    )
    const adoptersOf = (orphan: {
      metadata: { namespace?: string; labels?: Record<string, string> }
    }) =>
      sets
        .list(orphan.metadata.namespace ?? '')
        .filter((set) => selector(set).matches(orphan.metadata.labels))

    return {
      watches: [
        watch(resources.statefulSets, ({ object }) => [keyOf(object)]),
        watch(resources.pods, (change) => ownersConcerned(change, kind, adoptersOf)),
        watch(resources.controllerRevisions, ({ object }) => {
          const owner = ownerKeyOf(object, kind)
          return owner === undefined ? [] : [owner]
        }),
        // A claim that went may be what a Pod waits for.
        watch(resources.persistentVolumeClaims, ({ type, object }) =>
          type === 'deleted' ? setsOfClaim(object, sets.list(object.metadata.namespace)) : [],
        ),
      ],
      reconcile: statefulSetReconcile({ sets, pods, claims, revisions, selector, clock }),
    }
  },
}
