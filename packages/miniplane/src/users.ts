import { type Random, uuid } from '@miniplane/api'

/** The plane's own components, each known by a token of its own. */
export type Component = 'kube-controller-manager' | 'kube-scheduler' | 'kubelet'

const IDENTITIES: Record<Component, { name: string; groups: string[] }> = {
  'kube-controller-manager': { name: 'system:kube-controller-manager', groups: [] },
  'kube-scheduler': { name: 'system:kube-scheduler', groups: [] },
  // One hollow kubelet runs all nodes, so it is known as the group and not as one of them.
  kubelet: { name: 'system:node:hollow', groups: ['system:nodes'] },
}

/** Makes a token for each component; they never leave the process. */
export function componentUsers(random: Random) {
  const tokens = new Map<Component, string>()
  for (const component of Object.keys(IDENTITIES) as Component[])
    tokens.set(component, uuid(random))
  return {
    tokenOf(component: Component): string {
      return tokens.get(component) ?? ''
    },
    all() {
      return [...tokens].map(([component, token]) => ({ token, user: IDENTITIES[component] }))
    },
  }
}
