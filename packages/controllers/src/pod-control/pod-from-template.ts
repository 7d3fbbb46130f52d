import {
  type GroupVersionKind,
  type KubeObject,
  ownerReferenceFor,
  type Pod,
  type PodTemplateSpec,
} from '@miniplane/api'

/** A Pod as the template describes it, controlled by `owner`; the server gives it its name. */
export function podFromTemplate(
  template: PodTemplateSpec,
  owner: KubeObject,
  ownerKind: GroupVersionKind,
): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      // However long: the server cuts it before it adds its five characters.
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace ?? '',
      labels: labels ?? {},
      annotations: annotations ?? {},
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [ownerReferenceFor(owner, ownerKind)],
    },
    spec: template.spec,
    status: {},
  }
}
