import { type KubeObject, labelSelectorFrom, type Pod, type ReplicaSet } from '@miniplane/api'
import { keyOf, resources } from '@miniplane/client'
import {
  type Controller,
  type ControllerContext,
  type RunningController,
  watch,
} from '../manager/controller.js'
import { ownersConcerned } from '../ownership/dependent-changes.js'
import { Expectations, observePod } from '../ownership/expectations.js'
import { indexByController } from '../ownership/indexes.js'
import { rememberedSelector } from '../ownership/selectors.js'
import { ReplicaReconciler } from './reconcile.js'
import type { ReplicaOwnerKind } from './replica-owner.js'

/** Keeps as many Pods as a ReplicaSet wants. */
export const replicaSetController: Controller = replicaController<ReplicaSet & KubeObject>({
  controllerName: 'replicaset-controller',
  ref: resources.replicaSets,
  replicas: ({ spec }) => spec.replicas ?? 1,
  minReadySeconds: ({ spec }) => spec.minReadySeconds ?? 0,
  template: ({ spec }) => spec.template,
  selector: ({ spec }) => labelSelectorFrom(spec.selector),
  status: ({ status }) => status,
})

/** The controller of any kind that is a number of equal Pods. */
export function replicaController<T extends KubeObject>(kind: ReplicaOwnerKind<T>): Controller {
  return { name: kind.controllerName, start: (context) => start(kind, context) }
}

function start<T extends KubeObject>(
  kind: ReplicaOwnerKind<T>,
  context: ControllerContext,
): RunningController {
  const owners = context.informer(kind.ref).cache
  const pods = context.informer(resources.pods).cache
  indexByController(owners)
  indexByController(pods)
  const expectations = new Expectations(context.clock)
  const selector = rememberedSelector(kind.selector)

  const adoptersOf = (orphan: Pod) =>
    owners
      .list(orphan.metadata.namespace ?? '')
      .filter((owner) => selector(owner).matches(orphan.metadata.labels))

  return {
    watches: [
      watch(kind.ref, ({ type, object, old }) => {
        const gone = type === 'deleted' ? object : old
        if (gone !== undefined && (type === 'deleted' || isAnother(gone, object))) {
          expectations.forget(gone.metadata.uid ?? '')
        }
        return [keyOf(object)]
      }),
      watch(resources.pods, (change) => {
        observePod(change, expectations)
        return ownersConcerned(change, kind.ref, adoptersOf)
      }),
    ],
    reconcile: new ReplicaReconciler(kind, { owners, pods, expectations, selector, context })
      .reconcile,
  }
}

const isAnother = (old: KubeObject, object: KubeObject): boolean =>
  old.metadata.uid !== object.metadata.uid
