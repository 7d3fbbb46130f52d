import { isEqual, labelSelectorFrom, type Pod } from '@miniplane/api'
import { keyOf, resources } from '@miniplane/client'
import { type Change, type Controller, watch } from '../manager/controller.js'
import { ownerKeyOf } from '../ownership/claim.js'
import { ownersConcerned } from '../ownership/dependent-changes.js'
import { Expectations, observePod } from '../ownership/expectations.js'
import { indexByController } from '../ownership/indexes.js'
import { rememberedSelector } from '../ownership/selectors.js'
import { revisionStore } from '../revision-history/revisions.js'
import type { NodeObject } from './nodes.js'
import { placementOn } from './placement.js'
import { type DaemonSetObject, HASH_LABEL } from './pod-template.js'
import { DaemonSetReconciler } from './reconcile.js'

/** Keeps one Pod on every node that a DaemonSet wants. */
export const daemonSetController: Controller = {
  name: 'daemonset-controller',
  serviceAccount: 'daemon-set-controller',

  start({ informer, clock }) {
    const sets = informer(resources.daemonSets).cache
    const pods = informer(resources.pods).cache
    const nodes = informer(resources.nodes).cache
    const history = informer(resources.controllerRevisions).cache
    indexByController(pods)
    const revisions = revisionStore(history, resources.daemonSets, HASH_LABEL)
    const expectations = new Expectations(clock)
    const selector = rememberedSelector<DaemonSetObject>(({ spec }) =>
      labelSelectorFrom(spec.selector),
    )
    const parts = { sets, pods, nodes, revisions, expectations, selector, clock }
    const reconciler = new DaemonSetReconciler(parts)
    const adoptersOf = ({ metadata }: Pod) =>
      sets.list(metadata.namespace ?? '').filter((set) => selector(set).matches(metadata.labels))

    return {
      watches: [
        watch(resources.daemonSets, ({ type, object, old }) => {
          const gone = type === 'deleted' ? object : old
          const uid = gone?.metadata.uid ?? ''
          if (gone && (type === 'deleted' || uid !== object.metadata.uid)) {
            expectations.forget(uid)
            reconciler.forget(uid)
          }
          return [keyOf(object)]
        }),
        watch(resources.pods, (change) => {
          observePod(change, expectations)
          return ownersConcerned(change, resources.daemonSets, adoptersOf)
        }),
        watch(resources.nodes, (change) => setsConcerned(change, sets.list())),
        watch(resources.controllerRevisions, ({ type, object }) => {
          const owner = ownerKeyOf(object, resources.daemonSets)
          return type === 'deleted' && owner !== undefined ? [owner] : []
        }),
      ],
      reconcile: reconciler.reconcile,
    }
  },
}

/** Heartbeats are changes too: most of what happens to a node is no DaemonSet's business. */
function* setsConcerned(
  { type, object, old }: Change<NodeObject>,
  sets: readonly DaemonSetObject[],
): Iterable<string> {
  if (old && type === 'updated' && isSamePlace(old, object)) return
  for (const set of sets) {
    if (type === 'deleted' || old === undefined) {
      if (placementOn(set, object).mayStay) yield keyOf(set)
    } else if (!isEqual(placementOn(set, old), placementOn(set, object))) yield keyOf(set)
  }
}

const isSamePlace = (old: NodeObject, node: NodeObject): boolean =>
  isEqual(old.metadata.labels, node.metadata.labels) && isEqual(old.spec.taints, node.spec.taints)
