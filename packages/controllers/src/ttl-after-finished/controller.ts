import { isStatusError, type Job, type KubeObject, parseTime } from '@miniplane/api'
import { keyOf, resources } from '@miniplane/client'
import { type Controller, requeueAfter, watch } from '../manager/controller.js'

/** Deletes Jobs some time after they have ended, if they say so. */
export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',

  start({ informer, clock }) {
    const jobs = informer(resources.jobs).cache
    return {
      watches: [
        watch(resources.jobs, ({ type, object }) =>
          type !== 'deleted' && expiryMs(object) !== undefined ? [keyOf(object)] : [],
        ),
      ],
      async reconcile(key, { client }) {
        const job = jobs.get(key)
        const atMs = job && expiryMs(job)
        if (job === undefined || atMs === undefined) return undefined
        const leftMs = atMs - clock.now()
        if (leftMs > 0) return requeueAfter(leftMs)
        const { name = '', namespace = '', uid = '', resourceVersion = '' } = job.metadata
        try {
          await client.of(resources.jobs).delete(name, {
            namespace,
            propagationPolicy: 'Foreground',
            preconditions: { uid, resourceVersion },
          })
        } catch (error) {
          if (!isStatusError(error, 'NotFound')) throw error
        }
        return undefined
      },
    }
  },
}

/** Undefined while the Job runs, or when it is to stay. */
function expiryMs({ spec, status, metadata }: Job & KubeObject): number | undefined {
  if (spec.ttlSecondsAfterFinished === undefined || metadata.deletionTimestamp) return undefined
  const end = status.conditions?.find(
    ({ type, status: value }) => value === 'True' && (type === 'Complete' || type === 'Failed'),
  )
  if (!end?.lastTransitionTime) return undefined
  return parseTime(end.lastTransitionTime) + spec.ttlSecondsAfterFinished * 1000
}
