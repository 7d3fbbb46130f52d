import {
  type GroupVersionKind,
  type KubeObject,
  ownerReferenceFor,
  type Pod,
  type PodTemplateSpec,
} from '@miniplane/api'

/** The server adds five characters to a prefix, and a Pod's name has at most 63 useful ones. */
const PREFIX_MAX = 58

/** What the owner's Pods begin with; a dash where it fits. */
const prefixFor = (ownerName: string): string =>
  ownerName.length < PREFIX_MAX ? `${ownerName}-` : ownerName

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
      generateName: prefixFor(owner.metadata.name ?? ''),
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
