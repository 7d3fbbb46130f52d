import type { Container, CronJob, KubeObject, PodSpec, PodTemplateSpec } from '@miniplane/api'

/** The Pod that an object is or makes; undefined for kinds that make none. */
export function podTemplateOf(object: KubeObject): PodTemplateSpec | undefined {
  switch (object.kind) {
    case 'Pod':
      return object as unknown as PodTemplateSpec
    case 'CronJob':
      return (object as unknown as CronJob).spec?.jobTemplate?.spec?.template
    case 'Deployment':
    case 'DaemonSet':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'Job':
    case 'ReplicationController':
      return (object.spec as { template?: PodTemplateSpec } | undefined)?.template
    default:
      return undefined
  }
}

export const podSpecOf = (object: KubeObject): PodSpec | undefined => podTemplateOf(object)?.spec

/** Containers whose names match a pattern such as `*` or `web-*`, init containers last. */
export function selectContainers(spec: PodSpec, pattern: string): Container[] {
  const expression = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  const matches = new RegExp(`^${expression}$`)
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  return all.filter(({ name = '' }) => matches.test(name))
}
