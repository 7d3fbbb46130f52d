import { controllerOf, labelSelectorFrom, type Pod } from '@miniplane/api'
import { keyOf, resources } from '@miniplane/client'
import { type Change, type Controller, watch } from '../manager/controller.js'
import { ownersConcerned } from '../ownership/dependent-changes.js'
import { Expectations, observePod } from '../ownership/expectations.js'
import { controlledBy, indexByController } from '../ownership/indexes.js'
import { rememberedSelector } from '../ownership/selectors.js'
import type { JobObject, PodObject } from './job-pod.js'
import { timing } from './limits.js'
import { isTracked } from './pod-marks.js'
import { JobReconciler, orphanKey, releasePod } from './reconcile.js'
import { ReleasedPods } from './released-pods.js'

const BY_UID = 'uid'

/** Runs Pods to completion, as often as a Job wants. */
export const jobController: Controller = {
  name: 'job-controller',
  pauses: timing.pauses,

  start({ informer, clock }) {
    const jobs = informer(resources.jobs).cache
    const pods = informer(resources.pods).cache
    indexByController(pods)
    jobs.addIndex(BY_UID, ({ metadata }) => [metadata.uid ?? ''])
    const expectations = new Expectations(clock)
    const released = new ReleasedPods()
    const selector = rememberedSelector<JobObject>(({ spec }) => labelSelectorFrom(spec.selector))
    const adoptersOf = ({ metadata }: Pod) =>
      jobs.list(metadata.namespace ?? '').filter((job) => selector(job).matches(metadata.labels))
    const isOrphan = (pod: PodObject) =>
      isTracked(pod) && jobs.byIndex(BY_UID, controllerOf(pod)?.uid ?? '').length === 0
    const jobReconciler = new JobReconciler({
      jobs,
      pods,
      expectations,
      released,
      selector,
      clock,
    })

    const podKeys = (change: Change<PodObject>) => {
      const { type, object } = change
      observePod(change, expectations)
      const owner = controllerOf(object)?.uid
      if (owner !== undefined && (type === 'deleted' || !isTracked(object))) {
        released.remove(owner, object.metadata.uid ?? '')
      }
      const keys = ownersConcerned(change, resources.jobs, adoptersOf)
      if (type !== 'deleted' && isOrphan(object)) keys.add(orphanKey(object))
      return keys
    }

    return {
      watches: [
        watch(resources.jobs, ({ type, object }) => {
          if (type !== 'deleted') return [keyOf(object)]
          const uid = object.metadata.uid ?? ''
          expectations.forget(uid)
          released.forget(uid)
          // Nobody will count its Pods any more, so nothing may hold them.
          return controlledBy(pods, uid).filter(isTracked).map(orphanKey)
        }),
        watch(resources.pods, podKeys),
      ],
      async reconcile(key, work) {
        if (!key.startsWith('pod ')) return jobReconciler.reconcile(key, work)
        const pod = pods.get(key.slice('pod '.length))
        if (pod && isOrphan(pod)) await releasePod(pod, work)
        return undefined
      },
    }
  },
}
