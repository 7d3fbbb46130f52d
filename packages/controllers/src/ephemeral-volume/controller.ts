import {
  type coreV1,
  isPodTerminal,
  type KubeObject,
  ownerReferenceFor,
  type PersistentVolumeClaim,
  type Pod,
} from '@miniplane/api'
import { keyOf, resources } from '@miniplane/client'
import { type Controller, type Work, watch } from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'
import { isMadeFor, notMadeFor } from './made-for.js'

type PodObject = Pod & KubeObject

/** Makes the claims of volumes that live and die with their Pod. */
export const ephemeralVolumeController: Controller = {
  name: 'ephemeral-volume-controller',
  eventSource: 'ephemeral_volume',

  start({ informer }) {
    const pods = informer(resources.pods).cache
    const claims = informer(resources.persistentVolumeClaims).cache
    return {
      watches: [
        watch(resources.pods, ({ type, object }) =>
          type !== 'deleted' && ephemeralVolumes(object).length > 0 ? [keyOf(object)] : [],
        ),
        watch(resources.persistentVolumeClaims, ({ type, object }) => {
          if (type !== 'deleted') return []
          const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === 'Pod')
          return owner ? [`${object.metadata.namespace}/${owner.name}`] : []
        }),
      ],
      async reconcile(key, work) {
        const pod = pods.get(key)
        if (!pod || pod.metadata.deletionTimestamp || isPodTerminal(pod)) return undefined
        for (const volume of ephemeralVolumes(pod)) {
          const claim = claimFor(pod, volume)
          const existing = claims.get(keyOf(claim))
          if (!existing) await create(pod, volume, claim, work)
          else if (!isMadeFor(pod, existing)) {
            const problem = notMadeFor(pod, existing)
            report(pod, volume, problem, work)
            throw new Error(problem)
          }
        }
        return undefined
      },
    }
  },
}

interface EphemeralVolume {
  readonly name: string
  readonly template: coreV1.PersistentVolumeClaimTemplate
}

const ephemeralVolumes = ({ spec }: Pod): EphemeralVolume[] =>
  (spec.volumes ?? []).flatMap(({ name, ephemeral }) =>
    ephemeral?.volumeClaimTemplate ? [{ name, template: ephemeral.volumeClaimTemplate }] : [],
  )

function claimFor(
  pod: PodObject,
  { name, template }: EphemeralVolume,
): PersistentVolumeClaim & KubeObject {
  const { labels, annotations } = template.metadata ?? {}
  return {
    metadata: {
      name: `${pod.metadata.name}-${name}`,
      namespace: pod.metadata.namespace ?? '',
      ownerReferences: [ownerReferenceFor(pod, resources.pods)],
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    },
    spec: template.spec,
    status: {},
  }
}

async function create(
  pod: PodObject,
  volume: EphemeralVolume,
  claim: PersistentVolumeClaim & KubeObject,
  work: Work,
): Promise<void> {
  try {
    await work.client.of(resources.persistentVolumeClaims).create(claim)
  } catch (error) {
    if (!isNamespaceTerminating(error)) {
      const why = error instanceof Error ? error.message : String(error)
      report(pod, volume, `create PVC ${claim.metadata.name}: ${why}`, work)
    }
    throw error
  }
}

function report(pod: PodObject, { name }: EphemeralVolume, why: string, work: Work): void {
  const message = `ephemeral volume ${name}: ${why}`
  work.event(pod, resources.pods, { type: 'Warning', reason: 'FailedBinding', message })
}
