import { type Random, uuid } from '@miniplane/api'
import type { UserInfo } from '@miniplane/apiserver'

const AUTHENTICATED = 'system:authenticated'

/** Whom the plane's own components act as: those of a cluster that kubeadm has set up. */
export const identities = {
  controllerManager: component('system:kube-controller-manager'),
  scheduler: component('system:kube-scheduler'),
  /** Reads Pods and Nodes for all hollow nodes at once, as no real kubelet does. */
  hollowNodes: component('system:hollow-nodes', 'system:masters'),
  node: (name: string) => component(`system:node:${name}`, 'system:nodes'),
  controller: (name: string) =>
    component(
      `system:serviceaccount:kube-system:${name}`,
      'system:serviceaccounts',
      'system:serviceaccounts:kube-system',
    ),
}

function component(name: string, ...groups: string[]): UserInfo {
  return { name, groups: [...groups, AUTHENTICATED] }
}

/** Makes tokens for the plane's own components; they never leave the process. */
export class ComponentTokens {
  readonly #random: Random
  readonly #users = new Map<string, UserInfo>()

  constructor(random: Random) {
    this.#random = random
  }

  issue(user: UserInfo): string {
    const token = uuid(this.#random)
    this.#users.set(token, user)
    return token
  }

  readonly userOf = (token: string): UserInfo | undefined => this.#users.get(token)
}
