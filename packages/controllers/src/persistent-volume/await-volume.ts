import type { KubeObject, Pod, StorageClass } from '@miniplane/api'
import { type Cache, resources } from '@miniplane/client'
import type { Work } from '../manager/controller.js'
import { claimNamesOf } from '../volume-protection/pod-claims.js'
import type { ClaimObject } from './bind.js'

export type ClassObject = StorageClass & KubeObject

/** The node that the scheduler has chosen for the claim's Pod. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
/** Tells a provisioner that the claim is its own; the second name is the older one. */
const PROVISIONERS = [
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
] as const
/** Plugins that were once a part of Kubernetes. None of them is left. */
const IN_TREE = 'kubernetes.io/'

export const isDelayed = (storageClass: ClassObject | undefined): boolean =>
  storageClass?.volumeBindingMode === 'WaitForFirstConsumer'

/** There is no volume for the claim: asks whoever makes some, and says what is waited for. */
export async function awaitVolume(
  claim: ClaimObject,
  storageClass: ClassObject | undefined,
  pods: Cache<Pod & KubeObject>,
  work: Work,
): Promise<void> {
  const report = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    work.event(claim, resources.persistentVolumeClaims, { type, reason, message })
  const { storageClassName = '' } = claim.spec
  const isPlaced = claim.metadata.annotations?.[SELECTED_NODE] !== undefined
  if (isDelayed(storageClass) && !isPlaced) {
    const [reason, message] = consumers(claim, pods)
    return report('Normal', reason, message)
  }
  if (storageClassName === '') {
    const text = 'no persistent volumes available for this claim and no storage class is set'
    return report('Normal', 'FailedBinding', text)
  }
  if (!storageClass) {
    const text = `storageclass.storage.k8s.io "${storageClassName}" not found`
    return report('Warning', 'ProvisioningFailed', text)
  }
  const { provisioner } = storageClass
  if (provisioner.startsWith(IN_TREE)) {
    const text = `no volume plugin matched name: ${provisioner}`
    return report('Warning', 'ProvisioningFailed', text)
  }
  await askProvisioner(claim, provisioner, work)
  const text = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
  report('Normal', 'ExternalProvisioning', text)
}

/** Pods that use the claim and have no node; the first that gets one decides. */
function consumers(
  { metadata }: ClaimObject,
  pods: Cache<Pod & KubeObject>,
): [reason: string, message: string] {
  const waiting = pods
    .list(metadata.namespace ?? '')
    .filter((pod) => !pod.spec.nodeName && claimNamesOf(pod).includes(metadata.name ?? ''))
    .map((pod) => pod.metadata.name)
  if (waiting.length === 0)
    return ['WaitForFirstConsumer', 'waiting for first consumer to be created before binding']
  const noun = waiting.length > 1 ? 'pods' : 'pod'
  return ['WaitForPodScheduled', `waiting for ${noun} ${waiting.join(',')} to be scheduled`]
}

async function askProvisioner(claim: ClaimObject, name: string, { client }: Work): Promise<void> {
  const { metadata } = claim
  if (PROVISIONERS.every((key) => metadata.annotations?.[key] === name)) return
  const marks = Object.fromEntries(PROVISIONERS.map((key) => [key, name]))
  const annotations = { ...metadata.annotations, ...marks }
  const marked = { ...claim, metadata: { ...metadata, annotations } }
  await client.of(resources.persistentVolumeClaims).update(marked)
}
