import type { Pod } from '@miniplane/api'

/** What of the cluster's a Pod uses, that one of a node's own files may not. */
export function borrowedBy(spec: Pod['spec']): string | undefined {
  if (spec.serviceAccountName) return 'a service account'
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  const env = containers.flatMap((one) => one.env ?? [])
  const envFrom = containers.flatMap((one) => one.envFrom ?? [])
  const volumes = spec.volumes ?? []
  const projected = volumes.flatMap((one) => one.projected?.sources ?? [])
  if (
    spec.imagePullSecrets?.length ||
    env.some(({ valueFrom }) => valueFrom?.secretKeyRef) ||
    envFrom.some(({ secretRef }) => secretRef) ||
    volumes.some(({ secret }) => secret) ||
    projected.some(({ secret }) => secret)
  ) {
    return 'secrets'
  }
  if (
    env.some(({ valueFrom }) => valueFrom?.configMapKeyRef) ||
    envFrom.some(({ configMapRef }) => configMapRef) ||
    volumes.some(({ configMap }) => configMap) ||
    projected.some(({ configMap }) => configMap)
  ) {
    return 'configmaps'
  }
  if (volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim)) {
    return 'persistentvolumeclaims'
  }
  return undefined
}
