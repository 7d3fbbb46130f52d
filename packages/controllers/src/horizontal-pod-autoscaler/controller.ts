import { type autoscalingV1, isStatusError, parseGroupVersion, StatusError } from '@miniplane/api'
import { keyOf, type ResourceClient, resources } from '@miniplane/client'
import type { Work } from '../manager/controller.js'
import { type Controller, type Outcome, requeueAfter, watch } from '../manager/controller.js'
import { decide } from './decision.js'
import { timing } from './limits.js'
import { metricProblem } from './metrics.js'
import { Rivals } from './rivals.js'
import { type Autoscaler, Session } from './session.js'

const MIN_REPLICAS = 1

/**
 * Keeps what an autoscaler targets within its bounds. Beyond that it would need metrics, and says
 * so. Autoscalers are looked at by the clock alone, first one period after their creation.
 */
export const horizontalPodAutoscalerController: Controller = {
  name: 'horizontal-pod-autoscaler',

  start({ informer, everyResource, queue, clock }) {
    const autoscalers = informer(resources.horizontalPodAutoscalers).cache
    const rivals = new Rivals(informer(resources.pods).cache)

    const targetOf = ({ spec: { scaleTargetRef } }: Autoscaler, work: Work) => {
      const { kind, apiVersion = '' } = scaleTargetRef
      const { group } = parseGroupVersion(apiVersion)
      const resource = everyResource.byKind({ group, kind })
      if (resource) return work.client.of(resource)
      throw new NoSuchKindError(
        `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`,
      )
    }

    return {
      watches: [
        watch(resources.horizontalPodAutoscalers, ({ type, object }) => {
          if (type === 'added') queue.addAfter(keyOf(object), timing.syncPeriodMs)
          if (type === 'deleted') rivals.forget(keyOf(object))
          return []
        }),
      ],
      async synced() {
        if (everyResource.all.length === 0) await everyResource.refresh()
      },
      async reconcile(key, work): Promise<Outcome | undefined> {
        const autoscaler = autoscalers.get(key)
        if (autoscaler === undefined) return undefined
        const session = new Session(autoscaler, work, clock.now())
        await reconcile(session, () => targetOf(autoscaler, work), rivals)
        return requeueAfter(timing.syncPeriodMs)
      },
    }
  },
}

class NoSuchKindError extends Error {
  override readonly name = 'NoSuchKindError'
}

async function reconcile(
  session: Session,
  target: () => ResourceClient,
  rivals: Rivals,
): Promise<void> {
  const { metadata, spec } = session.autoscaler
  const namespace = metadata.namespace ?? ''
  let scale: autoscalingV1.Scale
  try {
    scale = await target().getScale(spec.scaleTargetRef.name, { namespace })
  } catch (error) {
    if (!(error instanceof StatusError || error instanceof NoSuchKindError)) throw error
    session.event('Warning', 'FailedGetScale', error.message)
    const message = `the HPA controller was unable to get the target's current scale: ${error.message}`
    session.condition('AbleToScale', 'False', 'FailedGetScale', message)
    return session.save()
  }
  const got = "the HPA controller was able to get the target's current scale"
  session.condition('AbleToScale', 'True', 'SucceededGetScale', got)
  const current = scale.spec.replicas ?? 0
  const decision = decide(current, spec.minReplicas ?? MIN_REPLICAS, spec.maxReplicas)
  switch (decision.type) {
    case 'disabled': {
      const message = 'scaling is disabled since the replica count of the target is zero'
      session.condition('ScalingActive', 'False', 'ScalingDisabled', message)
      return session.save({ currentReplicas: current, desiredReplicas: current })
    }
    case 'rescale':
      return rescale(session, target(), scale, decision)
    case 'measure':
      return measure(session, scale, rivals)
  }
}

async function rescale(
  session: Session,
  target: ResourceClient,
  scale: autoscalingV1.Scale,
  { replicas, reason }: { readonly replicas: number; readonly reason: string },
): Promise<void> {
  const currentReplicas = scale.spec.replicas ?? 0
  const what = `New size: ${replicas}; reason: ${reason}`
  try {
    await target.updateScale({ ...scale, spec: { ...scale.spec, replicas } })
  } catch (error) {
    if (!isStatusError(error)) throw error
    session.event('Warning', 'FailedRescale', `${what}; error: ${error.message}`)
    const message = `the HPA controller was unable to update the target scale: ${error.message}`
    session.condition('AbleToScale', 'False', 'FailedUpdateScale', message)
    return session.save({ currentReplicas })
  }
  const message = `the HPA controller was able to update the target scale to ${replicas}`
  session.condition('AbleToScale', 'True', 'SucceededRescale', message)
  session.event('Normal', 'SuccessfulRescale', what)
  return session.save({ currentReplicas, desiredReplicas: replicas, currentMetrics: null }, true)
}

/** No metrics API is served, so every metric has its problem, and the first is the reason. */
async function measure(
  session: Session,
  scale: autoscalingV1.Scale,
  rivals: Rivals,
): Promise<void> {
  const { metadata, spec } = session.autoscaler
  const currentReplicas = scale.spec.replicas ?? 0
  const { selector } = scale.status
  if (!selector) {
    const message = "the HPA target's scale is missing a selector"
    session.condition('ScalingActive', 'False', 'InvalidSelector', message)
    session.event('Warning', 'SelectorRequired', 'selector is required')
    session.event('Warning', 'FailedComputeMetricsReplicas', 'selector is required')
    return session.save({ currentReplicas, currentMetrics: null })
  }
  const sharers = rivals.of(session.autoscaler, selector)
  if (sharers.length > 1) {
    const message = `pods by selector ${selector} are controlled by multiple HPAs: [${sharers.join(' ')}]`
    session.condition('ScalingActive', 'False', 'AmbiguousSelector', message)
    session.event('Warning', 'AmbiguousSelector', message)
    session.event('Warning', 'FailedComputeMetricsReplicas', message)
    return session.save({ currentReplicas, currentMetrics: null })
  }
  const metrics = spec.metrics ?? []
  const problems = metrics.map((metric) => metricProblem(metric, metadata.namespace ?? ''))
  for (const { reason, message } of problems) session.event('Warning', reason, message)
  const [first] = problems
  if (first) {
    const message = `the HPA was unable to compute the replica count: ${first.message}`
    session.condition('ScalingActive', 'False', first.reason, message)
    const count = problems.length
    session.event(
      'Warning',
      'FailedComputeMetricsReplicas',
      `invalid metrics (${count} invalid out of ${count}), first error is: ${first.asPart}`,
    )
  }
  return session.save({ currentReplicas, currentMetrics: metrics.map(() => ({ type: '' })) })
}
