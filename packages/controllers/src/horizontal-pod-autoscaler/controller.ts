import {
  type autoscalingV1,
  formatTime,
  gvkOf,
  type HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerCondition,
  type HorizontalPodAutoscalerStatus,
  type KubeObject,
  semanticEqual,
  setCondition,
} from '@miniplane/api'
import { keyOf, type ResourceRef, resources } from '@miniplane/client'
import type { EveryResource } from '../every-resource/every-resource.js'
import { type Change, type Controller, type Work, watch } from '../manager/controller.js'
import { isSwitchedOff, type Rescale, rescaleToBounds } from './bounds.js'
import { metricFailure } from './metrics.js'

type AutoscalerObject = HorizontalPodAutoscaler & KubeObject

/**
 * Keeps targets within the bounds of their autoscalers. There are no metrics to go by, which is
 * said in the words of a real cluster without a metrics server.
 */
export const horizontalPodAutoscalerController: Controller = {
  name: 'horizontal-pod-autoscaler',

  start({ informer, everyResource, clock }) {
    const autoscalers = informer(resources.horizontalPodAutoscalers).cache
    const keysFor =
      (kind: string) =>
      ({ type, object, old }: Change<ScaledObject>) => {
        if (type === 'updated' && old?.spec.replicas === object.spec.replicas) return []
        return autoscalers
          .list(object.metadata.namespace ?? '')
          .filter(
            ({ spec: { scaleTargetRef } }) =>
              scaleTargetRef.kind === kind && scaleTargetRef.name === object.metadata.name,
          )
          .map(keyOf)
      }

    return {
      watches: [
        watch(resources.horizontalPodAutoscalers, ({ type, object, old }) =>
          type === 'deleted' || (old && semanticEqual(old.spec, object.spec))
            ? []
            : [keyOf(object)],
        ),
        watch(resources.deployments, keysFor('Deployment')),
        watch(resources.replicaSets, keysFor('ReplicaSet')),
        watch(resources.statefulSets, keysFor('StatefulSet')),
        watch(resources.replicationControllers, keysFor('ReplicationController')),
      ],
      synced: () => everyResource.follow(() => {}),
      async reconcile(key, work) {
        const autoscaler = autoscalers.get(key)
        if (autoscaler) await new Session(autoscaler, clock.now(), work).run(everyResource)
        return undefined
      },
    }
  },
}

type ScaledObject = KubeObject & { readonly spec: { readonly replicas?: number } }

/** One look at one autoscaler; collects its conditions and writes them at the end. */
class Session {
  readonly #autoscaler: AutoscalerObject
  readonly #nowMs: number
  readonly #work: Work
  #conditions: HorizontalPodAutoscalerCondition[]

  constructor(autoscaler: AutoscalerObject, nowMs: number, work: Work) {
    this.#autoscaler = autoscaler
    this.#nowMs = nowMs
    this.#work = work
    this.#conditions = autoscaler.status.conditions ?? []
  }

  async run(everyResource: EveryResource): Promise<void> {
    const found = await this.#scale(everyResource)
    if (found === undefined) return this.#write({})
    const { ref, scale } = found
    this.#set(
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    )
    const current = scale.spec.replicas ?? 0
    const { desiredReplicas } = this.#autoscaler.status
    if (isSwitchedOff(this.#autoscaler, current)) {
      this.#set(
        'ScalingActive',
        'False',
        'ScalingDisabled',
        'scaling is disabled since the replica count of the target is zero',
      )
      return this.#write({ currentReplicas: current, desiredReplicas: 0 })
    }
    const rescale = rescaleToBounds(this.#autoscaler, current)
    if (rescale === undefined) {
      this.#reportMetrics()
      return this.#write({ currentReplicas: current, desiredReplicas })
    }
    await this.#rescale(ref, scale, rescale)
    return this.#write({
      currentReplicas: current,
      desiredReplicas: rescale.to,
      lastScaleTime: formatTime(this.#nowMs),
    })
  }

  /** Undefined, and reported, when the target can't be asked. */
  async #scale(
    everyResource: EveryResource,
  ): Promise<{ ref: ResourceRef; scale: autoscalingV1.Scale } | undefined> {
    const { scaleTargetRef } = this.#autoscaler.spec
    const { namespace = '' } = this.#autoscaler.metadata
    const { apiVersion = 'v1', kind, name } = scaleTargetRef
    try {
      const ref = everyResource.byKind(gvkOf(apiVersion, kind))
      if (ref === undefined) {
        throw new Error(`no matches for kind "${kind}" in group "${gvkOf(apiVersion, kind).group}"`)
      }
      return { ref, scale: await this.#work.client.of(ref).getScale(name, { namespace }) }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      this.#event('Warning', 'FailedGetScale', text)
      this.#set(
        'AbleToScale',
        'False',
        'FailedGetScale',
        `the HPA controller was unable to get the target's current scale: ${text}`,
      )
      return undefined
    }
  }

  async #rescale(
    ref: ResourceRef,
    scale: autoscalingV1.Scale,
    { to, reason }: Rescale,
  ): Promise<void> {
    const { namespace = '' } = this.#autoscaler.metadata
    const updated = { ...scale, spec: { ...scale.spec, replicas: to } }
    await this.#work.client.of(ref).updateScale(updated, { namespace })
    this.#event('Normal', 'SuccessfulRescale', `New size: ${to}; reason: ${reason}`)
    this.#set(
      'AbleToScale',
      'True',
      'SucceededRescale',
      `the HPA controller was able to update the target scale to ${to}`,
    )
  }

  #reportMetrics(): void {
    const metrics = this.#autoscaler.spec.metrics ?? []
    const failures = metrics.map(metricFailure)
    const [first] = failures
    if (first === undefined) return
    for (const { reason, message } of failures) this.#event('Warning', reason, message)
    const count = failures.length
    const summary = `invalid metrics (${count} invalid out of ${count}), first error is: ${first.summarized}`
    this.#event('Warning', 'FailedComputeMetricsReplicas', summary)
    this.#set(
      'ScalingActive',
      'False',
      first.reason,
      `the HPA was unable to compute the replica count: ${first.message}`,
    )
  }

  #set(type: string, status: 'True' | 'False', reason: string, message: string): void {
    const condition = { type, status, reason, message }
    this.#conditions = setCondition(this.#conditions, condition, this.#nowMs)
  }

  async #write(changes: Partial<HorizontalPodAutoscalerStatus>): Promise<void> {
    const { status: old } = this.#autoscaler
    const status = { ...old, ...changes, conditions: this.#conditions }
    if (semanticEqual(old, status)) return
    const client = this.#work.client.of(resources.horizontalPodAutoscalers)
    await client.updateStatus({ ...this.#autoscaler, status })
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#work.event(this.#autoscaler, resources.horizontalPodAutoscalers, {
      type,
      reason,
      message,
    })
  }
}
