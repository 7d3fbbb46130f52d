import { isPodTerminal, type Pod } from '@miniplane/api'

/** The claims that a Pod's volumes come from; those made for it alone only until it has ended. */
export function claimNamesOf(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName]
    return ephemeral && !isPodTerminal(pod) ? [`${pod.metadata.name}-${name}`] : []
  })
}
