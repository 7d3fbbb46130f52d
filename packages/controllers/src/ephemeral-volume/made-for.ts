import { controllerOf, type KubeObject } from '@miniplane/api'
import { keyOf } from '@miniplane/client'

/** Whether an ephemeral volume of the Pod can be this claim. */
export const isMadeFor = (pod: KubeObject, claim: KubeObject): boolean =>
  controllerOf(claim)?.uid === pod.metadata.uid

export const notMadeFor = (pod: KubeObject, claim: KubeObject): string =>
  `PVC ${keyOf(claim)} was not created for pod ${keyOf(pod)} (pod is not owner)`
