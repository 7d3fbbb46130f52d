import type { Deployment, KubeObject, Pod } from '@miniplane/api'

type Template = Deployment['spec']['template']

/** A small Deployment, as a person would write it; `change` makes it the one a test needs. */
export function deployment(
  name: string,
  replicas: number,
  change: (spec: Deployment['spec']) => void = () => {},
): Deployment & KubeObject {
  const spec = {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'app:1' }] },
    } as unknown as Template,
    strategy: {},
  } as Deployment['spec']
  change(spec)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec,
    status: {},
  }
}

/** Ready, and not on its way out. */
export const isReady = (pod: Pod): boolean =>
  (pod.metadata.deletionTimestamp === undefined &&
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) ??
  false
