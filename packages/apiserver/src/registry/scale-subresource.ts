import {
  FieldPath,
  invalid,
  invalidValue,
  type KubeObject,
  type LabelSelector,
  labelSelectorFrom,
  labelsMatcher,
} from '@miniplane/api'
import type { SubresourceStrategy } from './strategy.js'

interface Scalable extends KubeObject {
  spec?: { replicas?: number; selector?: LabelSelector | Record<string, string> }
  status?: { replicas?: number }
}

/**
 * A view of the whole object: what is written through it is an update like any other. (Without
 * `prepareForUpdate` of its own, a subresource with `inject` is bound by the kind's rules.)
 *
 * Shows and sets the number of replicas of a workload as `autoscaling/v1 Scale`. `selector` says
 * whether `spec.selector` is a LabelSelector or, as in a ReplicationController, a plain map.
 */
export function scaleSubresource(selector: 'labelSelector' | 'map'): SubresourceStrategy {
  return {
    project(stored) {
      const { spec, status } = stored as Scalable
      const { name, namespace, uid, resourceVersion, creationTimestamp } = stored.metadata
      const text = selectorText(spec?.selector, selector)
      return {
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: {
          ...(name !== undefined && { name }),
          ...(namespace !== undefined && { namespace }),
          ...(uid !== undefined && { uid }),
          ...(resourceVersion !== undefined && { resourceVersion }),
          ...(creationTimestamp && { creationTimestamp }),
        },
        spec: spec?.replicas ? { replicas: spec.replicas } : {},
        status: { replicas: status?.replicas ?? 0, ...(text !== '' && { selector: text }) },
      }
    },

    inject(stored, sent) {
      const replicas = (sent as Scalable).spec?.replicas ?? 0
      refuseNegative(replicas, sent.metadata.name ?? '')
      const metadata = { ...stored.metadata }
      const { resourceVersion } = sent.metadata
      if (resourceVersion === undefined) delete metadata.resourceVersion
      else metadata.resourceVersion = resourceVersion
      return { ...stored, metadata, spec: { ...(stored as Scalable).spec, replicas } }
    },
  }
}

function refuseNegative(replicas: number, name: string): void {
  if (replicas >= 0) return
  const detail = 'must be greater than or equal to 0'
  throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
    invalidValue(FieldPath.of('spec', 'replicas'), replicas, detail),
  ])
}

function selectorText(selector: unknown, form: 'labelSelector' | 'map'): string {
  if (!selector) return ''
  return form === 'map'
    ? labelsMatcher(selector as Record<string, string>).toString()
    : labelSelectorFrom(selector as LabelSelector).toString()
}
