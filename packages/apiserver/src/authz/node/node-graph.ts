import type { KubeObject, PersistentVolume, PersistentVolumeClaim, Pod } from '@miniplane/api'
import type { Lister } from '../../registry/strategy.js'
import type { WatchCache } from '../../watch-cache/watch-cache.js'
import { followCache } from '../follow-cache.js'

/** What a node may come to because one of its Pods does. */
export type GraphKind =
  | 'secrets'
  | 'configmaps'
  | 'persistentvolumeclaims'
  | 'persistentvolumes'
  | 'serviceaccounts'
  | 'resourceclaims'
  | 'volumeattachments'
  | 'pods'

/**
 * Which objects a node has to do with: those that its Pods name, and what those lead to. The Pods
 * of a node are indexed from the first question on; what they name is looked up when asked.
 */
export class NodeGraph {
  readonly #lister: Lister
  readonly #podCache: () => WatchCache | undefined
  #stop: (() => void) | undefined
  readonly #byNode = new Map<string, Map<string, Pod>>()
  readonly #nodeOf = new Map<string, string>()

  /** `podCache`: undefined before there is one; nobody has Pods then. */
  constructor(lister: Lister, podCache: () => WatchCache | undefined) {
    this.#lister = lister
    this.#podCache = podCache
  }

  isRelated(node: string, kind: GraphKind, namespace: string, name: string): boolean {
    switch (kind) {
      case 'pods':
        return this.#podsOf(node).has(`${namespace}/${name}`)
      case 'volumeattachments': {
        const found = this.#lister.get('storage.k8s.io', kind, undefined, name)
        return (found as { spec?: { nodeName?: string } } | undefined)?.spec?.nodeName === node
      }
      case 'persistentvolumes':
        return this.#claims(node).some(({ spec }) => spec.volumeName === name)
      case 'secrets':
        return (
          this.#anyPod(node, namespace, (pod) => secretsOf(pod).includes(name)) ||
          this.#volumes(node).some((volume) => usesSecret(volume, namespace, name))
        )
      default:
        return this.#anyPod(node, namespace, (pod) => NAMED_BY[kind](pod).includes(name))
    }
  }

  close(): void {
    this.#stop?.()
    this.#stop = undefined
  }

  #podsOf(node: string): ReadonlyMap<string, Pod> {
    const cache = this.#podCache()
    if (!cache) return NO_PODS
    this.#stop ??= followCache(cache, {
      put: (object) => this.#put(object as Pod),
      remove: (object) => this.#remove(object),
      reset: () => {
        this.#byNode.clear()
        this.#nodeOf.clear()
      },
    })
    return this.#byNode.get(node) ?? NO_PODS
  }

  #put(pod: Pod): void {
    const key = keyOf(pod)
    const node = pod.spec.nodeName ?? ''
    if (this.#nodeOf.get(key) !== node) this.#remove(pod)
    if (!node) return
    this.#nodeOf.set(key, node)
    const pods = this.#byNode.get(node) ?? new Map<string, Pod>()
    this.#byNode.set(node, pods.set(key, pod))
  }

  #remove(pod: KubeObject): void {
    const key = keyOf(pod)
    const node = this.#nodeOf.get(key)
    if (node === undefined) return
    this.#nodeOf.delete(key)
    const pods = this.#byNode.get(node)
    pods?.delete(key)
    if (pods?.size === 0) this.#byNode.delete(node)
  }

  #anyPod(node: string, namespace: string, test: (pod: Pod) => boolean): boolean {
    for (const pod of this.#podsOf(node).values())
      if (pod.metadata.namespace === namespace && test(pod)) return true
    return false
  }

  #claims(node: string): PersistentVolumeClaim[] {
    return [...this.#podsOf(node).values()].flatMap((pod) =>
      claimsOf(pod).flatMap((name) => {
        const { namespace } = pod.metadata
        const claim = this.#lister.get('', 'persistentvolumeclaims', namespace, name)
        return claim ? [claim as PersistentVolumeClaim] : []
      }),
    )
  }

  #volumes(node: string): PersistentVolume[] {
    return this.#claims(node).flatMap(({ spec: { volumeName } }) => {
      const volume = volumeName && this.#lister.get('', 'persistentvolumes', undefined, volumeName)
      return volume ? [volume as PersistentVolume] : []
    })
  }
}

const NO_PODS: ReadonlyMap<string, Pod> = new Map()

const keyOf = ({ metadata: { namespace, name } }: KubeObject) => `${namespace}/${name}`

const NAMED_BY = {
  configmaps: configMapsOf,
  persistentvolumeclaims: claimsOf,
  serviceaccounts: ({ spec }: Pod) => (spec.serviceAccountName ? [spec.serviceAccountName] : []),
  resourceclaims: resourceClaimsOf,
} satisfies Partial<Record<GraphKind, (pod: Pod) => string[]>>

function secretsOf({ spec }: Pod): string[] {
  const names = [
    ...(spec.imagePullSecrets ?? []).map(({ name }) => name),
    ...referencesIn(spec, 'secretKeyRef', 'secretRef'),
    ...(spec.volumes ?? []).flatMap(({ secret, projected, ...volume }) => [
      secret?.secretName,
      ...(projected?.sources ?? []).map((source) => source.secret?.name),
      ...Object.values(volume).map((source) => secretNamed(source)),
    ]),
  ]
  return names.filter((name) => name !== undefined)
}

/** Volumes of other kinds (CSI, iSCSI, RBD, …) name a secret in a field of one of these names. */
function secretNamed(source: unknown): string | undefined {
  const { secretRef, nodePublishSecretRef } = (source ?? {}) as {
    secretRef?: { name?: string }
    nodePublishSecretRef?: { name?: string }
  }
  return (secretRef ?? nodePublishSecretRef)?.name
}

function configMapsOf({ spec }: Pod): string[] {
  const names = [
    ...referencesIn(spec, 'configMapKeyRef', 'configMapRef'),
    ...(spec.volumes ?? []).flatMap(({ configMap, projected }) => [
      configMap?.name,
      ...(projected?.sources ?? []).map((source) => source.configMap?.name),
    ]),
  ]
  return names.filter((name) => name !== undefined)
}

function claimsOf({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName]
    return ephemeral ? [`${metadata.name}-${name}`] : []
  })
}

function resourceClaimsOf({ spec, status }: Pod): string[] {
  const names = [
    ...(spec.resourceClaims ?? []).map(({ resourceClaimName }) => resourceClaimName),
    ...(status?.resourceClaimStatuses ?? []).map(({ resourceClaimName }) => resourceClaimName),
  ]
  return names.filter((name) => name !== undefined)
}

/** What the environments of all containers refer to. */
function referencesIn(
  spec: Pod['spec'],
  inValue: 'secretKeyRef' | 'configMapKeyRef',
  inSource: 'secretRef' | 'configMapRef',
): (string | undefined)[] {
  const containers = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ]
  return containers.flatMap(({ env, envFrom }) => [
    ...(env ?? []).map(({ valueFrom }) => valueFrom?.[inValue]?.name),
    ...(envFrom ?? []).map((source) => source[inSource]?.name),
  ])
}

/** What a volume's driver needs on the node lies in the secrets that the volume names. */
function usesSecret({ spec }: PersistentVolume, namespace: string, name: string): boolean {
  return Object.values(spec).some((source) => {
    if (source === null || typeof source !== 'object') return false
    return Object.entries(source).some(([field, reference]) => {
      if (!field.endsWith('SecretRef') && field !== 'secretRef') return false
      const { name: named, namespace: home } = reference as { name?: string; namespace?: string }
      const at = home ?? spec.claimRef?.namespace
      return named === name && at === namespace
    })
  })
}
