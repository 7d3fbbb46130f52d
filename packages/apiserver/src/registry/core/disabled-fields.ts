import type { PodSpec } from '@miniplane/api'

/**
 * Drops what belongs to features that a server has off by default: alpha ones (schedulingGroup,
 * stopSignal), and projections of beta APIs, which are off until somebody asks for them.
 */
export function dropDisabledFields(spec: PodSpec | undefined): void {
  if (!spec) return
  delete spec.schedulingGroup
  for (const list of [spec.initContainers, spec.containers, spec.ephemeralContainers]) {
    for (const container of list ?? []) {
      if (!container.lifecycle?.stopSignal) continue
      delete container.lifecycle.stopSignal
      if (Object.keys(container.lifecycle).length === 0) delete container.lifecycle
    }
  }
  for (const { projected } of spec.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      delete source.clusterTrustBundle
      delete source.podCertificate
    }
  }
}
